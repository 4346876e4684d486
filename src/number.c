/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "number.h"

#include <string.h>

static u32 digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (u32)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (u32)(c - 'a') + 10 : 16;
}

const char *number_digits(const char *text, u32 base, u64 max, u64 *number)
{
	const char *first = text;
	u64 value = 0;

	for (; digit_value(*text) < base; text++) {
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, (u64)digit_value(*text), &value) || value > max)
			return NULL;
	}
	*number = value;
	return text == first ? NULL : text;
}

u32 number_base(const char **text, bool octal)
{
	if ((*text)[0] != '0')
		return 10;
	if (((*text)[1] | 0x20) == 'x') {
		*text += 2;
		return 16;
	}
	return octal ? 8 : 10;
}

bool number_word(const char *word, size_t length, u64 *number)
{
	const char *end = word + length;
	u32 base = number_base(&word, false);

	return number_digits(word, base, UINT64_MAX, number) == end;
}

const char *number_size_prefix(const char *text, u64 *number)
{
	static const char suffixes[] = "KMGTPE";
	u32 base = number_base(&text, true);
	const char *rest = number_digits(text, base, UINT64_MAX, number), *suffix;
	u32 shift;

	suffix = rest ? memchr(suffixes, *rest & ~0x20, strlen(suffixes)) : NULL;
	if (!suffix)
		return rest;
	shift = 10 * (u32)(suffix - suffixes + 1);
	if (*number >> (64 - shift))
		return NULL;
	*number <<= shift;
	return rest + 1;
}

bool number_size(const char *text, u64 *number)
{
	const char *rest = number_size_prefix(text, number);

	return rest && !*rest;
}
