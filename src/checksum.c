/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The checksum that proves what the mover did (mover.h): the same loop in words, and by XMM registers in copy.h. */
#include "copy.h"
#include "mover.h"

#define SUM_BLOCK 512			/* COPY_SUM_LINE, copy_sum_wide */
#define SUM_LANES 8
#define SUM_ALIGN 16
#define SUM_START 0x9e3779b97f4a7c15ull	/* bits of both kinds: where a lane begins, carries tell adding from exclusive or */
#define SUM_TURN 9

typedef u64 __attribute__((may_alias, aligned(1))) sum_word;

/* What each lane is after the blocks so far, and the sum of that over the blocks. */
struct lanes {
	u64 now[SUM_LANES], totals[SUM_LANES];
} __attribute__((aligned(SUM_ALIGN)));

/* From line to line the operation changes, and the lane that a word of the line goes to, by the two words of an XMM register. */
static void sum_block(struct lanes *lanes, const sum_word *word)
{
	for (u32 line = 0; line < SUM_BLOCK / COPY_LINE; line++) {
		for (u32 i = 0; i < SUM_LANES; i++) {
			u64 *lane = &lanes->now[(i + 2 * line) % SUM_LANES];

			if (line % 3 == 0)
				*lane += *word++;
			else if (line % 3 == 1)
				*lane ^= *word++;
			else
				*lane -= *word++;
		}
	}
	for (u32 i = 0; i < SUM_LANES; i++)
		lanes->totals[i] += lanes->now[i];
}

static void sum_blocks(struct lanes *lanes, const u8 *at, size_t count, bool wide)
{
	if (wide && count) {
		copy_sum_wide(lanes->now, at, count);
		return;
	}
	for (; count; count--, at += SUM_BLOCK)
		sum_block(lanes, (const sum_word *)at);
}

static struct mover_sum fold(const struct lanes *lanes)
{
	struct mover_sum sum = { 0, 0 };

	for (u32 i = 0; i < SUM_LANES; i++) {
		sum.a = (sum.a << SUM_TURN | sum.a >> (64 - SUM_TURN)) + lanes->now[i];
		sum.b = (sum.b << SUM_TURN | sum.b >> (64 - SUM_TURN)) + lanes->totals[i];
	}
	return sum;
}

static struct mover_sum sum_of(const u8 *at, size_t left, bool wide)
{
	u8 block[SUM_BLOCK] __attribute__((aligned(SUM_ALIGN)));
	size_t part = wide && (uintptr_t)at % SUM_ALIGN ? 0 : left / SUM_BLOCK * SUM_BLOCK;
	struct lanes lanes = { { 0 }, { 0 } };

	for (u32 i = 0; i < SUM_LANES; i++)
		lanes.now[i] = SUM_START * (i + 1);
	sum_blocks(&lanes, at, part / SUM_BLOCK, wide);
	for (at += part, left -= part; left; at += part, left -= part) {
		part = left < SUM_BLOCK ? left : SUM_BLOCK;
		if (part < SUM_BLOCK)
			copy_zero(block, SUM_BLOCK);
		copy_bytes(block, at, part);
		sum_blocks(&lanes, block, 1, wide);
	}
	return fold(&lanes);
}

struct mover_sum mover_checksum(const void *data, u64 size)
{
	return sum_of(data, (size_t)size, false);
}

struct mover_sum mover_checksum_wide(const void *data, u64 size)
{
	return sum_of(data, (size_t)size, true);
}
