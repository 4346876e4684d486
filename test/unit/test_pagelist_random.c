/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Page list and mover on thousands of random layouts, held against the naive way (test/fake/model.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pagelist_fixture.h"

static u64 state;

static u64 random64(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static u64 below(u64 n)
{
	return (random64() >> 16) % n;
}

static bool one_in(u64 n)
{
	return !below(n);
}

#define MAX_PAGES 96
#define SPARE_PAGES 26			/* at the top, for list and staging pages */
#define RANDOM_LAYOUTS 12000
#define RANDOM_PERMUTATIONS 8000

/* Somewhere below the spare pages: any byte, or on a page. */
static paddr_t somewhere(u64 size, bool aligned)
{
	u64 room = PAGES(MAX_PAGES - SPARE_PAGES) - size;

	return aligned ? align_down(below(room + 1), PAGE_SIZE) : below(room + 1);
}

static u64 some_size(void)
{
	u64 pages = below(one_in(3) ? 24 : 6);

	return PAGES(pages) + (one_in(3) ? below(PAGE_SIZE) : 0);
}

/* Segments anywhere, as long as their destinations do not overlap; sources share bytes as they like. */
static void make_random(void)
{
	u64 count = 1 + below(9);
	bool aligned = one_in(3);

	for (u64 tries = 0; tries < 40 && plan.segment_count < count; tries++) {
		struct plan_segment s = { .name = "random", .where = PLAN_FIXED };
		bool clear = true;

		s.file_size = one_in(8) ? 0 : some_size();
		s.zero_size = one_in(3) ? some_size() : 0;
		s.mem_size = s.file_size + s.zero_size + (one_in(6) ? 1 + below(9000) : 0);
		if (!s.mem_size)
			continue;
		s.dest = somewhere(s.mem_size, aligned || !one_in(3));
		s.source = one_in(8) ? s.dest : somewhere(s.mem_size, aligned || !one_in(3));
		for (u32 i = 0; i < plan.segment_count; i++)
			clear &= !ranges_overlap(s.dest, s.dest + s.mem_size, plan.segments[i].dest,
						 plan.segments[i].dest + plan.segments[i].mem_size);
		if (clear)
			MUST(plan_add(&plan, &s, NULL));
	}
}

/* A block is cut into pieces, and the pieces are put together in another order: circles. */
static void make_permutation(void)
{
	u64 lengths[12], order[12], count = 2 + below(11), total = 0, first = 1 + below(8);
	u64 skew = one_in(4) ? below(PAGE_SIZE) : 0;

	for (u64 i = 0; i < count; i++) {
		lengths[i] = 1 + below(count > 4 ? 5 : 15);
		order[i] = i;
		total += lengths[i];
	}
	for (u64 i = count - 1; i > 0; i--) {
		u64 k = below(i + 1), other = order[k];

		order[k] = order[i];
		order[i] = other;
	}
	for (u64 i = 0, dest = first; i < count && first + total < MAX_PAGES - SPARE_PAGES; i++) {
		u64 source = first;

		for (u64 k = 0; k < order[i]; k++)
			source += lengths[k];
		add(PAGES(source) + skew, PAGES(dest), PAGES(lengths[order[i]]), 0);
		dest += lengths[order[i]];
	}
}

static void claim_some(void)
{
	u64 shim = below(MAX_PAGES - SPARE_PAGES);

	MUST(memory_claim(&memory, PAGES(shim), PAGES(shim + 1 + below(12)), OWNER_SHIM, "shim"));
	if (one_in(2) && plan.segment_count)
		MUST(memory_claim(&memory, plan.segments->source, plan.segments->source + plan.segments->file_size,
				  OWNER_MODULE, "module"));
	/* Holes where list and staging pages go. */
	for (u64 i = below(4); i; i--) {
		u64 page = MAX_PAGES - SPARE_PAGES + below(SPARE_PAGES);

		MUST(memory_claim(&memory, PAGES(page), PAGES(page + 1), OWNER_HEAP, "heap"));
	}
}

struct tally {
	u64 layouts, staged, moved, zeroed, no_room;
};

static void run_random(u64 seed, void (*make)(void), struct tally *tally)
{
	struct pagelist list;
	const char *what = NULL;
	enum err err;
	u32 claims;

	state = seed * 0x9e3779b97f4a7c15ull + 1;
	start(MAX_PAGES, seed);
	make();
	claim_some();
	claims = memory.claim_count;
	MUST(plan_place(&plan, &memory));
	err = model_run(&plan, &memory, &list, &what);
	if (what || (err && err != ERR_NO_ROOM) || memory.claim_count != claims)
		fail_msg("seed %llu: %s: %s", seed, err_text(err), what ? what : "claims are left");
	tally->no_room += err == ERR_NO_ROOM;
	tally->layouts += !err;
	tally->staged += list.staged_pages;
	tally->moved += list.moved_pages;
	tally->zeroed += list.zeroed_pages;
	stop();
}

static void test_random_layouts(void **unused)
{
	struct tally tally = { 0 };

	(void)unused;
	for (u64 seed = 1; seed <= RANDOM_LAYOUTS; seed++)
		run_random(seed, make_random, &tally);
	assert_true(tally.no_room < RANDOM_LAYOUTS / 50);
	assert_true(tally.staged && tally.zeroed && tally.moved > tally.layouts);
}

static void test_random_permutations(void **unused)
{
	struct tally tally = { 0 };

	(void)unused;
	for (u64 seed = 1; seed <= RANDOM_PERMUTATIONS; seed++)
		run_random(seed, make_permutation, &tally);
	assert_true(tally.no_room < RANDOM_PERMUTATIONS / 10);
	assert_true(tally.staged > tally.layouts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_layouts),
		cmocka_unit_test(test_random_permutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
