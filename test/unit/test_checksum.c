/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The checksum at the final place: known sums, by words and by XMM registers, and what it is to see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "mover.h"

#define SIZE (3 * PAGE_SIZE)

static u8 data[SIZE + 64] __attribute__((aligned(64)));

static void fill(u8 *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		at[i] = (u8)(i * 7 + (i >> 8) * 13 + 3);
}

static bool same(struct mover_sum a, struct mover_sum b)
{
	return a.a == b.a && a.b == b.b;
}

static struct mover_sum sum_of(const u8 *at, size_t size)
{
	struct mover_sum sum = mover_checksum(at, size);

	assert_true(same(sum, mover_checksum_wide(at, size)));
	return sum;
}

/* Of both builds, at any address; the sums were computed by another program. */
static void test_known(void **state)
{
	static const struct { size_t size; struct mover_sum sum; } cases[] = {
		{ 0, { 0x0ull, 0x0ull } },
		{ 1, { 0x300000003ull, 0x0ull } },
		{ 511, { 0x7f2db0677007fc0ull, 0x0ull } },
		{ 1234, { 0x61b962249597ad8eull, 0xc2a8d0aa855bd64bull } },
		{ 4096, { 0xd07108df95a7628cull, 0x1f06c666ba73719dull } },
	};

	(void)state;
	for (u32 skew = 0; skew <= 17; skew++) {
		fill(data + skew, SIZE);
		for (u32 i = 0; i < ARRAY_COUNT(cases); i++)
			assert_true(same(sum_of(data + skew, cases[i].size), cases[i].sum));
	}
}

static void test_both_ways(void **state)
{
	(void)state;
	fill(data, sizeof(data));
	for (u32 skew = 0; skew < 17; skew += 4)
		for (size_t size = 0; size < 1600; size += 1 + skew)
			sum_of(data + skew, size);
	memset(data, 0xff, sizeof(data));
	sum_of(data, SIZE);
	sum_of(data + 3, SIZE - 5);
}

/* Of zeros, too: in memory that was lost. */
static void test_every_bit(void **state)
{
	(void)state;
	for (u32 round = 0; round < 2; round++) {
		struct mover_sum good;

		memset(data, 0, sizeof(data));
		if (round)
			fill(data, sizeof(data));
		good = sum_of(data, 1300);
		for (u32 bit = 0; bit < 8 * 1300; bit++) {
			data[bit / 8] ^= (u8)(1 << bit % 8);
			assert_false(same(good, sum_of(data, 1300)));
			data[bit / 8] ^= (u8)(1 << bit % 8);
		}
	}
}

static void exchange(u8 *a, u8 *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		u8 byte = a[i];

		a[i] = b[i];
		b[i] = byte;
	}
}

static void check_exchanges(size_t size, size_t end, size_t whole)
{
	struct mover_sum good = sum_of(data, whole);

	for (size_t a = 0; a < end; a += size) {
		for (size_t b = a + size; b < end; b += size) {
			exchange(data + a, data + b, size);
			assert_false(same(good, mover_checksum_wide(data, whole)));
			exchange(data + a, data + b, size);
		}
	}
	assert_true(same(good, sum_of(data, whole)));
}

/* Words, what a register holds, lines and pages in another order; all moved by a byte, a word, a line. */
static void test_order(void **state)
{
	static const size_t distances[] = { 1, 8, 16, 64, 512 };
	struct mover_sum good;
	u64 random = 1;

	(void)state;
	for (u32 i = 0; i < sizeof(data); i++) {
		random = random * 6364136223846793005ull + 1442695040888963407ull;
		data[i] = (u8)(random >> 40);
	}
	check_exchanges(4, 508, 508);
	check_exchanges(8, 1024, SIZE);
	check_exchanges(16, 1024, SIZE);
	check_exchanges(64, PAGE_SIZE, SIZE);
	check_exchanges(512, SIZE, SIZE);
	check_exchanges(PAGE_SIZE, SIZE, SIZE);
	good = sum_of(data, SIZE - 512);
	for (u32 i = 0; i < ARRAY_COUNT(distances); i++)
		assert_false(same(good, sum_of(data + distances[i], SIZE - 512)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
