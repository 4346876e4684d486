/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "printable.h"

#include <string.h>

static size_t escape(char *to, u8 byte)
{
	static const char digits[] = "0123456789abcdef";

	to[0] = '\\';
	to[1] = 'x';
	to[2] = digits[byte >> 4];
	to[3] = digits[byte & 15];
	return 4;
}

char *printable(char *buf, size_t size, const char *text, size_t length)
{
	static const char cut[] = "...";
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		size_t width = is_printable(text[i]) ? 1 : 4;

		if (size - used < width + sizeof(cut)) {
			memcpy(buf + used, cut, sizeof(cut));
			return buf;
		}
		if (width == 1)
			buf[used++] = text[i];
		else
			used += escape(buf + used, (u8)text[i]);
	}
	buf[used] = '\0';
	return buf;
}
