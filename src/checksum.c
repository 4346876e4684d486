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
typedef u32 __attribute__((may_alias, aligned(1))) sum_half;

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
	u8 block[SUM_BLOCK] __attribute__((aligned(SUM_ALIGN)));

	if (wide && (uintptr_t)at % SUM_ALIGN == 0) {
		copy_sum_wide(lanes->now, at, count);
		return;
	}
	for (; count; count--, at += SUM_BLOCK) {
		if (wide) {
			copy_bytes(block, at, SUM_BLOCK);
			copy_sum_wide(lanes->now, block, 1);
		} else {
			sum_block(lanes, (const sum_word *)at);
		}
	}
}

static struct mover_sum sum_whole(const u8 *at, size_t count, bool wide)
{
	struct lanes lanes = { { 0 }, { 0 } };
	struct mover_sum sum = { 0, 0 };
	u64 start = 0;

	if (!count)
		return sum;
	for (u32 i = 0; i < SUM_LANES; i++)
		lanes.now[i] = start += SUM_START;
	sum_blocks(&lanes, at, count, wide);
	for (u32 i = 0; i < SUM_LANES; i++) {
		sum.a = (sum.a << SUM_TURN | sum.a >> (64 - SUM_TURN)) + lanes.now[i];
		sum.b = (sum.b << SUM_TURN | sum.b >> (64 - SUM_TURN)) + lanes.totals[i];
	}
	return sum;
}

static u32 turned(u32 value)
{
	return value << SUM_TURN | value >> (32 - SUM_TURN);
}

/* What is left behind the last block, by halves of a word: two that leave the first sum as it was change the second. */
static u64 sum_rest(const u8 *at, size_t size)
{
	u32 low = 0, high = 0, last = 0;

	for (; size >= sizeof(last); size -= sizeof(last), at += sizeof(last)) {
		low += *(const sum_half *)at;
		high = turned(high) + low;
	}
	copy_bytes(&last, at, size);
	low += last;
	return (u64)(turned(high) + low) << 32 | low;
}

static struct mover_sum sum_of(const u8 *at, size_t size, bool wide)
{
	size_t blocks = size / SUM_BLOCK;
	struct mover_sum sum = sum_whole(at, blocks, wide);

	sum.a += sum_rest(at + blocks * SUM_BLOCK, size % SUM_BLOCK);
	return sum;
}

struct mover_sum mover_checksum(const void *data, u64 size)
{
	return sum_of(data, (size_t)size, false);
}

struct mover_sum mover_checksum_wide(const void *data, u64 size)
{
	return sum_of(data, (size_t)size, true);
}
