/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "payload.h"

#define COM1 0x3f8
#define LINE_STATUS (COM1 + 5)
#define TRANSMITTER_EMPTY 0x20

/* At 115200 baud a byte takes 87 us; a port read takes about one. */
#define WAIT_LIMIT 100000

static void put_byte(char c)
{
	for (u32 i = 0; i < WAIT_LIMIT && !(in8(LINE_STATUS) & TRANSMITTER_EMPTY); i++)
		continue;
	out8(COM1, (u8)c);
}

static void put_char(char c)
{
	if (c == '\n')
		put_byte('\r');
	put_byte(c);
}

/* Schoolbook division, bit by bit: 32-bit code has no division of 64-bit numbers without a library. */
static u64 divide(u64 value, u32 base, u32 *rest)
{
	u64 quotient = 0, remainder = 0;

	for (int bit = 63; bit >= 0; bit--) {
		remainder = remainder << 1 | (value >> bit & 1);
		if (remainder >= base) {
			remainder -= base;
			quotient |= 1ull << bit;
		}
	}
	*rest = (u32)remainder;
	return quotient;
}

static void put_number(u64 value, u32 base, u32 digits)
{
	char text[24];
	u32 count = 0, digit;

	do {
		value = divide(value, base, &digit);
		text[count++] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
	} while (value || count < digits);
	while (count)
		put_char(text[--count]);
}

static void put_text(const char *text, int limit)
{
	for (int i = 0; i != limit && text[i]; i++)
		put_char(text[i]);
}

/* Does the format go on with `word`? */
static bool is_next(const char *format, const char *word)
{
	for (; *word; format++, word++)
		if (*format != *word)
			return false;
	return true;
}

void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	for (; *format; format++) {
		if (*format != '%') {
			put_char(*format);
		} else if (is_next(format, "%.*s")) {
			int limit = va_arg(args, int);

			put_text(va_arg(args, const char *), limit);
			format += 3;
		} else if (is_next(format, "%08x")) {
			put_number(va_arg(args, u32), 16, 8);
			format += 3;
		} else if (is_next(format, "%llx") || is_next(format, "%llu")) {
			put_number(va_arg(args, u64), format[3] == 'x' ? 16 : 10, 1);
			format += 3;
		} else if (is_next(format, "%u")) {
			put_number(va_arg(args, u32), 10, 1);
			format++;
		} else if (is_next(format, "%s")) {
			put_text(va_arg(args, const char *), -1);
			format++;
		} else if (is_next(format, "%c")) {
			put_char((char)va_arg(args, int));
			format++;
		} else {
			put_char('%');
			format += format[1] == '%';
		}
	}
	va_end(args);
}
