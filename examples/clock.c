/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Protected mode: reads the real-time clock by its ports. The result is the year. */
#include "image.h"

#define INDEX 0x70
#define DATA 0x71
#define STATUS_A 0x0a
#define UPDATING 0x80
#define STATUS_B 0x0b
#define BINARY 0x04

enum { SECONDS = 0, MINUTES = 2, HOURS = 4, DAY = 7, MONTH = 8, YEAR = 9 };

uint32_t main(void);

static uint8_t read_register(uint8_t number)
{
	outb(INDEX, number);
	return inb(DATA);
}

static uint32_t read_number(uint8_t number)
{
	uint8_t value;

	while (read_register(STATUS_A) & UPDATING)
		continue;
	value = read_register(number);
	return read_register(STATUS_B) & BINARY ? value : (value >> 4) * 10u + (value & 15);
}

static void put_part(const char *before, uint8_t number)
{
	put_text(before);
	put_decimal(read_number(number), 2);
}

uint32_t main(void)
{
	uint32_t year = 2000 + read_number(YEAR);

	put_text("clock: ");
	put_decimal(year, 4);
	put_part("-", MONTH);
	put_part("-", DAY);
	put_part(" ", HOURS);
	put_part(":", MINUTES);
	put_part(":", SECONDS);
	put_text("\n");
	return year;
}
