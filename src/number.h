/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Numbers out of text that a person or a loader wrote: never cut, never wrapped. */
#ifndef TRAPEZE_NUMBER_H
#define TRAPEZE_NUMBER_H

#include "types.h"

/*
 * The digits of `base` (10 or 16, or 8) at the start of `text`. Returns the first character behind them, or NULL, *number
 * undefined, when there is none or the number is above `max`.
 */
const char *number_digits(const char *text, u32 base, u64 max, u64 *number) MUST_CHECK;
/* The base that a prefix tells: 0x, and where `octal` is set a leading 0; otherwise 10. *text moves behind 0x. */
u32 number_base(const char **text, bool octal);
/* `length` characters of a longer text, all of them one number: decimal, or hexadecimal behind 0x. */
bool number_word(const char *word, size_t length, u64 *number) MUST_CHECK;
/* A whole text: a number in C's notation, with K, M, G, T, P or E behind it or without. */
bool number_size(const char *text, u64 *number) MUST_CHECK;
/* The same at the start of a text; returns the first character behind it, or NULL. */
const char *number_size_prefix(const char *text, u64 *number) MUST_CHECK;

#endif
