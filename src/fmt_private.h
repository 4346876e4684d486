/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What fmt.c, for what is plain, and fmt_field.c, for everything else, share. */
#ifndef TRAPEZE_FMT_PRIVATE_H
#define TRAPEZE_FMT_PRIVATE_H

#include <stdarg.h>

#include "types.h"

struct sink {
	char *at, *end;			/* where the next byte goes; where the NUL goes at the latest */
	char *last_word;		/* the last place that has room for a word */
	size_t lost;			/* bytes that did not fit */
	bool is_printable;		/* of arguments only printable ASCII, and '?' for everything else */
};

/* va_list may be an array type, so it travels in a struct where a function has to advance the caller's. */
struct arguments {
	va_list list;
};

#define DIGITS_MAX 24			/* 2^64 - 1 has 20 decimal digits; in words */

/* Digits of value, the last one just before `end`; returns the first. None for 0. */
char *fmt_decimal_digits(char *end, u64 value);
char *fmt_hex_digits(char *end, u64 value, bool upper);

/* `at` is a '%'; returns the place behind its letter. */
const char *fmt_conversion(struct sink *sink, const char *at, struct arguments *args);

static inline void put_char(struct sink *sink, char c)
{
	if (sink->at < sink->end)
		*sink->at++ = c;
	else
		sink->lost++;
}

/* What came as an argument. */
void fmt_put_foreign(struct sink *sink, const char *text, size_t length);

#endif
