/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Adding segments, and placing those at fixed addresses: what is refused and how; overlap tests exhaustively. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan_fixture.h"

/* --- one segment alone --- */

static void test_add_refuses(void **unused)
{
	struct plan_segment s;

	(void)unused;
	s = segment(PLAN_FIXED, 0, 0);
	assert_refused(plan_add(&plan, &s, NULL), ERR_VALUE, "part: the segment is empty");
	s = segment(PLAN_FIXED, 0, 10);
	s.zero_size = UINT64_MAX;
	assert_refused(plan_add(&plan, &s, NULL), ERR_VALUE, "exceed mem_size=0xa");
	s.zero_size = 1;
	assert_refused(plan_add(&plan, &s, NULL), ERR_VALUE, "exceed mem_size=0xa");
	s = segment(PLAN_FIXED, UINT64_MAX - 4, 10);
	assert_refused(plan_add(&plan, &s, NULL), ERR_OVERFLOW, "source=0xfffffffffffffffb");
	s = segment(PLAN_FIXED, PAGES(RAM) - 9, 10);
	assert_refused(plan_add(&plan, &s, NULL), ERR_RESERVED, "out of reach, limit=0x100000");
	s = segment(PLAN_FIXED, 0, 10);
	s.dest = UINT64_MAX - 5;
	assert_refused(plan_add(&plan, &s, NULL), ERR_VALUE, "dest=0xfffffffffffffffa");
	s.dest = 100;
	s.min = 101;
	assert_refused(plan_add(&plan, &s, NULL), ERR_VALUE, "dest=0x64 mem_size=0xa is not between min=0x65");
	s.min = 0;
	s.max = 109;
	assert_refused(plan_add(&plan, &s, NULL), ERR_VALUE, "max=0x6d");
	s = segment(PLAN_TOP, 0, PAGE_SIZE);
	s.min = 10;
	s.max = 9;
	assert_refused(plan_add(&plan, &s, NULL), ERR_NO_ROOM, "does not fit between min=0xa and max=0x9");
	s.max = PAGE_SIZE + 9;
	assert_refused(plan_add(&plan, &s, NULL), ERR_NO_ROOM, "does not fit between min=0xa and max=0x1009");
	s = segment(PLAN_TOP, 0, PAGE_SIZE);
	s.mem_size = UINT64_MAX;
	assert_refused(plan_add(&plan, &s, NULL), ERR_NO_ROOM, "mem_size=0xffffffffffffffff");
	assert_int_equal(plan.segment_count, 0);
}

static void test_add_checks_alignment(void **unused)
{
	static const u64 wrong[] = { 0, 1, 2048, 4095, 4097, 12288 };
	struct plan_segment s = segment(PLAN_BOTTOM, 0, 10);

	(void)unused;
	for (u32 i = 0; i < ARRAY_COUNT(wrong); i++) {
		s.align = wrong[i];
		assert_refused(plan_add(&plan, &s, NULL), ERR_ALIGN, "a power of two from the page size on");
	}
	s = segment(PLAN_FOLLOW, 0, 10);
	assert_refused(plan_add(&plan, &s, NULL), ERR_VALUE, "follows, and is the first");
	s.where = PLAN_TOP;
	add(&s);
	s.where = PLAN_FOLLOW;
	s.align = 8192;
	assert_refused(plan_add(&plan, &s, NULL), ERR_ALIGN, "is not the page size, as behind another segment");
}

/* --- fixed segments --- */

static void test_fixed_anywhere_usable(void **unused)
{
	(void)unused;
	MUST(memory_claim(&memory, PAGES(2), PAGES(30), OWNER_SHIM, "shim"));
	MUST(memory_claim(&memory, PAGES(40), PAGES(50), OWNER_MODULE, "module"));
	add_fixed("shim", PAGES(3) + 7, PAGES(5));
	add_fixed("module", PAGES(45), PAGES(2));
	add_fixed("low", 0x600, 512);
	add_fixed("beside", PAGES(90), PAGES(10));
	add_fixed("behind", PAGES(110), PAGES(RAM - 110));
	MUST(plan_place(&plan, &memory));
	assert_true(plan.placed);
	assert_int_equal(fake_log_errors(), 0);
}

static void refuse_fixed(paddr_t dest, u64 size, enum err err, const char *words)
{
	plan.segment_count = 0;
	add_fixed("kernel", dest, size);
	assert_refused(plan_place(&plan, &memory), err, words);
	assert_false(plan.placed);
}

static void test_fixed_refused(void **unused)
{
	struct plan_segment s;

	(void)unused;
	MUST(memory_claim(&memory, PAGES(20), PAGES(21), OWNER_STAGE, "stage"));
	MUST(memory_claim(&memory, PAGES(21), PAGES(22), OWNER_CONTROL, "control pages"));
	refuse_fixed(PAGES(99), PAGES(2), ERR_RESERVED, "kernel at 0x63000..0x65000: 0x64000 is not usable memory");
	refuse_fixed(PAGES(105), 1, ERR_RESERVED, "0x69000 is not usable memory");
	refuse_fixed(PAGES(90), PAGES(40), ERR_RESERVED, "0x64000 is not usable memory");
	refuse_fixed(PAGES(19), PAGES(3), ERR_RESERVED,
		     "kernel at 0x13000..0x16000 overlaps control pages at 0x15000..0x16000, which must stay");
	refuse_fixed(PAGES(21) + 100, 1, ERR_RESERVED, "overlaps control pages");
	refuse_fixed(PAGES(RAM) - 1, 2, ERR_NO_ROOM, "limit=0x100000");
	refuse_fixed(PAGES(RAM) + 1, 2, ERR_NO_ROOM, "limit=0x100000");
	fake_phys_limit = PAGES(200);
	refuse_fixed(PAGES(199), PAGES(2), ERR_NO_ROOM, "limit=0xc8000");

	/* Behind a fixed one: its limits are checked when its place is known. */
	plan.segment_count = 0;
	add_fixed("kernel", PAGES(30), 100);
	s = segment(PLAN_FOLLOW, 0, 100);
	s.max = PAGES(31) + 99;
	add(&s);
	assert_refused(plan_place(&plan, &memory), ERR_NO_ROOM, "part at 0x1f000 size=0x64 is not between min=0x0");
	plan.segments[1].max++;
	MUST(plan_place(&plan, &memory));
	assert_true(plan.segments[1].dest == PAGES(31));
}

/* The mover writes whole pages: an edge in a page that is usable only in part is refused, a claim of its own is not. */
static void test_fixed_edge_of_map(void **unused)
{
	struct plan_segment s = segment(PLAN_FIXED, 0, 100);

	(void)unused;
	MUST(memmap_mark(&memory.map, PAGES(50) + 0xc00, PAGES(60), MEM_RESERVED));
	add_fixed("claim", PAGES(50), 0xc00);
	MUST(plan_place(&plan, &memory));
	s.dest = PAGES(50);
	plan.segment_count = 0;
	add(&s);
	assert_refused(plan_place(&plan, &memory), ERR_RESERVED, "0x32c00 is not usable memory");
}

/* All pairs of ranges up to 7 bytes in 9, at the first byte of a page and around a page's end. */
static void test_fixed_overlap_exhaustively(void **unused)
{
	static const paddr_t bases[] = { PAGES(8), PAGES(9) - 4 };

	(void)unused;
	for (u32 base = 0; base < ARRAY_COUNT(bases); base++) {
		for (u32 i = 0; i < 9 * 7 * 9 * 7; i++) {
			u32 a = i % 9, a_size = 1 + i / 9 % 7, b = i / 63 % 9, b_size = 1 + i / 567;
			bool share = false;

			for (u32 k = 0; k < 16; k++)
				share |= k >= a && k < a + a_size && k >= b && k < b + b_size;
			plan.segment_count = 0;
			add_fixed("one", bases[base] + a, a_size);
			add_fixed("two", bases[base] + b, b_size);
			assert_int_equal(plan_place(&plan, &memory), share ? ERR_OVERLAP : ERR_OK);
			assert_int_equal(ranges_overlap(a, a + a_size, b, b + b_size), share);
		}
	}
	assert_true(fake_log_has("two at 0x8000..0x8001 overlaps one at 0x8000..0x8001"));
}

static void test_range_is_clear_exhaustively(void **unused)
{
	struct plan_segment open = segment(PLAN_TOP, 0, PAGES(3));

	(void)unused;
	add_fixed("a", PAGES(2) + 5, 1);
	add_fixed("b", PAGES(4) - 1, 2);
	add_fixed("c", PAGES(7), PAGE_SIZE);
	open.max = PAGES(12);
	for (u32 placed = 0; placed < 2; placed++) {
		const bool taken[13] = {
			[2] = true, [3] = true, [4] = true, [7] = true, [9] = placed, [10] = placed, [11] = placed,
		};

		for (u32 from = 0; from <= 12; from++) {
			for (u32 to = from; to <= 12; to++) {
				bool clear = true;

				for (u32 page = from; page < to; page++)
					clear &= !taken[page];
				assert_int_equal(plan_range_is_clear(&plan, PAGES(from), PAGES(to)), clear);
			}
		}
		/* The whole page counts, also for a question about some of its bytes. */
		assert_false(plan_range_is_clear(&plan, PAGES(2), PAGES(2) + 1));
		if (!placed) {
			add(&open);
			MUST(plan_place(&plan, &memory));
		}
	}
}

static void test_empty_plan(void **unused)
{
	(void)unused;
	MUST(plan_place(&plan, &memory));
	assert_true(plan_range_is_clear(&plan, 0, UINT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_add_refuses), TEST(test_add_checks_alignment), TEST(test_fixed_anywhere_usable),
		TEST(test_fixed_refused), TEST(test_fixed_edge_of_map), TEST(test_fixed_overlap_exhaustively),
		TEST(test_range_is_clear_exhaustively), TEST(test_empty_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
