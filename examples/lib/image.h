/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What an image without an operating system needs at least, in every mode: ports, and text on the first serial port. */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdint.h>

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* COM1, at the rate that it has. */
void put_text(const char *text);
/* At least `digits` of them. */
void put_decimal(uint32_t value, unsigned int digits);
void put_hex(uint32_t value, unsigned int digits);

#endif
