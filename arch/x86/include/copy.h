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

/*
 * 32-bit registers are too narrow for the memory behind them: with XMM registers (SSE2) the exchange is as fast as that of 64-bit
 * ones, make bench-mover. The caller of mover_run_wide has switched them on and can spare all eight; the compiler uses none where these
 * are called (-mgeneral-regs-only, or a build without SSE), so that it need not be told. Sizes are multiples of a line.
 */
#define COPY_HAS_WIDE (sizeof(copy_word) == 4)

static inline void copy_exchange_wide(void *a, void *b, size_t size)
{
	asm volatile("1: prefetcht0 2048(%0); prefetcht0 2048(%1);"
		     "movups (%0), %%xmm0; movups 16(%0), %%xmm1; movups 32(%0), %%xmm2; movups 48(%0), %%xmm3;"
		     "movups (%1), %%xmm4; movups 16(%1), %%xmm5; movups 32(%1), %%xmm6; movups 48(%1), %%xmm7;"
		     "movups %%xmm0, (%1); movups %%xmm1, 16(%1); movups %%xmm2, 32(%1); movups %%xmm3, 48(%1);"
		     "movups %%xmm4, (%0); movups %%xmm5, 16(%0); movups %%xmm6, 32(%0); movups %%xmm7, 48(%0);"
		     "add $64, %0; add $64, %1; sub $64, %2; jnz 1b"
		     : "+r"(a), "+r"(b), "+r"(size) : : "memory", "cc");
}

/* The sums of copy_sum_word of every fourth word each, from the first, the second, the third and the fourth on. */
struct copy_lanes {
	u32 a[4], b[4];
};

/* `to`, aligned to 16 bytes, goes to `keep`, `from` to `to`, which is summed when it is there. */
static inline void copy_replace_wide(void *to, void *keep, const void *from, size_t size, struct copy_lanes *lanes)
{
	asm volatile("pxor %%xmm6, %%xmm6; pxor %%xmm7, %%xmm7;"
		     "1: prefetcht0 2048(%0); prefetcht0 2048(%1); prefetcht0 2048(%2);"
		     "movaps (%0), %%xmm0; movaps 16(%0), %%xmm1; movaps 32(%0), %%xmm2; movaps 48(%0), %%xmm3;"
		     "movups (%2), %%xmm4; movups 16(%2), %%xmm5; movaps %%xmm4, (%0); movaps %%xmm5, 16(%0);"
		     "movups 32(%2), %%xmm4; movups 48(%2), %%xmm5; movaps %%xmm4, 32(%0); movaps %%xmm5, 48(%0);"
		     "movups %%xmm0, (%1); movups %%xmm1, 16(%1); movups %%xmm2, 32(%1); movups %%xmm3, 48(%1);"
		     "paddd (%0), %%xmm6; paddd %%xmm6, %%xmm7; paddd 16(%0), %%xmm6; paddd %%xmm6, %%xmm7;"
		     "paddd 32(%0), %%xmm6; paddd %%xmm6, %%xmm7; paddd 48(%0), %%xmm6; paddd %%xmm6, %%xmm7;"
		     "add $64, %0; add $64, %1; add $64, %2; sub $64, %3; jnz 1b;"
		     "movups %%xmm6, (%4); movups %%xmm7, 16(%4)"
		     : "+r"(to), "+r"(keep), "+r"(from), "+r"(size) : "r"(lanes) : "memory", "cc");
}

/* a += word, b += a. Two instructions: a compiler regroups the additions of neighbouring words, and needs four. */
static inline void copy_sum_word(unsigned long *a, unsigned long *b, const copy_word *word)
{
	asm("add %2, %0; add %0, %1" : "+&r"(*a), "+&r"(*b) : "m"(*word) : "cc");
}

#endif
