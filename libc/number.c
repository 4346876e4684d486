/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

/* The value of a digit in any base up to 36; UINT_MAX for anything else. */
static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
		return (unsigned int)((c | 0x20) - 'a') + 10;
	return UINT_MAX;
}

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		s++;
	return s;
}

/* Step over "0x" where a hexadecimal digit follows, and settle base 0. */
static const char *skip_prefix(const char *s, unsigned int *base)
{
	bool hex = s[0] == '0' && (s[1] | 0x20) == 'x' && digit_value(s[2]) < 16;

	if (!*base)
		*base = hex ? 16 : s[0] == '0' ? 8 : 10;
	return hex && *base == 16 ? s + 2 : s;
}

/* The C standard's strtoull (C11, 7.22.1.4), with the largest value given by the caller. */
static unsigned long long parse(const char *s, char **end, unsigned int base, unsigned long long max)
{
	const char *at = skip_blanks(s), *digits;
	bool negative = *at == '-', overflow = false;
	unsigned long long value = 0;

	if (*at == '-' || *at == '+')
		at++;
	at = skip_prefix(at, &base);
	for (digits = at; digit_value(*at) < base; at++) {
		overflow |= __builtin_mul_overflow(value, base, &value);
		overflow |= __builtin_add_overflow(value, digit_value(*at), &value) || value > max;
	}
	if (end)
		*end = (char *)(at == digits ? s : at);
	if (overflow)
		return max;
	return negative ? -value : value;
}

unsigned long strtoul(const char *s, char **end, int base)
{
	return (unsigned long)parse(s, end, (unsigned int)base, ULONG_MAX);
}

unsigned long long strtoull(const char *s, char **end, int base)
{
	return parse(s, end, (unsigned int)base, ULLONG_MAX);
}
