/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The place for the first heap, before there is a map. */
#include "bootinfo_fixture.h"

#define SPAN 40				/* pages from 1 MiB on */
#define PAGE(n) (MIB(1) + (u64)(n) * PAGE_SIZE)

static void test_early(void **state)
{
	paddr_t at;

	(void)state;
	mb2_begin_mmap(&block);
	mb2_mmap(&block, 0, 0xa0000, 1);
	mb2_mmap(&block, 0x100000, 0xff00000, 1);
	mb2_mmap(&block, 0x100000000ull, 0x100000000ull, 1);
	mb2_end(&block);
	mb2_module(&block, 0xfff0000, 0xffffabc, "m");
	parse();
	assert_int_equal(early_region(&info, 0x100000, 0, 0, &at), ERR_OK);
	assert_true(at == 0xfff0000 - 0x100000);
	assert_int_equal(early_region(&info, 1, 0xffef000, 0xffef001, &at), ERR_OK);
	assert_true(at == 0xffee000);
	assert_int_equal(early_region(&info, 0xfef0000, 0, 0, &at), ERR_OK);
	assert_true(at == 0x100000);
	assert_int_equal(early_region(&info, 0xfef0001, 0, 0, &at), ERR_NO_ROOM);
	assert_int_equal(early_region(&info, 0, 0, 0, &at), ERR_VALUE);
	assert_int_equal(early_region(&info, ~0ull, 0, 0, &at), ERR_VALUE);
	assert_int_equal(early_region(&info, ~0xfffull, 0, 0, &at), ERR_NO_ROOM);
}

/* Below 4 GiB even where memory goes on; the information block is in nobody's way but its own. */
static void test_early_limits(void **state)
{
	paddr_t at;

	(void)state;
	mb2_begin_mmap(&block);
	mb2_mmap(&block, 0, ~0ull, 1);
	mb2_end(&block);
	mb2_close(&block);
	assert_int_equal(bootinfo_parse(&info, block.data, 0xfffff800, block.size), ERR_OK);
	assert_int_equal(early_region(&info, 0x2000, 0, 0, &at), ERR_OK);
	assert_true(at == 0xffffd000);
}

static void test_early_without_maps(void **state)
{
	paddr_t at;

	(void)state;
	mb2_number(&block, 4, 0x040000000280ull, 8);
	parse();
	assert_int_equal(early_region(&info, 0x1000, 0, 0, &at), ERR_OK);
	assert_true(at == 0x1ff000);
	info.has_basic_memory = false;
	assert_int_equal(early_region(&info, 0x1000, 0, 0, &at), ERR_NO_ROOM);
}

/* Basic memory counts for nothing beside a map of either kind. */
static void test_early_by_either_map(void **state)
{
	for (int efi = 0; efi <= 1; efi++) {
		paddr_t at;

		setup(state);
		mb2_number(&block, 4, 0x040000000280ull, 8);
		if (efi) {
			mb2_begin_efi(&block);
			mb2_efi(&block, 7, 0x108000, 8, 0xf);
			mb2_efi(&block, 7, 0x100000, 8, 0xf);
		} else {
			mb2_begin_mmap(&block);
			mb2_mmap(&block, 0x108000, 0x8000, 1);
			mb2_mmap(&block, 0x100000, 0x8000, 1);
		}
		mb2_end(&block);
		parse();
		assert_int_equal(early_region(&info, 0x1000, 0, 0, &at), ERR_OK);
		assert_true(at == 0x10f000);
		assert_int_equal(early_region(&info, 0x1000, 0x101000, 0x110000, &at), ERR_OK);
		assert_true(at == 0x100000);
		assert_int_equal(early_region(&info, 0x1000, 0x100fff, 0x10f001, &at), ERR_NO_ROOM);
		teardown(state);
	}
}

/* Where the loader leaves memory out that EFI offers, it is not taken. */
static void test_early_only_what_loader_offers(void **state)
{
	paddr_t at;

	(void)state;
	mb2_begin_mmap(&block);
	mb2_mmap(&block, 0x100000, 0x10000, 1);
	mb2_end(&block);
	mb2_begin_efi(&block);
	mb2_efi(&block, 7, 0x100000, 0x100, 0xf);
	mb2_efi(&block, 7, 0x10f000, 1, SP);
	mb2_end(&block);
	parse();
	assert_int_equal(early_region(&info, 0x1000, 0, 0, &at), ERR_OK);
	assert_true(at == 0x10e000);
}

struct world {
	bool offered[SPAN * 16];	/* by 256 bytes */
	bool taken[SPAN * 16];
};

static void set(bool *units, u32 start, u32 size)
{
	for (u32 i = start; i < start + size; i++)
		units[i] = true;
}

/* Random entries on units of 256 bytes; single usable entries, so that one covers what together they would. */
static void random_world(struct random *random, struct world *w, paddr_t *avoid, paddr_t *avoid_end)
{
	u32 count = random_below(random, 6), start, size;

	memset(w, 0, sizeof(*w));
	mb2_begin_mmap(&block);
	start = random_below(random, SPAN * 8);
	size = 1 + random_below(random, SPAN * 16 - start);
	set(w->offered, start, size);
	mb2_mmap(&block, PAGE(0) + start * 256, size * 256, 1);
	while (count--) {
		start = random_below(random, SPAN * 16);
		size = random_below(random, min_u64(SPAN * 16 - start, 64));
		set(w->taken, start, size);
		mb2_mmap(&block, PAGE(0) + start * 256, size * 256, 2 + random_below(random, 6));
	}
	mb2_end(&block);
	for (count = random_below(random, 3); count--;) {
		start = random_below(random, SPAN * 16);
		size = random_below(random, min_u64(SPAN * 16 - start, 64));
		set(w->taken, start, size);
		mb2_module(&block, (u32)PAGE(0) + start * 256, (u32)PAGE(0) + (start + size) * 256, "m");
	}
	start = random_below(random, SPAN * 16);
	size = random_below(random, min_u64(SPAN * 16 - start, 64));
	set(w->taken, start, size);
	*avoid = PAGE(0) + start * 256;
	*avoid_end = *avoid + size * 256;
}

static bool fits(const struct world *w, u32 page, u32 pages)
{
	for (u32 i = page * 16; i < (page + pages) * 16; i++) {
		if (!w->offered[i] || w->taken[i])
			return false;
	}
	return true;
}

static void test_early_random(void **state)
{
	struct random random = { 32 };
	u32 found = 0;

	for (int round = 0; round < 5000; round++) {
		u32 pages = 1 + random_below(&random, 6), size;
		paddr_t avoid, avoid_end, at = 0, want = 0;
		struct world w;
		enum err err;

		setup(state);
		random_world(&random, &w, &avoid, &avoid_end);
		parse();
		for (u32 page = 0; page + pages <= SPAN; page++) {
			if (fits(&w, page, pages))
				want = PAGE(page);
		}
		size = pages * PAGE_SIZE - random_below(&random, PAGE_SIZE);
		err = early_region(&info, size, avoid, avoid_end, &at);
		assert_int_equal(err, want ? ERR_OK : ERR_NO_ROOM);
		assert_true(at == want);
		found += want != 0;
		teardown(state);
	}
	assert_in_range(found, 1000, 4900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_early), TEST(test_early_limits), TEST(test_early_without_maps),
		cmocka_unit_test(test_early_by_either_map),
		TEST(test_early_only_what_loader_offers), cmocka_unit_test(test_early_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
