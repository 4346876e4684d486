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

/* Any number of bytes; the two do not overlap. */
static inline void copy_bytes(void *to, const void *from, size_t size)
{
	size_t words = size / sizeof(copy_word);

	asm volatile("rep movs" COPY_SUFFIX "; mov %3, %2; rep movsb"
		     : "+D"(to), "+S"(from), "+c"(words) : "r"(size % sizeof(copy_word)) : "memory");
}

/* Whole words; the end of both at the first that differs. */
static inline bool copy_is_same(const void *a, const void *b, size_t size)
{
	size_t words = size / sizeof(copy_word);
	bool same;

	asm volatile("repe cmps" COPY_SUFFIX : "+D"(a), "+S"(b), "+c"(words), "=@ccz"(same) : : "memory");
	return same;
}

/* What the compiler is to know of that below: where it may use XMM registers itself (not with -mgeneral-regs-only). */
#ifdef __SSE2__
#define COPY_XMM_LOST , "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7"
#else
#define COPY_XMM_LOST
#endif

/*
 * General registers are too narrow for the memory behind them, also those of 64 bits: make bench-mover. The caller of mover_run_wide
 * has switched the XMM registers on (SSE2) and can spare these eight. Sizes are multiples of a line.
 */
static inline void copy_exchange_wide(void *a, void *b, size_t size)
{
	asm volatile("1: prefetcht0 2048(%0); prefetcht0 2048(%1);"
		     "movups (%0), %%xmm0; movups 16(%0), %%xmm1; movups 32(%0), %%xmm2; movups 48(%0), %%xmm3;"
		     "movups (%1), %%xmm4; movups 16(%1), %%xmm5; movups 32(%1), %%xmm6; movups 48(%1), %%xmm7;"
		     "movups %%xmm0, (%1); movups %%xmm1, 16(%1); movups %%xmm2, 32(%1); movups %%xmm3, 48(%1);"
		     "movups %%xmm4, (%0); movups %%xmm5, 16(%0); movups %%xmm6, 32(%0); movups %%xmm7, 48(%0);"
		     "add $64, %0; add $64, %1; sub $64, %2; jnz 1b"
		     : "+r"(a), "+r"(b), "+r"(size) : : "memory", "cc" COPY_XMM_LOST);
}

/* `to` goes to `keep`, `from` to `to`; `keep` may be `from`. */
static inline void copy_replace_wide(void *to, void *keep, const void *from, size_t size)
{
	asm volatile("1: prefetcht0 2048(%0); prefetcht0 2048(%1); prefetcht0 2048(%2);"
		     "movups (%0), %%xmm0; movups 16(%0), %%xmm1; movups 32(%0), %%xmm2; movups 48(%0), %%xmm3;"
		     "movups (%2), %%xmm4; movups 16(%2), %%xmm5; movups 32(%2), %%xmm6; movups 48(%2), %%xmm7;"
		     "movups %%xmm0, (%1); movups %%xmm1, 16(%1); movups %%xmm2, 32(%1); movups %%xmm3, 48(%1);"
		     "movups %%xmm4, (%0); movups %%xmm5, 16(%0); movups %%xmm6, 32(%0); movups %%xmm7, 48(%0);"
		     "add $64, %0; add $64, %1; add $64, %2; sub $64, %3; jnz 1b"
		     : "+r"(to), "+r"(keep), "+r"(from), "+r"(size) : : "memory", "cc" COPY_XMM_LOST);
}

/*
 * What mover_checksum does with its lanes and with `blocks` of 512 bytes, aligned to 16 bytes as the lanes are (mover.c has the same
 * in words): two lanes in a register, from line to line the next operation and the next register. An instruction for 16 bytes
 * and a few for a block: reading memory once is then about a tenth of a swap.
 */
#define COPY_SUM_LINE(op, at, w, x, y, z) \
	op " " at "(%0), %%xmm" w "; " op " 16+" at "(%0), %%xmm" x "; " op " 32+" at "(%0), %%xmm" y "; " op " 48+" at "(%0), %%xmm" z "; "

static inline void copy_sum_wide(u64 *lanes, const void *data, size_t blocks)
{
	asm volatile("movdqa (%2), %%xmm0; movdqa 16(%2), %%xmm1; movdqa 32(%2), %%xmm2; movdqa 48(%2), %%xmm3;"
		     "movdqa 64(%2), %%xmm4; movdqa 80(%2), %%xmm5; movdqa 96(%2), %%xmm6; movdqa 112(%2), %%xmm7;"
		     "1: "
		     COPY_SUM_LINE("paddq", "0", "0", "1", "2", "3")
		     COPY_SUM_LINE("pxor", "64", "1", "2", "3", "0")
		     COPY_SUM_LINE("psubq", "128", "2", "3", "0", "1")
		     COPY_SUM_LINE("paddq", "192", "3", "0", "1", "2")
		     COPY_SUM_LINE("pxor", "256", "0", "1", "2", "3")
		     COPY_SUM_LINE("psubq", "320", "1", "2", "3", "0")
		     COPY_SUM_LINE("paddq", "384", "2", "3", "0", "1")
		     COPY_SUM_LINE("pxor", "448", "3", "0", "1", "2")
		     "paddq %%xmm0, %%xmm4; paddq %%xmm1, %%xmm5; paddq %%xmm2, %%xmm6; paddq %%xmm3, %%xmm7;"
		     "add $512, %0; dec %1; jnz 1b;"
		     "movdqa %%xmm0, (%2); movdqa %%xmm1, 16(%2); movdqa %%xmm2, 32(%2); movdqa %%xmm3, 48(%2);"
		     "movdqa %%xmm4, 64(%2); movdqa %%xmm5, 80(%2); movdqa %%xmm6, 96(%2); movdqa %%xmm7, 112(%2)"
		     : "+r"(data), "+r"(blocks) : "r"(lanes) : "memory", "cc" COPY_XMM_LOST);
}

#endif
