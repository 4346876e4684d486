/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Blocks of bytes. Compiled with -fno-tree-loop-distribute-patterns, or a loop here becomes a call to itself. */
#include <string.h>

#include "rep.h"

/* A word anywhere in memory, over objects of any type. */
typedef unsigned long word_t __attribute__((may_alias, aligned(1)));

#define WORD sizeof(word_t)

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	void *d = to;
	const void *s = from;

	rep_movs_words(&d, &s, size / WORD);
	rep_movs_bytes(&d, &s, size % WORD);
	return to;
}

static inline void copy_word(unsigned char *to, const unsigned char *from, size_t at)
{
	*(word_t *)(to + at) = *(const word_t *)(from + at);
}

/* From the last byte to the first; the string instructions run downwards at byte speed only. */
static void copy_down(unsigned char *to, const unsigned char *from, size_t size)
{
	for (; size % WORD; size--)
		to[size - 1] = from[size - 1];
	for (; size % (4 * WORD); size -= WORD)
		copy_word(to, from, size - WORD);
	for (; size; size -= 4 * WORD) {
		copy_word(to, from, size - WORD);
		copy_word(to, from, size - 2 * WORD);
		copy_word(to, from, size - 3 * WORD);
		copy_word(to, from, size - 4 * WORD);
	}
}

void *memmove(void *to, const void *from, size_t size)
{
	if ((size_t)((const char *)to - (const char *)from) >= size)
		return memcpy(to, from, size);
	copy_down(to, from, size);
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	unsigned long pattern = (unsigned char)byte * (~0ul / 0xff);
	void *d = to;

	rep_stos_words(&d, pattern, size / WORD);
	rep_stos_bytes(&d, pattern, size % WORD);
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *x = a, *y = b;

	while (size >= WORD && *(const word_t *)x == *(const word_t *)y) {
		x += WORD;
		y += WORD;
		size -= WORD;
	}
	for (; size; x++, y++, size--)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *data, int byte, size_t size)
{
	const unsigned char *at = data;

	for (; size; at++, size--)
		if (*at == (unsigned char)byte)
			return (void *)at;
	return NULL;
}
