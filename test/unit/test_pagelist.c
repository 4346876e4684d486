/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The page list of chosen layouts: what it holds, and what it does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mover.h"
#include "pagelist_fixture.h"

/* Place, build, run, compare. */
static struct pagelist run(void)
{
	struct pagelist list;
	const char *what = NULL;
	enum err err;

	MUST(plan_place(&plan, &memory));
	err = model_run(&plan, &memory, &list, &what);
	if (what)
		fail_msg("%s", what);
	assert_int_equal(err, ERR_OK);
	return list;
}

static void test_in_place(void **unused)
{
	struct pagelist list;

	(void)unused;
	start(32, 1);
	add(PAGES(4) + 100, PAGES(4) + 100, PAGES(5), 0);
	add(PAGES(20), PAGES(20), PAGES(2), 0);
	list = run();
	assert_int_equal(list.run_count, 0);
	assert_int_equal(list.moved_pages, 0);
	assert_int_equal(list.staged_pages, 0);
	assert_int_equal(list.kept_pages, 8);
	assert_int_equal(list.list_pages, 1);
	stop();
}

static void test_plain_runs(void **unused)
{
	struct pagelist list;

	(void)unused;
	start(64, 2);
	add(PAGES(2), PAGES(20), PAGES(8), PAGES(3));
	add(PAGES(12) + 5, PAGES(40), PAGES(4), 0);
	list = run();
	assert_int_equal(list.run_count, 3);
	assert_int_equal(list.moved_pages, 12);
	assert_int_equal(list.zeroed_pages, 3);
	assert_int_equal(list.staged_pages, 0);
	stop();
}

/* Neighbours in source and destination, as the segments of an ELF file often are, become one run. */
static void test_neighbours_join(void **unused)
{
	struct pagelist list;

	(void)unused;
	start(64, 3);
	for (u64 i = 0; i < 6; i++)
		add(PAGES(2 + 2 * i), PAGES(4 + 2 * i), PAGES(2), 0);
	list = run();
	assert_int_equal(list.run_count, 1);
	assert_int_equal(list.moved_pages, 12);
	stop();
}

/* A segment that starts and ends inside pages keeps what lies around it; zeros begin inside a page. */
static void test_edges(void **unused)
{
	struct pagelist list;

	(void)unused;
	start(64, 4);
	add(PAGES(3) + 17, PAGES(30) + 1000, PAGES(2) + 500, PAGES(2) + 9);
	add(PAGES(9), PAGES(30) + 10, 900, 0);
	add(PAGES(10), PAGES(40) + 40, 8, 0);
	list = run();
	assert_int_equal(list.staged_pages, 4);
	assert_int_equal(list.moved_pages, 5);
	assert_int_equal(list.zeroed_pages, 1);
	stop();
}

/* In place, but for a zero tail: one composed page. */
static void test_zero_tail_in_place(void **unused)
{
	struct pagelist list;

	(void)unused;
	start(32, 5);
	add(PAGES(4), PAGES(4), PAGES(3) + 77, PAGE_SIZE - 77);
	list = run();
	assert_int_equal(list.staged_pages, 1);
	assert_int_equal(list.moved_pages, 1);
	assert_int_equal(list.kept_pages, 3);
	stop();
}

/* Two runs that change places: one of them is put aside, as one run. */
static void test_exchange(void **unused)
{
	struct pagelist list;

	(void)unused;
	start(64, 6);
	add(PAGES(2), PAGES(8), PAGES(6), 0);
	add(PAGES(8), PAGES(2), PAGES(6), 0);
	list = run();
	assert_int_equal(list.staged_pages, 6);
	assert_int_equal(list.moved_pages, 12);
	assert_int_equal(list.run_count, 2);
	stop();
}

/*
 * With skew every page reads two, and there are more circles than pages; putting one of the runs aside is still
 * enough.
 */
static void test_skewed_exchange(void **unused)
{
	struct pagelist list;

	(void)unused;
	start(64, 12);
	add(PAGES(2) + 1000, PAGES(8), PAGES(6), 0);
	add(PAGES(8) + 1000, PAGES(2), PAGES(6), 0);
	list = run();
	assert_int_equal(list.staged_pages, 6);
	assert_int_equal(list.moved_pages, 12);
	assert_int_equal(list.run_count, 2);
	stop();
}

/* 9 pages up by 4, 4 pages down by 9: one circle through all 13, so one page is put aside. */
static void test_rotation(void **unused)
{
	struct pagelist list;

	(void)unused;
	start(64, 7);
	add(PAGES(2), PAGES(6), PAGES(9), 0);
	add(PAGES(11), PAGES(2), PAGES(4), 0);
	list = run();
	assert_int_equal(list.staged_pages, 1);
	assert_int_equal(list.moved_pages, 13);
	stop();
}

/* A long circle goes round in short runs, for a page more put aside for every 1,024 in it. */
static void test_long_circle(void **unused)
{
	struct pagelist list;

	(void)unused;
	start(3200, 14);
	add(PAGES(2), PAGES(703), PAGES(1600), 0);
	add(PAGES(1602), PAGES(2), PAGES(701), 0);
	list = run();
	assert_int_equal(list.staged_pages, 3);
	assert_true(list.run_count < 1600);
	stop();
}

/*
 * Many runs that move up (or down) past each other's sources, added in the wrong order: one run each, nothing put
 * aside.
 */
static void test_chains(void **unused)
{
	struct pagelist list;

	(void)unused;
	for (u64 up = 0; up < 2; up++) {
		start(200, 8);
		for (u64 i = 0; i < 30; i++) {
			u64 k = up ? i : 29 - i;

			add(PAGES(up ? 5 * k + 3 : 5 * k + 9), PAGES(5 * k + 6) , PAGES(4), 0);
		}
		list = run();
		assert_int_equal(list.run_count, 30);
		assert_int_equal(list.staged_pages, 0);
		assert_int_equal(list.moved_pages, 120);
		stop();
	}
}

/* More words than a page holds. */
static void test_long_list(void **unused)
{
	struct pagelist list;

	(void)unused;
	start(1700, 9);
	for (u64 i = 0; i < 700; i++)
		add(PAGES(1 + i) + 64, PAGES(1699 - i), PAGE_SIZE, 0);
	list = run();
	assert_int_equal(list.run_count, 700);
	assert_int_equal(list.list_pages, 5);
	stop();
}

/* The list of a kernel and a ramdisk of usual size is one page, edges included. */
static void test_list_is_small(void **unused)
{
	struct pagelist list;

	(void)unused;
	start(8192, 10);
	add(PAGES(256) + 0x4000, PAGES(1024), PAGES(3464) - 300, PAGES(700));
	add(PAGES(3800), PAGES(5600), PAGES(600) + 11, 0);
	list = run();
	assert_int_equal(list.list_pages, 1);
	assert_int_equal(list.owned_count, 1);
	assert_true(list.run_count <= 6);
	stop();
}

static void test_no_memory_for_staging(void **unused)
{
	struct pagelist list;

	(void)unused;
	start(32, 11);
	add(PAGES(2), PAGES(8), PAGES(6), 0);
	add(PAGES(8), PAGES(2), PAGES(6), 0);
	MUST(plan_place(&plan, &memory));
	MUST(memory_claim(&memory, PAGES(14), PAGES(28), OWNER_HEAP, "heap"));
	fake_log_reset();
	assert_int_equal(pagelist_build(&list, &plan, &memory), ERR_NO_ROOM);
	assert_true(fake_log_has("no memory outside the image for another staging page: staged=5 list=0 pages"));
	assert_int_equal(fake_log_errors(), 1);
	assert_int_equal(memory.claim_count, 1);
	assert_int_equal(list.owned_count, 0);
	stop();
}

/* A page that is not mapped: the shim's own counts as zeros, another one cannot be an edge. */
static void test_unmapped_edge(void **unused)
{
	struct pagelist list;

	(void)unused;
	start(64, 13);
	add(PAGES(3), PAGES(63) + 100, 50, 0);
	MUST(plan_place(&plan, &memory));
	fake_ram_size = PAGES(63);
	fake_log_reset();
	assert_int_equal(pagelist_build(&list, &plan, &memory), ERR_RESERVED);
	assert_true(fake_log_has("page 0x3f000 cannot be read, and the image has bytes in a part of it"));
	assert_int_equal(fake_log_errors(), 1);
	assert_int_equal(memory.claim_count, 0);

	MUST(memory_claim(&memory, PAGES(63), PAGES(64), OWNER_SHIM, "shim"));
	MUST(pagelist_build(&list, &plan, &memory));
	assert_int_equal(mover_run((uintptr_t)fake_ram, list.head, MOVER_COPY, NULL), 1);
	for (u32 i = 0; i < PAGE_SIZE; i++)
		assert_int_equal(fake_ram[PAGES(63) + i], i >= 100 && i < 150 ? fake_ram[PAGES(3) + i - 100] : 0);
	pagelist_free(&list, &memory);
	fake_ram_size = PAGES(64);
	stop();
}

static int quiet(void **unused)
{
	(void)unused;
	fake_log_reset();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_place),
		cmocka_unit_test(test_plain_runs),
		cmocka_unit_test(test_neighbours_join),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_zero_tail_in_place),
		cmocka_unit_test(test_exchange),
		cmocka_unit_test(test_skewed_exchange),
		cmocka_unit_test(test_rotation),
		cmocka_unit_test(test_long_circle),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_long_list),
		cmocka_unit_test(test_list_is_small),
		cmocka_unit_test(test_no_memory_for_staging),
		cmocka_unit_test(test_unmapped_edge),
	};

	return cmocka_run_group_tests(tests, quiet, NULL);
}
