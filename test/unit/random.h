/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Numbers for property tests that are the same on every run, at either width. */
#ifndef TEST_RANDOM_H
#define TEST_RANDOM_H

#include "types.h"

struct random {
	u64 state;			/* not 0 */
};

/* xorshift64 (Marsaglia, "Xorshift RNGs", 2003). */
static inline u64 random_next(struct random *r)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return r->state;
}

static inline u32 random_below(struct random *r, u32 limit)
{
	return (u32)(random_next(r) >> 32) % limit;
}

#endif
