/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * 64-bit division without the compiler's run-time library, which the i386 build does not have: the operators / and %
 * on u64 need it there (a constant power of two as divisor is fine).
 */
#ifndef TRAPEZE_DIV_H
#define TRAPEZE_DIV_H

#include "types.h"

/* n / d, the remainder in *rem unless rem is NULL. d is not 0. */
static inline u64 div_u64_u32(u64 n, u32 d, u32 *rem)
{
	u64 quotient, left;

	if (sizeof(long) == 8) {
		quotient = n / d;
		left = n - quotient * d;
	} else if (n >> 32 == 0) {
		quotient = (u32)n / d;
		left = (u32)n % d;
	} else if (d <= 0xffff) {
		/* By halves of the low word: the remainder and one of them fit a word. */
		quotient = (u32)(n >> 32) / d;
		left = (u32)(n >> 32) % d;
		for (int shift = 16; shift >= 0; shift -= 16) {
			u32 part = (u32)left << 16 | ((u32)n >> shift & 0xffff);

			quotient = quotient << 16 | part / d;
			left = part % d;
		}
	} else {
		/* Schoolbook: the high word by the machine's division, then one bit of the low word at a time. */
		quotient = (u32)(n >> 32) / d;
		left = (u32)(n >> 32) % d;
		for (int bit = 31; bit >= 0; bit--) {
			left = left << 1 | (n >> bit & 1);
			quotient <<= 1;
			if (left >= d) {
				left -= d;
				quotient |= 1;
			}
		}
	}
	if (rem)
		*rem = (u32)left;
	return quotient;
}

#endif
