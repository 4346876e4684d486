/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "image.h"

#define COM1 0x3f8
#define LINE_STATUS (COM1 + 5)
#define TRANSMITTER_EMPTY 0x20
#define WAIT_LIMIT 100000		/* looks at a port that may not be there */

static void put_char(char c)
{
	for (unsigned int i = 0; i < WAIT_LIMIT && !(inb(LINE_STATUS) & TRANSMITTER_EMPTY); i++)
		continue;
	outb(COM1, (uint8_t)c);
}

void put_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			put_char('\r');
		put_char(*text);
	}
}

static void put_number(uint32_t value, uint32_t base, unsigned int digits)
{
	char text[16];
	unsigned int at = sizeof(text) - 1;

	text[at] = '\0';
	do {
		text[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (at && (value || sizeof(text) - 1 - at < digits));
	put_text(text + at);
}

void put_decimal(uint32_t value, unsigned int digits)
{
	put_number(value, 10, digits);
}

void put_hex(uint32_t value, unsigned int digits)
{
	put_number(value, 16, digits);
}
