/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What the mover needs of x86: string instructions of the natural width, and prefetching. General registers only; the
 * direction flag is clear, as the C ABI demands. Sizes are in bytes.
 *
 * One core waits for memory most of the time. Asking for the lines of both sides a little ahead keeps more of them
 * under way than the string instruction (or the prefetcher of the hardware) does by itself: make bench-mover.
 * PREFETCHT0 is a hint: it never faults, and does nothing on processors older than SSE (Intel SDM vol. 2, PREFETCHh;
 * NOP on the P6 family).
 */
#ifndef TRAPEZE_X86_COPY_H
#define TRAPEZE_X86_COPY_H

#include "types.h"

/* A word at any address, of any type's memory. */
typedef uintptr_t __attribute__((may_alias, aligned(1))) copy_word;

#ifdef __x86_64__
#define COPY_SUFFIX "q"
#else
#define COPY_SUFFIX "l"
#endif

#define COPY_LINE 64u
#define COPY_BLOCK 1024u
#define COPY_AHEAD 2048u

/* Ask for a line of each side. The addresses need not be valid. */
static inline void copy_fetch_line(const void *a, const void *b)
{
	asm volatile("prefetcht0 (%0); prefetcht0 (%1)" : : "r"(a), "r"(b));
}

/* From the first byte to the last: also right where the blocks overlap and `to` is below `from`. */
static inline void copy_block(void *to, const void *from)
{
	size_t words = COPY_BLOCK / sizeof(copy_word);

	asm volatile("rep movs" COPY_SUFFIX : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

static inline void copy_zero(void *to, size_t size)
{
	size_t words = size / sizeof(copy_word);

	asm volatile("rep stos" COPY_SUFFIX : "+D"(to), "+c"(words) : "a"(0) : "memory");
}

/* a += word, b += a. Two instructions: a compiler regroups the additions of neighbouring words, and needs four. */
static inline void copy_sum_word(unsigned long *a, unsigned long *b, const copy_word *word)
{
	asm("add %2, %0; add %0, %1" : "+&r"(*a), "+&r"(*b) : "m"(*word) : "cc");
}

#endif
