/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Sets of ranges against sets of bits: every operation on every set of a few numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "random.h"
#include "rangeset.h"

#define BITS 8u				/* numbers 0 to 7; ranges end at 8 at most */
#define MUST(call) assert_int_equal(call, ERR_OK)

static u32 bits_of_range(u32 start, u32 end)
{
	u32 bits = 0;

	for (u32 i = start; i < end; i++)
		bits |= 1u << i;
	return bits;
}

/* room: ranges that the caller gives; 0: none. */
static void fill(struct rangeset *set, u32 bits, u32 room)
{
	static struct range items[BITS];

	if (room)
		rangeset_init_static(set, items, room);
	else
		rangeset_init(set);
	for (u32 i = 0; i < BITS; i++)
		if (bits & 1u << i)
			MUST(rangeset_add(set, i, i + 1));
}

/* The same numbers, in ranges that are sorted and neither touch nor are empty. */
static void assert_holds(const struct rangeset *set, u32 bits)
{
	u32 held = 0;

	for (u32 i = 0; i < set->count; i++) {
		assert_true(set->items[i].start < set->items[i].end);
		assert_true(!i || set->items[i - 1].end < set->items[i].start);
		held |= bits_of_range((u32)set->items[i].start, (u32)set->items[i].end);
	}
	assert_int_equal(held, bits);
}

static void try_range(u32 bits, u32 start, u32 end, u32 room)
{
	u32 range = bits_of_range(start, end);
	struct rangeset set, copy;

	fill(&set, bits, room);
	assert_int_equal(set.is_static, room && __builtin_popcount(bits & ~(bits << 1)) <= (int)room);
	assert_holds(&set, bits);
	assert_int_equal(rangeset_covers(&set, start, end), (bits & range) == range);
	rangeset_init(&copy);
	MUST(rangeset_copy(&copy, &set));
	MUST(rangeset_add(&set, start, end));
	assert_holds(&set, bits | range);
	assert_holds(&copy, bits);
	MUST(rangeset_remove(&copy, start, end));
	assert_holds(&copy, bits & ~range);
	MUST(rangeset_copy(&copy, &set));
	assert_holds(&copy, bits | range);
	rangeset_free(&set);
	rangeset_free(&copy);
	assert_int_equal(set.count, 0);
}

static void test_exhaustively(void **unused)
{
	(void)unused;
	for (u32 bits = 0; bits < 1u << BITS; bits++)
		for (u32 start = 0; start <= BITS; start++)
			for (u32 end = 0; end <= BITS; end++)
				for (u32 room = 0; room <= 3; room++)
					try_range(bits, start, end, room);
}

static void test_many_ranges(void **unused)
{
	struct rangeset set;

	(void)unused;
	rangeset_init(&set);
	for (u32 i = 1000; i-- > 0;)
		MUST(rangeset_add(&set, 10 * i, 10 * i + 5));
	assert_int_equal(set.count, 1000);
	assert_true(rangeset_covers(&set, 5000, 5005));
	assert_false(rangeset_covers(&set, 5000, 5006));
	MUST(rangeset_remove(&set, 12, 9990));
	assert_int_equal(set.count, 3);
	MUST(rangeset_add(&set, 0, UINT64_MAX));
	assert_int_equal(set.count, 1);
	assert_true(rangeset_covers(&set, 0, UINT64_MAX));
	rangeset_free(&set);
}

/* Whatever is appended, in whatever order. */
static void test_appended(void **state)
{
	struct random random = { 0x72616e };

	(void)state;
	for (u32 round = 0; round < 2000; round++) {
		struct rangeset set;
		u32 bits = 0;

		rangeset_init(&set);
		for (u32 i = random_below(&random, 12); i; i--) {
			u32 start = random_below(&random, BITS), end = random_below(&random, BITS + 1);

			MUST(rangeset_append(&set, start, end));
			bits |= bits_of_range(start, end);
		}
		rangeset_sort(&set);
		assert_holds(&set, bits);
		rangeset_free(&set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exhaustively),
		cmocka_unit_test(test_many_ranges),
		cmocka_unit_test(test_appended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
