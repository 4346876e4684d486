/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Text a machine word at a time. The tests below set the top bit of a byte in their result: the lowest such byte is the first that was
 * looked for, or, of other bytes, one that is not ASCII; what is above it can be anything. 0: what was looked for is not in the word.
 */
#ifndef TRAPEZE_TEXT_WORD_H
#define TRAPEZE_TEXT_WORD_H

#include "copy.h"
#include "types.h"

#define TEXT_WORD sizeof(copy_word)
#define TEXT_EVERY(byte) (~(uintptr_t)0 / 0xff * (byte))

/* Below ' ': the NUL of a text that is printable. */
static inline uintptr_t text_find_end(uintptr_t word)
{
	return (word - TEXT_EVERY(' ')) & TEXT_EVERY(0x80);
}

/* Below ' ' (the NUL too) or above '~'. */
static inline uintptr_t text_find_unprintable(uintptr_t word)
{
	return ((word - TEXT_EVERY(' ')) | (word + TEXT_EVERY(1))) & TEXT_EVERY(0x80);
}

/* Below ' ' (the NUL too), or '%', which takes the place of the ' ' when it goes there and all up to '?' are exchanged in pairs. */
static inline uintptr_t text_find_percent(uintptr_t word)
{
	return ((word ^ TEXT_EVERY('%' ^ ' ')) - TEXT_EVERY(' ' + 1)) & TEXT_EVERY(0x80);
}

/* Bytes before the lowest that a test found. */
static inline size_t text_before(uintptr_t found)
{
	return (size_t)__builtin_ctzl(found) / 8;
}

/* The last place from `text` on where a word can be read, whatever is there: memory is there, or is not, by whole pages. */
static inline const char *text_last_word(const char *text)
{
	return text + (~(uintptr_t)text & (PAGE_SIZE - 1)) - (TEXT_WORD - 1);
}

/* Of half a word, the lower one: a word of lower case hex digits, those of its highest bits first. */
static inline uintptr_t text_hex_digits(uintptr_t half)
{
	const uintptr_t ones = ~(uintptr_t)0;
	uintptr_t digits = half & ones >> TEXT_WORD * 4;

	if (TEXT_WORD == 8)
		digits = (digits | digits << TEXT_WORD * 2) & ones / 0x10001;
	digits = (digits | digits << 8) & ones / 0x101;
	digits = (digits | digits << 4) & TEXT_EVERY(0x0f);
	/* A carry into the digit's high half tells a letter. */
	digits += TEXT_EVERY('0') + ((digits + TEXT_EVERY(6)) >> 4 & TEXT_EVERY(1)) * ('a' - '0' - 10);
	return TEXT_WORD == 8 ? __builtin_bswap64(digits) : __builtin_bswap32((u32)digits);
}

/* Bytes behind the text's end, which nobody looks at, are no overrun. */
static inline __attribute__((no_sanitize("address"))) uintptr_t text_word(const char *text)
{
	return *(const copy_word *)text;
}

#endif
