/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The memory map out of the loader's and EFI's words. */
#include "bootinfo_fixture.h"

#define SOFT MEM_SOFT_RESERVED
#define HOLE 0

static void require_map(const struct mem_range *want, u32 count)
{
	assert_int_equal(bootinfo_memory_map(&info, &map), ERR_OK);
	assert_int_equal(map.count, count);
	for (u32 i = 0; i < count; i++) {
		assert_true(map.ranges[i].start == want[i].start);
		assert_true(map.ranges[i].end == want[i].end);
		assert_int_equal(map.ranges[i].type, want[i].type);
	}
}

#define REQUIRE_MAP(...) \
	require_map((const struct mem_range[]){ __VA_ARGS__ }, \
		    sizeof((const struct mem_range[]){ __VA_ARGS__ }) / sizeof(struct mem_range))

static void test_bios(void **state)
{
	(void)state;
	mb2_begin_mmap(&block);
	mb2_mmap(&block, 0xfffc0000, 0x40000, 2);
	mb2_mmap(&block, 0x100000, 0x7ee0000, 1);
	mb2_mmap(&block, 0, 0x9fc00, 1);
	mb2_mmap(&block, 0x9fc00, 0x400, 2);
	mb2_mmap(&block, 0x500000, 0, 5);
	mb2_mmap(&block, 0x100000000ull, 0x80000000, 1);
	mb2_mmap(&block, 0x200000, 0x1000, 20);
	mb2_end(&block);
	parse();
	REQUIRE_MAP({ 0, 0x9fc00, 1 }, { 0x9fc00, 0xa0000, 2 }, { 0x100000, 0x200000, 1 }, { 0x200000, 0x201000, 20 },
		    { 0x201000, 0x7fe0000, 1 }, { 0xfffc0000, 0x100000000ull, 2 },
		    { 0x100000000ull, 0x180000000ull, 1 });
	assert_int_equal(fake_log_errors(), 0);
}

static void test_basic(void **state)
{
	(void)state;
	mb2_number(&block, 4, 0x1f8000000280ull, 8);
	parse();
	REQUIRE_MAP({ 0, 0xa0000, 1 }, { 0x100000, 0x100000 + KIB(0x1f80), 1 });
	assert_true(fake_log_has("warning: no memory map: going by basic memory lower_kib=640 upper_kib=8064"));
}

static void test_none(void **state)
{
	(void)state;
	mb2_begin_mmap(&block);
	mb2_end(&block);
	parse();
	assert_int_equal(bootinfo_memory_map(&info, &map), ERR_NOT_FOUND);
	assert_true(fake_log_has("multiboot2: error: no memory map and no basic memory"));
	assert_int_equal(map.count, 0);
}

/* Types 0 to 16 of UEFI, without and with a mark for a specific purpose. */
static const u32 efi_types[17][2] = {
	{ 2, 2 }, { 1, SOFT }, { 1, SOFT }, { 1, SOFT }, { 1, SOFT }, { 2, 2 }, { 2, 2 }, { 1, SOFT },
	{ 5, 5 }, { 3, 3 }, { 4, 4 }, { 2, 2 }, { 2, 2 }, { 2, 2 }, { 7, 7 }, { 2, 2 }, { 2, 2 },
};

static void test_efi_types(void **state)
{
	for (u32 type = 0; type < ARRAY_COUNT(efi_types); type++) {
		for (u32 special = 0; special < 2; special++) {
			setup(state);
			mb2_begin_efi(&block);
			mb2_efi(&block, type, 0x100000, 16, special ? SP | 0xf : ~(u64)SP);
			mb2_end(&block);
			parse();
			REQUIRE_MAP({ 0x100000, 0x110000, efi_types[type][special] });
			teardown(state);
		}
	}
}

/* Where boot services go on, their memory is theirs. */
static void test_efi_boot_services_on(void **state)
{
	(void)state;
	mb2_begin_efi(&block);
	mb2_efi(&block, 2, 0x100000, 1, 0xf);
	mb2_efi(&block, 3, 0x101000, 1, 0xf);
	mb2_efi(&block, 4, 0x102000, 1, 0xf);
	mb2_efi(&block, 7, 0x103000, 1, 0xf);
	mb2_end(&block);
	mb2_number(&block, 18, 0, 0);
	parse();
	REQUIRE_MAP({ 0x100000, 0x101000, 1 }, { 0x101000, 0x103000, 2 }, { 0x103000, 0x104000, 1 });
}

static void test_efi_wraps(void **state)
{
	(void)state;
	mb2_begin_efi(&block);
	mb2_efi(&block, 7, 0x1000, ~0ull, 0xf);
	mb2_efi(&block, 0, 0x2000, 1ull << 52, 0xf);		/* 2^64 bytes */
	mb2_efi(&block, 10, 0xfffffffffffff000ull, 1, 0xf);
	mb2_end(&block);
	parse();
	REQUIRE_MAP({ 0x1000, 0x2000, 1 }, { 0x2000, PADDR_LIMIT, 2 });
}

/* What the loader says (first), what EFI says (second; HOLE: nothing), and what comes of it. */
static const struct pair {
	u32 loader, efi, want;
} pairs[] = {
	{ 1, HOLE, 1 }, { 2, HOLE, 2 }, { 3, HOLE, 3 }, { 20, HOLE, 20 },
	{ HOLE, 7, HOLE }, { HOLE, 4, HOLE }, { HOLE, 6, 2 }, { HOLE, 10, 4 },	/* EFI alone makes nothing usable */
	{ 1, 7, 1 }, { 2, 0, 2 }, { 2, 6, 2 }, { 3, 9, 3 }, { 4, 10, 4 }, { 5, 8, 5 },	/* agreed */
	{ 1, 6, 2 }, { 1, 9, 3 }, { 1, 10, 4 }, { 1, 8, 5 }, { 1, 14, 7 },		/* EFI refines */
	{ 2, 14, 7 }, { 2, 9, 3 }, { 2, 10, 4 }, { 2, 8, 5 },				/* "reserved" says little */
	{ 2, 7, 2 }, { 3, 7, 3 }, { 5, 7, 5 }, { 20, 7, 20 },				/* the loader was told more */
	{ 3, 10, 4 }, { 4, 9, 4 }, { 5, 10, 5 }, { 3, 6, 2 }, { 5, 6, 5 }, { 7, 14, 7 },	/* the stricter */
};

static void test_pairs(void **state)
{
	(void)state;
	mb2_begin_mmap(&block);
	for (u32 i = 0; i < ARRAY_COUNT(pairs); i++) {
		if (pairs[i].loader != HOLE)
			mb2_mmap(&block, (u64)i * 0x2000, 0x1000, pairs[i].loader);
	}
	mb2_end(&block);
	mb2_begin_efi(&block);
	for (u32 i = 0; i < ARRAY_COUNT(pairs); i++) {
		if (pairs[i].efi != HOLE)
			mb2_efi(&block, pairs[i].efi, (u64)i * 0x2000, 1, 0xf);
	}
	mb2_end(&block);
	parse();
	assert_int_equal(bootinfo_memory_map(&info, &map), ERR_OK);
	for (u32 i = 0; i < ARRAY_COUNT(pairs); i++) {
		paddr_t at = (u64)i * 0x2000;

		for (u32 type = 1; type <= 20; type++)
			assert_int_equal(memmap_covers(&map, at, at + 0x1000, type), type == pairs[i].want);
	}
}

/* In what parts soever EFI cuts what the loader gives whole: where both agree, the result is the loader's map. */
static void test_agreement(void **state)
{
	struct random random = { 31 };
	struct memmap loader;

	for (int round = 0; round < 300; round++) {
		setup(state);
		memmap_init(&loader);
		mb2_begin_mmap(&block);
		for (u32 i = 0; i < 20; i++) {
			mb2_mmap(&block, i * 0x10000, 0x10000, 1 + i % 4);
			assert_int_equal(memmap_add(&loader, i * 0x10000, 0x10000, 1 + i % 4), ERR_OK);
		}
		mb2_end(&block);
		mb2_begin_efi(&block);
		for (u32 page = 0, pages; page < 20 * 16; page += pages) {
			static const u32 kinds[4][2] = { { 7, 2 }, { 0, 5 }, { 9, 9 }, { 10, 10 } };

			pages = 1 + random_below(&random, 16 - page % 16);
			mb2_efi(&block, kinds[page / 16 % 4][random_below(&random, 2)], (u64)page << 12, pages, 0xf);
		}
		mb2_end(&block);
		parse();
		assert_int_equal(memmap_sanitise(&loader), ERR_OK);
		require_map(loader.ranges, loader.count);
		memmap_free(&loader);
		teardown(state);
	}
}

/* --- the place for the first heap --- */

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bios), TEST(test_basic), TEST(test_none), cmocka_unit_test(test_efi_types),
		TEST(test_efi_boot_services_on), TEST(test_efi_wraps), TEST(test_pairs),
		cmocka_unit_test(test_agreement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
