/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Where segments go that may choose: as low or as high as allowed, where they lie, in groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan_fixture.h"

static u32 add_open(enum plan_where where, u64 source_page, u64 pages)
{
	struct plan_segment s = segment(where, PAGES(source_page), PAGES(pages));

	return add(&s);
}

static u64 page_of(u32 index)
{
	assert_int_equal(plan.segments[index].dest % PAGE_SIZE, 0);
	return plan.segments[index].dest / PAGE_SIZE;
}

static void test_bottom(void **unused)
{
	struct plan_segment s = segment(PLAN_BOTTOM, PAGES(1), PAGES(4));
	u32 at;

	(void)unused;
	MUST(memory_claim(&memory, 0, PAGES(3), OWNER_LOW, "BIOS"));
	s.preferred = PAGES(50);
	at = add(&s);
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(at), 50);
	/* Where it would like to be, another one is: as low as may be, but not in the firmware's memory. */
	add_fixed("fixed", PAGES(53) + 4095, 1);
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(at), 5);
	plan.segments[at].align = PAGES(8);
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(at), 8);
	plan.segments[at].min = PAGES(98);
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(at), 112);
	plan.segments[at].preferred = PAGES(99);
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(at), 112);
}

/* Page 0 is nobody's who can be elsewhere, claimed or not; sources are left out where that is possible. */
static void test_open_leaves_out(void **unused)
{
	u32 low = add_open(PLAN_BOTTOM, 1, 2), high = add_open(PLAN_TOP, 250, 6);

	(void)unused;
	plan.segments[high].source += 4;
	plan.segments[high].file_size -= 4;
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(low), 3);
	assert_int_equal(page_of(high), 244);
	plan.segments[low].max = PAGES(4);
	plan.segments[high].min = PAGES(248);
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(low), 1);
	assert_int_equal(page_of(high), 250);
	MUST(memory_claim(&memory, PAGES(253), PAGES(254), OWNER_CONTROL, "control pages"));
	assert_refused(plan_place(&plan, &memory), ERR_NO_ROOM,
		       "part, 24 KiB, does not fit between 0xf8000 and 0x100000");
}

static void test_top_stays(void **unused)
{
	u32 at = add_open(PLAN_TOP, 40, 10);

	(void)unused;
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(at), 40);
	plan.segments[at].max = PAGES(50);
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(at), 40);
	plan.segments[at].max = PAGES(50) - 1;
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(at), 30);
	plan.segments[at].max = 0;
	plan.segments[at].align = PAGES(16);
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(at), 240);
	plan.segments[at].align = PAGE_SIZE;
	add_fixed("fixed", PAGES(49) + 10, 1);
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(at), 246);
}

static void test_group(void **unused)
{
	u32 first = add_open(PLAN_TOP, 20, 3), second = add_open(PLAN_FOLLOW, 23, 2);

	(void)unused;
	plan.segments[first].file_size -= 100;
	plan.segments[first].zero_size = 100;
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(first), 20);
	assert_int_equal(page_of(second), 23);
	/* The second does not lie behind the first: both move, as one block. */
	plan.segments[second].source += PAGE_SIZE;
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(first), 251);
	assert_int_equal(page_of(second), 254);
	/* A limit of the second's moves both. */
	plan.segments[second].max = PAGES(100) + 10;
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(first), 95);
	assert_int_equal(page_of(second), 98);
	plan.segments[second].min = PAGES(98) + 1;
	assert_refused(plan_place(&plan, &memory), ERR_NO_ROOM,
		       "part and what follows it, 20 KiB, does not fit between 0x5f001 and 0x6400a aligned to 0x1000: "
		       "largest free range 0x60000..0x64000, 16 KiB");
}

/* The largest goes first; one that stays gives way when another one would find no room. */
static void test_order_of_tops(void **unused)
{
	u32 small = add_open(PLAN_TOP, 1, 2), large = add_open(PLAN_TOP, 4, 8);

	(void)unused;
	plan.segments[small].source += 1;
	plan.segments[large].source += 1;
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(large), 248);
	assert_int_equal(page_of(small), 246);

	plan.segment_count = 0;
	small = add_open(PLAN_TOP, 60, 2);
	large = add_open(PLAN_TOP, 1, 80);
	plan.segments[large].source += 1;
	plan.segments[large].min = PAGES(10);
	plan.segments[large].max = PAGES(100);
	MUST(plan_place(&plan, &memory));
	assert_int_equal(page_of(large), 20);
	assert_int_equal(page_of(small), 254);
}

static void test_too_large(void **unused)
{
	struct plan_segment s = segment(PLAN_TOP, 0, 100);

	(void)unused;
	s.name = "initrd";
	s.mem_size = PAGES(180);
	s.max = 0xdffff;
	add(&s);
	assert_refused(plan_place(&plan, &memory), ERR_NO_ROOM,
		       "initrd, 720 KiB, does not fit between 0x1000 and 0xdffff aligned to 0x1000: largest free range "
		       "0x6e000..0xdffff, 456 KiB");
	plan.segments[0].mem_size = PAGES(RAM + 1);
	plan.segments[0].max = 0;
	assert_refused(plan_place(&plan, &memory), ERR_NO_ROOM, "initrd does not fit below 0x100000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bottom), TEST(test_open_leaves_out), TEST(test_top_stays), TEST(test_group), TEST(test_order_of_tops),
		TEST(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
