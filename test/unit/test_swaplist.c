/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The page list of a call: what the image finds equals a naive model, and after the way back all of memory is as it was, but
 * for the list's own pages; on random layouts, with memory in pieces, and when memory runs out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pagelist.h"

/* Allocations of the list builder can be made to fail. */
static int allocations_left = -1;

static enum err counted_own(struct pagelist *list, paddr_t start)
{
	if (!allocations_left)
		return ERR_MEMORY;
	if (allocations_left > 0)
		allocations_left--;
	return pagelist_own(list, start);
}

#define pagelist_own counted_own
#include "../../src/swaplist.c"
#undef pagelist_own

#include "mover.h"
#include "pagelist_fixture.h"
#include "random.h"

/* Taken from 1 MiB on: the pages below are destinations and sources only. */
#define LOW_PAGES 256
#define SPARE_PAGES 96
#define ALL_PAGES (LOW_PAGES + SPARE_PAGES)
#define RANDOM_LAYOUTS 1500

static u8 *before, *wanted, *called;

static void save(u8 **copy)
{
	if (!*copy)
		*copy = malloc(PAGES(ALL_PAGES));
	assert_non_null(*copy);
	memcpy(*copy, fake_ram, PAGES(ALL_PAGES));
}

static void write_naively(void)
{
	save(&wanted);
	for (u32 i = 0; i < plan.segment_count; i++) {
		const struct plan_segment *s = &plan.segments[i];

		memcpy(wanted + s->dest, before + s->source, s->file_size);
		memset(wanted + s->dest + s->file_size, 0, s->mem_size - s->file_size);
	}
}

static bool is_owned(const struct pagelist *list, paddr_t page)
{
	const struct mem_claim *claim = memory_find_claim(&memory, page, page + 1);

	for (u32 i = 0; claim && i < list->owned_count; i++)
		if (pagelist_owned(list, i) == claim->start)
			return true;
	return false;
}

static void check_same(const struct pagelist *list, const u8 *copy, const char *what, u64 seed)
{
	for (paddr_t page = 0; page < PAGES(ALL_PAGES); page += PAGE_SIZE)
		if (!is_owned(list, page) && memcmp(fake_ram + page, copy + page, PAGE_SIZE))
			fail_msg("seed %llu: page 0x%llx: %s", seed, page, what);
}

/* What the image makes of its memory; around its segments it keeps its hands off. */
static void scribble(u64 seed)
{
	for (u32 i = 0; i < plan.segment_count; i++)
		for (u64 at = 0; at < plan.segments[i].mem_size; at++)
			fake_ram[plan.segments[i].dest + at] ^= (u8)(seed + at * 3 + 1);
}

static u64 pages_of_plan(void)
{
	u64 pages = 0;

	for (paddr_t page = 0; page < PAGES(ALL_PAGES); page += PAGE_SIZE)
		pages += !plan_range_is_clear(&plan, page, page + PAGE_SIZE);
	return pages;
}

/* Those that a segment has for itself, without a byte of its file. */
static u64 zero_pages_of_plan(void)
{
	u64 pages = 0;

	for (u32 i = 0; i < plan.segment_count; i++) {
		const struct plan_segment *s = &plan.segments[i];

		for (paddr_t page = 0; page < PAGES(ALL_PAGES); page += PAGE_SIZE)
			pages += page >= s->dest + s->file_size && page >= s->dest && page + PAGE_SIZE <= s->dest + s->mem_size;
	}
	return pages;
}

/* In, back, in again as it was left, back. */
static void check_round_trip(const struct pagelist *list, u64 seed)
{
	const u64 pages = pages_of_plan();

	check_same(list, before, "written while the list was built", seed);
	assert_int_equal(list->moved_pages + list->zeroed_pages, pages);
	assert_int_equal(list->zeroed_pages, zero_pages_of_plan());
	write_naively();
	assert_int_equal(mover_run((uintptr_t)fake_ram, list->head, MOVER_SWAP, NULL), pages);
	check_same(list, wanted, "not what the image is to find", seed);
	scribble(seed);
	save(&called);
	assert_int_equal(mover_run((uintptr_t)fake_ram, list->head, MOVER_SWAP_BACK, NULL), pages);
	check_same(list, before, "not as before the call", seed);
	mover_run((uintptr_t)fake_ram, list->head, MOVER_SWAP_BACK, NULL);
	check_same(list, called, "not as the image left it", seed);
	mover_run((uintptr_t)fake_ram, list->head, MOVER_SWAP_BACK, NULL);
	check_same(list, before, "not as before the second call", seed);
	assert_true(swaplist_refill(list, &plan));
	check_same(list, before, "written while it was made ready again", seed);
	mover_run((uintptr_t)fake_ram, list->head, MOVER_SWAP, NULL);
	check_same(list, wanted, "not what the image is to find anew", seed);
	scribble(seed + 1);
	mover_run((uintptr_t)fake_ram, list->head, MOVER_SWAP_BACK, NULL);
	check_same(list, before, "not as before the call anew", seed);
}

static void build_and_check(u64 seed)
{
	const u32 claims = memory.claim_count;
	struct pagelist list;

	MUST(plan_place(&plan, &memory));
	save(&before);
	MUST(swaplist_build(&list, &plan, &memory));
	for (u32 i = 0; i < list.owned_count; i++)
		assert_true(pagelist_owned(&list, i) >= MIB(1));
	check_round_trip(&list, seed);
	pagelist_free(&list, &memory);
	assert_int_equal(memory.claim_count, claims);
}

static void test_whole_pages(void **state)
{
	(void)state;
	start(ALL_PAGES, 1);
	add(PAGES(100), PAGES(20), PAGES(5), PAGES(3));
	build_and_check(1);
	stop();
}

/* The list's page lies with those that wait. */
static void test_one_block(void **state)
{
	struct pagelist list;

	(void)state;
	start(ALL_PAGES, 8);
	add(PAGES(100), PAGES(20), 1, 0);
	MUST(plan_place(&plan, &memory));
	MUST(swaplist_build(&list, &plan, &memory));
	assert_int_equal(list.owned_count, 1);
	assert_int_equal(list.list_pages, 1);
	assert_int_equal(list.head, pagelist_owned(&list, 0) + PAGE_SIZE);
	assert_null(memory_find_claim(&memory, MIB(1), pagelist_owned(&list, 0)));
	pagelist_free(&list, &memory);
	stop();
}

/* Without a segment it is its end alone. */
static void test_nothing(void **state)
{
	struct pagelist list;

	(void)state;
	start(ALL_PAGES, 9);
	MUST(plan_place(&plan, &memory));
	MUST(swaplist_build(&list, &plan, &memory));
	assert_int_equal(*(u64 *)(fake_ram + list.head), PAGELIST_DONE);
	assert_true(swaplist_refill(&list, &plan));
	pagelist_free(&list, &memory);
	stop();
}

/* Segments that begin and end in the same page, and one that is nothing but zeros inside a page. */
static void test_shared_pages(void **state)
{
	(void)state;
	start(ALL_PAGES, 2);
	add(PAGES(100) + 7, PAGES(20) + 100, 50, 20);
	add(PAGES(101) + 9, PAGES(20) + 1000, PAGES(2), 0);
	add(0, PAGES(22) + 1500, 0, 64);
	add(PAGES(105), PAGES(22) + 2000, 1, PAGES(4));
	build_and_check(2);
	stop();
}

/* A source inside the destination of another, and in its own. */
static void test_sources_are_read_beforehand(void **state)
{
	(void)state;
	start(ALL_PAGES, 3);
	add(PAGES(21) + 5, PAGES(20), PAGES(4), 0);
	add(PAGES(20), PAGES(30), PAGES(4), 0);
	add(PAGES(30), PAGES(40), PAGES(2), PAGES(1));
	build_and_check(3);
	stop();
}

/* Every other page above 1 MiB is taken: no two pages that wait are neighbours. */
static void test_memory_in_pieces(void **state)
{
	(void)state;
	start(ALL_PAGES, 4);
	for (u64 page = LOW_PAGES; page < ALL_PAGES; page += 2)
		MUST(memory_claim(&memory, PAGES(page), PAGES(page + 1), OWNER_HEAP, "piece"));
	add(PAGES(100), PAGES(20), PAGES(9) + 1, PAGES(17));
	build_and_check(4);
	stop();
}

/* A list for `count` single pages, none beside another. */
static void build_scattered(struct pagelist *list, u64 count, u64 seed)
{
	start(2048, seed);
	for (u64 i = 0; i < count; i++)
		add(PAGES(1000), PAGES(2 * i + 1), PAGES(1), 0);
	MUST(plan_place(&plan, &memory));
	MUST(swaplist_build(list, &plan, &memory));
}

/* A list of more than one page: as many runs as it has words, in places of their own. */
static void test_long_list(void **state)
{
	struct pagelist list;

	(void)state;
	build_scattered(&list, 300, 5);
	assert_int_equal(list.run_count, 300);
	assert_int_equal(list.list_pages, 2);
	assert_int_equal(mover_run((uintptr_t)fake_ram, list.head, MOVER_SWAP, NULL), 300);
	for (u64 i = 0; i < 300; i++)
		assert_memory_equal(fake_ram + PAGES(2 * i + 1), fake_ram + PAGES(1000), PAGE_SIZE);
	pagelist_free(&list, &memory);
	stop();
}

/* Around the segments what is there at the time, in them what the source holds at the time. */
static void test_refill_reads_anew(void **state)
{
	struct pagelist list;

	(void)state;
	start(ALL_PAGES, 8);
	add(PAGES(100) + 7, PAGES(20) + 100, PAGES(3), 20);
	MUST(plan_place(&plan, &memory));
	save(&before);
	MUST(swaplist_build(&list, &plan, &memory));
	check_round_trip(&list, 8);
	fake_ram[PAGES(20) + 5] ^= 0xff;
	fake_ram[PAGES(100) + 7] ^= 0xff;
	fake_ram[PAGES(24) - 1] ^= 0xff;
	save(&before);
	assert_true(swaplist_refill(&list, &plan));
	check_round_trip(&list, 9);
	pagelist_free(&list, &memory);
	stop();
}

/* Any bit of any word of a list of two pages: nobody walks it any more. */
static void test_a_damaged_list_is_refused(void **state)
{
	struct pagelist list;
	u32 refused = 0, words = 0;

	(void)state;
	build_scattered(&list, 200, 9);
	assert_true(swaplist_refill(&list, &plan));
	for (u64 *word = (u64 *)(fake_ram + list.head); !(*word & PAGELIST_DONE);) {
		u64 *next = *word & PAGELIST_IND ? (u64 *)(fake_ram + (*word & ~PAGE_MASK)) : word + 1;

		for (u32 bit = 0; bit < 64; bit += 1 + (words & 7), words++) {
			*word ^= 1ull << bit;
			refused += !swaplist_refill(&list, &plan);
			*word ^= 1ull << bit;
		}
		word = next;
	}
	assert_true(words > 5000);
	assert_int_equal(refused, words);
	assert_true(swaplist_refill(&list, &plan));
	pagelist_free(&list, &memory);
	stop();
}

static u64 some_size(struct random *r)
{
	return PAGES(random_below(r, 6)) + (random_below(r, 2) ? random_below(r, PAGE_SIZE) : 0);
}

static void add_random(struct random *r)
{
	u64 file = some_size(r), zero = random_below(r, 3) ? some_size(r) : 0;
	paddr_t dest = PAGES(1 + random_below(r, LOW_PAGES - 14)) + (random_below(r, 2) ? random_below(r, PAGE_SIZE) : 0);

	if (!file && !zero)
		return;
	for (u32 i = 0; i < plan.segment_count; i++)
		if (ranges_overlap(dest, dest + file + zero, plan.segments[i].dest,
				   plan.segments[i].dest + plan.segments[i].mem_size))
			return;
	add(random_below(r, (u32)(PAGES(LOW_PAGES) - file)), dest, file, zero);
}

static void test_random_layouts(void **state)
{
	u64 tested = 0;

	(void)state;
	for (u64 seed = 1; seed <= RANDOM_LAYOUTS; seed++) {
		struct random r = { .state = seed * 0x9e3779b97f4a7c15ull };
		u32 count = 1 + random_below(&r, 6), pieces = random_below(&r, 8);

		start(ALL_PAGES, seed);
		for (u32 i = 0; i < count; i++)
			add_random(&r);
		for (u32 i = 0; i < pieces; i++) {
			paddr_t page = PAGES(LOW_PAGES + random_below(&r, SPARE_PAGES));

			MUST(memory_claim(&memory, page, page + PAGE_SIZE, OWNER_HEAP, "piece"));
		}
		/* Each of the two blocks that a page needs at worst: it and, now and then, a list page. */
		if (plan.segment_count && pages_of_plan() + pieces + 4 < SPARE_PAGES) {
			build_and_check(seed);
			tested++;
		}
		stop();
	}
	assert_true(tested > RANDOM_LAYOUTS * 9 / 10);
}

/* Memory for fewer and fewer pages: always one error line, and nothing is left claimed. */
static void test_no_room(void **state)
{
	struct pagelist list;
	u32 refused = 0;

	(void)state;
	for (u64 room = 0; room <= 14; room++) {
		u32 claims;
		enum err err;

		start(ALL_PAGES, 6);
		MUST(memory_claim(&memory, PAGES(LOW_PAGES + room), PAGES(ALL_PAGES), OWNER_HEAP, "rest"));
		add(PAGES(100), PAGES(20), PAGES(5), PAGES(7));
		MUST(plan_place(&plan, &memory));
		claims = memory.claim_count;
		save(&before);
		fake_log_reset();
		err = swaplist_build(&list, &plan, &memory);
		assert_int_equal(err, room < 13 ? ERR_NO_ROOM : ERR_OK);
		refused += err != ERR_OK;
		assert_int_equal(fake_log_errors(), err ? 1 : 0);
		if (err) {
			assert_true(fake_log_has("no memory left for the pages that wait while the image runs"));
			assert_memory_equal(fake_ram, before, PAGES(LOW_PAGES));
		} else {
			pagelist_free(&list, &memory);
		}
		assert_int_equal(memory.claim_count, claims);
		stop();
	}
	assert_int_equal(refused, 13);
}

/* The heap is full when the first, the second, ... of 20 pages and the list is to be noted. */
static void test_heap_is_full(void **state)
{
	(void)state;
	for (int left = 0;; left++) {
		struct pagelist list;
		u32 claims;
		enum err err;

		start(ALL_PAGES, 7);
		for (u64 page = LOW_PAGES; page < ALL_PAGES; page += 2)
			MUST(memory_claim(&memory, PAGES(page), PAGES(page + 1), OWNER_HEAP, "piece"));
		add(PAGES(100), PAGES(20), PAGES(20), 0);
		MUST(plan_place(&plan, &memory));
		claims = memory.claim_count;
		fake_log_reset();
		allocations_left = left;
		err = swaplist_build(&list, &plan, &memory);
		allocations_left = -1;
		assert_int_equal(err, left < 21 ? ERR_MEMORY : ERR_OK);
		assert_int_equal(fake_log_errors(), err ? 1 : 0);
		if (!err)
			pagelist_free(&list, &memory);
		assert_int_equal(memory.claim_count, claims);
		stop();
		if (!err)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_pages),
		cmocka_unit_test(test_one_block),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_shared_pages),
		cmocka_unit_test(test_sources_are_read_beforehand),
		cmocka_unit_test(test_memory_in_pieces),
		cmocka_unit_test(test_long_list),
		cmocka_unit_test(test_refill_reads_anew),
		cmocka_unit_test(test_a_damaged_list_is_refused),
		cmocka_unit_test(test_random_layouts),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_heap_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
