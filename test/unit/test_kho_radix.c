/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The tree of what is preserved, read back by its definition and compared with blocks found page by page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kho_radix.h"
#include "random.h"

#define DEST 0x123456000ull
#define CAPACITY 2000u
#define BLOCKS_MAX 1000u

struct block {
	u64 page;
	u32 order;
};

struct blocks {
	struct block block[BLOCKS_MAX];
	u32 count;
};

static struct kho_radix radix;

static int setup(void **state)
{
	(void)state;
	radix = (struct kho_radix){ .pages = calloc(CAPACITY, PAGE_SIZE), .dest = DEST, .count = 1, .capacity = CAPACITY };
	return !radix.pages;
}

static int teardown(void **state)
{
	(void)state;
	free(radix.pages);
	return 0;
}

static void restart(void)
{
	teardown(NULL);
	setup(NULL);
}

static void add(struct blocks *blocks, u64 page, u32 order)
{
	assert_true(blocks->count < BLOCKS_MAX);
	blocks->block[blocks->count++] = (struct block){ page, order };
}

/* Of each page in turn: the largest block that may begin there. */
static void model(struct blocks *blocks, u64 page, u64 end)
{
	while (page < end) {
		u32 order = 51;

		while (page % (1ull << order) || (1ull << order) > end - page)
			order--;
		add(blocks, page, order);
		page += 1ull << order;
	}
}

static const void *page_at(u64 address)
{
	assert_true(address >= DEST && !(address % PAGE_SIZE) && (address - DEST) / PAGE_SIZE < radix.count);
	return radix.pages + (size_t)(address - DEST);
}

/* A key is the path from the root: nine bits a level, fifteen in the bitmap. */
static void read_tree(struct blocks *blocks, u64 address, u32 level, u64 path)
{
	const u64 *table = page_at(address);
	const u8 *bitmap = page_at(address);

	for (u32 i = 0; level && i < 512; i++)
		if (table[i])
			read_tree(blocks, table[i], level - 1, path << 9 | i);
	for (u32 i = 0; !level && i < 32768; i++) {
		u64 key = path << 15 | i;
		u32 order = 0;

		if (!(bitmap[i / 8] >> i % 8 & 1))
			continue;
		while (!(key >> (52 - order)))
			order++;
		add(blocks, (key ^ 1ull << (52 - order)) << order, order);
	}
}

static int compare(const void *a, const void *b)
{
	u64 left = ((const struct block *)a)->page, right = ((const struct block *)b)->page;

	return (left > right) - (left < right);
}

static void check(const struct blocks *wanted)
{
	static struct blocks sorted, got;

	sorted = *wanted;
	got.count = 0;
	read_tree(&got, DEST, 5, 0);
	qsort(sorted.block, sorted.count, sizeof(*sorted.block), compare);
	qsort(got.block, got.count, sizeof(*got.block), compare);
	assert_int_equal(got.count, sorted.count);
	for (u32 i = 0; i < got.count; i++) {
		assert_int_equal(got.block[i].page, sorted.block[i].page);
		assert_int_equal(got.block[i].order, sorted.block[i].order);
	}
}

/* Ranges in slots of their own, of all sizes, near and far: no more pages than was foretold. */
static void test_random_ranges(void **state)
{
	static struct blocks wanted;
	struct random random = { 0x6b686f };

	(void)state;
	for (u32 round = 0; round < 300; round++) {
		u32 ranges = 1 + random_below(&random, 8), pages = KHO_RADIX_PAGES_MIN;

		restart();
		wanted.count = 0;
		for (u32 i = 0; i < ranges; i++) {
			u32 bits = random_below(&random, 30);
			u64 slot = (u64)(i * 1000 + random_below(&random, 1000)) << 30;
			u64 start = slot + (random_next(&random) & ((1ull << bits) - 1));
			u64 end = start + 1 + (random_next(&random) & ((1ull << random_below(&random, 28)) - 1));

			model(&wanted, start, end);
			pages += kho_radix_pages((end - start) << PAGE_SHIFT);
			assert_true(kho_radix_add(&radix, start << PAGE_SHIFT, end << PAGE_SHIFT));
			assert_true(radix.count <= pages);
		}
		check(&wanted);
	}
}

static void test_every_small_range(void **state)
{
	static struct blocks wanted;

	(void)state;
	for (u64 start = 0; start < 20; start++) {
		for (u64 end = start; end < 40; end++) {
			restart();
			wanted.count = 0;
			model(&wanted, start, end);
			assert_true(kho_radix_add(&radix, start << PAGE_SHIFT, end << PAGE_SHIFT));
			assert_true(radix.count <= KHO_RADIX_PAGES_MIN + kho_radix_pages((end - start) << PAGE_SHIFT));
			check(&wanted);
		}
	}
}

/* kho_radix_encode_key(0x40000000, 0) of Linux is 0x10000000040000, and where that leads. */
static void test_known_keys(void **state)
{
	static struct blocks got;
	const u64 *root = (const u64 *)radix.pages;

	(void)state;
	assert_true(kho_radix_add(&radix, 0x40000000, 0x40001000));
	assert_int_equal(root[2], DEST + PAGE_SIZE);
	assert_int_equal(radix.count, 6);
	/* Bit 0 of the bitmap that entry 8 of the last table leads to. */
	assert_int_equal(((const u64 *)page_at(DEST + 4 * PAGE_SIZE))[8], DEST + 5 * PAGE_SIZE);
	assert_int_equal(*(const u8 *)page_at(DEST + 5 * PAGE_SIZE), 1);
	read_tree(&got, DEST, 5, 0);
	assert_int_equal(got.count, 1);
	assert_int_equal(got.block[0].page, 0x40000);
}

static void test_pages_used_up(void **state)
{
	(void)state;
	for (u32 capacity = 1; capacity < 6; capacity++) {
		restart();
		radix.capacity = capacity;
		assert_false(kho_radix_add(&radix, MIB(1), MIB(1) + PAGE_SIZE));
		assert_int_equal(radix.count, capacity);
	}
	restart();
	radix.capacity = 6;
	assert_true(kho_radix_add(&radix, MIB(1), MIB(1) + PAGE_SIZE));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_random_ranges), TEST(test_every_small_range), TEST(test_known_keys), TEST(test_pages_used_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
