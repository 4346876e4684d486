/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Lines of a dump, written as they come. */
#include "dump_private.h"

void dump_put_char(struct dump_line *line, char c)
{
	if (line->column < LINE_WIDTH) {
		dump_putc(c);
		line->column++;
	}
}

void dump_put_text(struct dump_line *line, const char *text)
{
	while (*text)
		dump_put_char(line, *text++);
}

void dump_put_hex(struct dump_line *line, u64 value, u32 digits)
{
	while (digits--)
		dump_put_char(line, "0123456789abcdef"[(value >> (4 * digits)) & 15]);
}

u32 dump_digits_of(u64 value)
{
	u32 digits = 1;

	while (digits < 16 && value >> (4 * digits))
		digits++;
	return digits;
}

void dump_put_hex_short(struct dump_line *line, u64 value)
{
	dump_put_hex(line, value, dump_digits_of(value));
}

void dump_pad_to(struct dump_line *line, u32 column, char c)
{
	while (line->column < column)
		dump_put_char(line, c);
}

void dump_end_line(struct dump_line *line)
{
	dump_putc('\n');
	line->column = 0;
}
