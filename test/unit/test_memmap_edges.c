/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The memory map at its edges: cut, empty, full, without a heap. */
#include "memmap_fixture.h"

static void test_cut(void **state)
{
	struct memmap map;

	(void)state;
	fake_log_reset();
	memmap_init(&map);
	MUST(memmap_add(&map, 0x1000, ~0ull, MEM_USABLE));
	assert_true(fake_log_has("memory: warning: range cut at 52 bits start=0x1000 size=0xffffffffffffffff type=1"));
	MUST(memmap_add(&map, ~0ull, 0x1000, MEM_RESERVED));
	MUST(memmap_add(&map, PADDR_LIMIT - 1, 2, MEM_BAD));
	MUST(memmap_add(&map, PADDR_LIMIT, 0, MEM_BAD));
	MUST(memmap_add(&map, ~0ull, 0, MEM_BAD));
	MUST(memmap_sanitise(&map));
	assert_int_equal(map.count, 2);
	assert_true(map.ranges[0].start == 0x1000 && map.ranges[0].end == PADDR_LIMIT - 1);
	assert_true(map.ranges[1].end == PADDR_LIMIT && map.ranges[1].type == MEM_BAD);
	memmap_free(&map);
}

static void test_empty(void **state)
{
	struct memmap map, copy;

	(void)state;
	memmap_init(&map);
	MUST(memmap_sanitise(&map));
	assert_int_equal(map.count, 0);
	MUST(memmap_copy(&copy, &map));
	assert_int_equal(copy.count, 0);
	assert_false(memmap_covers(&map, 0, 1, MEM_USABLE));
	assert_false(memmap_covers(&map, 0, 0, MEM_USABLE));
	MUST(memmap_add(&map, 0x5000, 0, MEM_USABLE));
	MUST(memmap_sanitise(&map));
	assert_int_equal(map.count, 0);
	assert_true(memmap_total(&map, MEM_USABLE) == 0);
	memmap_free(&map);
}

/* One inside the other, a hundred thousand deep: anything that looks at all of them at each step never ends. */
static void test_many(void **state)
{
	const u32 count = 100000;
	struct memmap map;

	(void)state;
	memmap_init(&map);
	for (u32 i = 0; i < count; i++)
		MUST(memmap_add(&map, i, 2 * (u64)(count - i), i % 2 ? MEM_USABLE : MEM_ACPI));
	for (u32 i = 0; i < count; i++)
		MUST(memmap_add(&map, 4 * (u64)count + 3 * i, 2, MEM_RESERVED));
	MUST(memmap_sanitise(&map));
	require_sanitised(&map);
	assert_int_equal(map.count, 1 + count);
	assert_true(memmap_total(&map, MEM_ACPI) == 2 * (u64)count);
	assert_true(memmap_total(&map, MEM_RESERVED) == 2 * (u64)count);
	for (u32 i = 0; i < count; i++)
		assert_true(memmap_covers(&map, 4 * (u64)count + 3 * i, 4 * (u64)count + 3 * i + 2, MEM_RESERVED));
	memmap_free(&map);
}

static void test_static_array(void **state)
{
	struct mem_range ranges[2];
	struct memmap map;

	(void)state;
	memmap_init_static(&map, ranges, ARRAY_COUNT(ranges));
	MUST(memmap_add(&map, 0, 1, MEM_USABLE));
	MUST(memmap_add(&map, 8, 1, MEM_USABLE));
	assert_ptr_equal(map.ranges, ranges);
	MUST(memmap_add(&map, 4, 1, MEM_USABLE));
	assert_ptr_not_equal(map.ranges, ranges);
	MUST(memmap_sanitise(&map));
	assert_int_equal(map.count, 3);
	assert_true(map.ranges[1].start == 4);
	memmap_free(&map);
	assert_null(map.ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_static_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
