/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The mover on lists made by hand: every kind of word, overlaps at every distance, swapping there and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mover.h"
#include "pagelist.h"

#define PAGES 64u
#define SIZE (PAGES * PAGE_SIZE)
#define LIST 60u			/* the list's pages: the last four */
#define PAGE(n) ((u64)(n) << PAGE_SHIFT)

static u8 *ram, *wanted;
static u64 *word;
static u64 state = 1;

static u64 random64(void)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return state >> 24;
}

static int start(void **unused)
{
	(void)unused;
	if (!ram)
		ram = aligned_alloc(PAGE_SIZE, SIZE);
	if (!wanted)
		wanted = malloc(SIZE);
	assert_non_null(ram);
	assert_non_null(wanted);
	for (u32 i = 0; i < SIZE; i++)
		ram[i] = (u8)random64();
	memcpy(wanted, ram, SIZE);
	word = (u64 *)(ram + PAGE(LIST));
	return 0;
}

static void put(u64 value)
{
	*word++ = value;
}

/* Run the list, and compare all memory but the list's. */
static void run(enum mover_mode mode, u64 moved)
{
	volatile u64 progress = 0;
	u64 words = (u64)(word - (u64 *)(ram + PAGE(LIST)));

	assert_int_equal(mover_run((uintptr_t)ram, PAGE(LIST), mode, &progress), moved);
	assert_int_equal(progress, words - 1);
	assert_memory_equal(ram, wanted, PAGE(LIST));
}

static void test_empty(void **unused)
{
	(void)unused;
	put(PAGELIST_DONE);
	run(MOVER_COPY, 0);
	assert_int_equal(mover_run((uintptr_t)ram, PAGE(LIST), MOVER_COPY, NULL), 0);
}

/* kexec's own words: a page each, the cursor goes on by itself. */
static void test_single_pages(void **unused)
{
	(void)unused;
	put(PAGE(10) | PAGELIST_DEST);
	put(PAGE(20) | PAGELIST_SOURCE);
	put(PAGE(30) | PAGELIST_SOURCE);
	put(PAGE(3) | PAGELIST_DEST);
	put(PAGE(20) | PAGELIST_SOURCE);
	put(PAGELIST_DONE);
	memcpy(wanted + PAGE(10), ram + PAGE(20), PAGE_SIZE);
	memcpy(wanted + PAGE(11), ram + PAGE(30), PAGE_SIZE);
	memcpy(wanted + PAGE(3), ram + PAGE(20), PAGE_SIZE);
	run(MOVER_COPY, 3);
}

/* A run counts for one SOURCE only, as does a skew. */
static void test_runs_and_skews(void **unused)
{
	(void)unused;
	put(PAGE(10) | PAGELIST_DEST);
	put(PAGE(5) | PAGELIST_RUN);
	put(PAGE(20) | PAGELIST_SOURCE);
	put(PAGE(2) | PAGELIST_RUN);
	put(PAGE(4095) | PAGELIST_SKEW);
	put(PAGE(30) | PAGELIST_SOURCE);
	put(PAGE(40) | PAGELIST_SOURCE);
	put(PAGE(3) | PAGELIST_ZERO);
	put(PAGE(41) | PAGELIST_SOURCE);
	put(PAGELIST_DONE);
	memcpy(wanted + PAGE(10), ram + PAGE(20), 5 * PAGE_SIZE);
	memcpy(wanted + PAGE(15), ram + PAGE(30) + 4095, 2 * PAGE_SIZE);
	memcpy(wanted + PAGE(17), ram + PAGE(40), PAGE_SIZE);
	memset(wanted + PAGE(18), 0, 3 * PAGE_SIZE);
	memcpy(wanted + PAGE(21), ram + PAGE(41), PAGE_SIZE);
	run(MOVER_COPY, 12);
}

/* The list goes on elsewhere between any two words, also between RUN, SKEW and SOURCE. */
static void test_indirection(void **unused)
{
	static const u32 order[] = { 62, 61, 63 };
	u64 words[] = {
		PAGE(10) | PAGELIST_DEST, PAGE(4) | PAGELIST_RUN, PAGE(9) | PAGELIST_SKEW, PAGE(20) | PAGELIST_SOURCE,
		PAGE(2) | PAGELIST_ZERO, PAGE(30) | PAGELIST_SOURCE, PAGELIST_DONE,
	};

	(void)unused;
	memcpy(wanted + PAGE(10), ram + PAGE(20) + 9, 4 * PAGE_SIZE);
	memset(wanted + PAGE(14), 0, 2 * PAGE_SIZE);
	memcpy(wanted + PAGE(16), ram + PAGE(30), PAGE_SIZE);
	for (u32 cut = 0; cut < ARRAY_COUNT(words); cut++) {
		volatile u64 progress = 0;
		u32 jumps = 0;

		word = (u64 *)(ram + PAGE(LIST));
		for (u32 i = 0; i < ARRAY_COUNT(words); i++) {
			if (i >= cut && jumps < ARRAY_COUNT(order)) {
				put(PAGE(order[jumps]) | PAGELIST_IND);
				word = (u64 *)(ram + PAGE(order[jumps++]));
			}
			put(words[i]);
		}
		memset(ram + PAGE(10), 0xee, 7 * PAGE_SIZE);
		assert_int_equal(mover_run((uintptr_t)ram, PAGE(LIST), MOVER_COPY, &progress), 7);
		assert_int_equal(progress, ARRAY_COUNT(words) - 1 + jumps);
		assert_memory_equal(ram, wanted, PAGE(LIST));
	}
}

/* A run over itself by `distance` bytes, up or down. */
static void overlap(u32 pages, u32 distance, bool up)
{
	u32 low = 24 * PAGE_SIZE, skew;
	u32 dest = low, source;

	start(NULL);
	source = up ? low - distance : low + distance;
	skew = source % PAGE_SIZE;
	put(dest | PAGELIST_DEST);
	put(PAGE(pages) | PAGELIST_RUN | (up ? PAGELIST_BACKWARD : 0));
	if (skew)
		put(PAGE(skew) | PAGELIST_SKEW);
	put((source - skew) | PAGELIST_SOURCE);
	put(PAGELIST_DONE);
	memcpy(wanted + dest, ram + source, pages * PAGE_SIZE);
	run(MOVER_COPY, pages);
}

static void test_overlaps(void **unused)
{
	static const u32 distances[] = {
		1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255, 256, 1000, 1023, 1024, 1025, 2048, 4000,
		4095, 4096, 4097, 5000, 8191, 8192, 8193, 12288, 20000, 40960, 61440,
	};

	(void)unused;
	for (u32 i = 0; i < ARRAY_COUNT(distances); i++) {
		for (u32 pages = 1; pages <= 10; pages += 3) {
			overlap(pages, distances[i], true);
			overlap(pages, distances[i], false);
		}
	}
}

/* --- swapping --- */

#define FIRST_SOURCE 30u		/* destinations lie below, the list above the sources */

/*
 * A list for swapping: disjoint runs, each page once. `wanted` becomes what it makes of memory, and wanted_back what
 * comes of walking it again: memory as it was, but for the pages that kept something for ZERO, which then hold the
 * zeros.
 */
static u64 make_swap_list(u8 *wanted_back)
{
	u32 dest = 1, source = FIRST_SOURCE, next_list = LIST + 1;
	u64 total = 0;

	while (dest <= 25 && source <= LIST - 4) {
		u32 pages = 1 + (u32)(random64() % 4);
		bool zero = !(random64() % 3);

		put(PAGE(dest) | PAGELIST_DEST);
		if (zero)
			put(PAGE(pages) | PAGELIST_ZERO);
		else if (pages > 1 || random64() % 2)
			put(PAGE(pages) | PAGELIST_RUN);
		if (next_list < PAGES && !(random64() % 4)) {
			put(PAGE(next_list) | PAGELIST_IND);
			word = (u64 *)(ram + PAGE(next_list++));
		}
		put(PAGE(source) | PAGELIST_SOURCE);
		memcpy(wanted + PAGE(source), ram + PAGE(dest), PAGE(pages));
		if (zero) {
			memset(wanted + PAGE(dest), 0, PAGE(pages));
			memset(wanted_back + PAGE(source), 0, PAGE(pages));
		} else {
			memcpy(wanted + PAGE(dest), ram + PAGE(source), PAGE(pages));
		}
		total += pages;
		dest += pages + (u32)(random64() % 3);
		source += pages + (u32)(random64() % 2);
	}
	put(PAGELIST_DONE);
	return total;
}

/* Every other time by the registers that the i386 build has for it. */
static u64 run_either(enum mover_mode mode)
{
	static u32 count;

	/* Not a multiple of the runs in a round. */
	return count++ % 5 & 1 ? mover_run_wide((uintptr_t)ram, PAGE(LIST), mode, NULL) :
				 mover_run((uintptr_t)ram, PAGE(LIST), mode, NULL);
}

static void swap(enum mover_mode mode, u64 moved, const u8 *result)
{
	assert_int_equal(run_either(mode), moved);
	assert_memory_equal(ram, result, PAGE(LIST));
}

/* There, back, and all memory is as it was; there once more, and the image is as it was left, its zeroed pages too. */
static void test_swap(void **unused)
{
	static u8 back[SIZE], left[SIZE];
	u64 total;

	(void)unused;
	for (u32 round = 0; round < 300; round++) {
		start(NULL);
		memcpy(back, ram, SIZE);
		total = make_swap_list(back);
		swap(MOVER_SWAP, total, wanted);
		swap(MOVER_SWAP_BACK, total, back);
		swap(MOVER_SWAP_BACK, total, wanted);

		/* The image runs, and writes into its pages. */
		for (u32 at = PAGE_SIZE; at < PAGE(26); at += 64)
			ram[at] ^= wanted[at + 1] | 1;
		memcpy(left, ram, PAGE(LIST));
		assert_int_equal(mover_run((uintptr_t)ram, PAGE(LIST), MOVER_SWAP_BACK, NULL), total);
		swap(MOVER_SWAP_BACK, total, left);
	}
}

/* Copied at any skew, through one list page or two, in one piece or in more; kept, brought back; sources are left alone. */
static void test_keep(void **unused)
{
	static u8 before[SIZE];

	(void)unused;
	for (u32 round = 0; round < 300; round++) {
		u32 skew = round % 3 ? 0 : (u32)(random64() % PAGE_SIZE), pages = 2 + (u32)(random64() % 5), first = 1 + (u32)(random64() % (pages - 1));
		bool own = !skew && round % 2;	/* what is copied waits in the very pages that keep the old contents */
		u32 source = own ? 30 : 20;

		start(NULL);
		memcpy(before, ram, SIZE);
		put(PAGE(3) | PAGELIST_DEST);
		put(PAGE(first) | PAGELIST_RUN);
		put(PAGE(skew) | PAGELIST_SKEW);
		put(PAGE(30) | PAGELIST_KEEP);
		put(PAGE(source) | PAGELIST_SOURCE);
		put(PAGE(pages - first) | PAGELIST_RUN);
		put(PAGE(LIST + 2) | PAGELIST_IND);
		word = (u64 *)(ram + PAGE(LIST + 2));
		put(PAGE(skew) | PAGELIST_SKEW);
		put(PAGE(30 + first) | PAGELIST_KEEP);
		put(PAGE(source + first) | PAGELIST_SOURCE);
		put(PAGE(40) | PAGELIST_KEEP);
		put(PAGE(50) | PAGELIST_SOURCE);
		put(PAGELIST_DONE);
		memcpy(wanted + PAGE(30), before + PAGE(3), PAGE(pages));
		memcpy(wanted + PAGE(3), before + PAGE(source) + skew, PAGE(pages));
		memcpy(wanted + PAGE(40), before + PAGE(3 + pages), PAGE_SIZE);
		memcpy(wanted + PAGE(3 + pages), before + PAGE(50), PAGE_SIZE);
		assert_int_equal(run_either(MOVER_SWAP), pages + 1);
		assert_memory_equal(ram, wanted, PAGE(LIST));

		memset(ram + PAGE(3), 0x11, PAGE(pages + 1));
		memcpy(wanted + PAGE(3), before + PAGE(3), PAGE(pages + 1));
		memset(wanted + PAGE(30), 0x11, PAGE(pages));
		memset(wanted + PAGE(40), 0x11, PAGE_SIZE);
		swap(MOVER_SWAP_BACK, pages + 1, wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_empty, start),
		cmocka_unit_test_setup(test_single_pages, start),
		cmocka_unit_test_setup(test_runs_and_skews, start),
		cmocka_unit_test_setup(test_indirection, start),
		cmocka_unit_test(test_overlaps),
		cmocka_unit_test(test_swap),
		cmocka_unit_test(test_keep),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(ram);
	free(wanted);
	return failed;
}
