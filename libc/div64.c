/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Division of 64-bit numbers for 32-bit code, under the names that gcc calls (GCC Internals, "Routines for integer
 * arithmetic"). The archives that we link want them, and libgcc for -m32 is not there without gcc-multilib.
 */
#include <stddef.h>
#include <stdint.h>

typedef unsigned long long u64;
typedef long long s64;

u64 __udivmoddi4(u64 n, u64 d, u64 *remainder);
u64 __udivdi3(u64 n, u64 d);
u64 __umoddi3(u64 n, u64 d);
s64 __divdi3(s64 n, s64 d);
s64 __moddi3(s64 n, s64 d);
s64 __divmoddi4(s64 n, s64 d, s64 *remainder);

/* high:low / d, where high < d, so that the quotient fits (Intel SDM vol. 2, DIV). */
static uint32_t divide(uint32_t high, uint32_t low, uint32_t d, uint32_t *remainder)
{
	uint32_t quotient;

	__asm__("divl %4" : "=a"(quotient), "=d"(*remainder) : "0"(low), "1"(high), "rm"(d) : "cc");
	return quotient;
}

static u64 divide_by_word(u64 n, uint32_t d, u64 *remainder)
{
	uint32_t rest, high, low;

	high = divide(0, (uint32_t)(n >> 32), d, &rest);
	low = divide(rest, (uint32_t)n, d, &rest);
	*remainder = rest;
	return (u64)high << 32 | low;
}

/*
 * d >= 2^32: the quotient has at most 32 bits. Dividing the upper bits of n by the topmost 32 bits of d (rounded down)
 * gives it, or one more: take one off, and put it back if the remainder says so.
 */
static u64 divide_by_long(u64 n, u64 d, u64 *remainder)
{
	int shift = __builtin_clz((uint32_t)(d >> 32));
	uint32_t top = (uint32_t)(d << shift >> 32), unused;
	u64 half = n >> 1;
	u64 quotient = (u64)divide((uint32_t)(half >> 32), (uint32_t)half, top, &unused) << shift >> 31;

	if (quotient)
		quotient--;
	*remainder = n - quotient * d;
	if (*remainder >= d) {
		*remainder -= d;
		quotient++;
	}
	return quotient;
}

u64 __udivmoddi4(u64 n, u64 d, u64 *remainder)
{
	u64 unused;

	if (!remainder)
		remainder = &unused;
	if (d >> 32)
		return divide_by_long(n, d, remainder);
	return divide_by_word(n, (uint32_t)d, remainder);
}

u64 __udivdi3(u64 n, u64 d)
{
	return __udivmoddi4(n, d, NULL);
}

u64 __umoddi3(u64 n, u64 d)
{
	u64 remainder;

	__udivmoddi4(n, d, &remainder);
	return remainder;
}

static u64 magnitude(s64 n)
{
	return n < 0 ? -(u64)n : (u64)n;
}

/* Rounds towards zero; the remainder has the sign of n (C11, 6.5.5). */
s64 __divmoddi4(s64 n, s64 d, s64 *remainder)
{
	u64 rest, quotient = __udivmoddi4(magnitude(n), magnitude(d), &rest);

	*remainder = (s64)(n < 0 ? -rest : rest);
	return (s64)((n < 0) != (d < 0) ? -quotient : quotient);
}

s64 __divdi3(s64 n, s64 d)
{
	s64 remainder;

	return __divmoddi4(n, d, &remainder);
}

s64 __moddi3(s64 n, s64 d)
{
	s64 remainder;

	__divmoddi4(n, d, &remainder);
	return remainder;
}
