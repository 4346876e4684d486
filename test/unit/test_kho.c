/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What a kernel is handed over by kexec handover: followed from the zero page on, as Linux follows it. */
#include "kho_rig.h"

static void test_handover(void **state)
{
	struct kho_places places;
	const void *root;
	paddr_t map;
	int node;

	(void)state;
	calls_note("hello", &(struct swing){ .outcome = SWING_FAULT });
	calls_note("hello", &(struct swing){ .outcome = SWING_RETURNED, .result = 0x1234 });
	prepare("kho-v4");
	places = find_places(finish());
	assert_int_equal(places.tree_size, 4096);
	root = delivered(places.tree);
	assert_int_equal(fdt_check_full(root, 4096), 0);
	assert_int_equal(fdt_node_check_compatible(root, 0, "kho-v4"), 0);
	map = native(root, 0, "preserved-memory-map");
	expect_preserved(map, places.tree, PAGE_SIZE);
	check_regions(root);
	check_facts(root);
	check_metadata(root);
	node = fdt_subnode_offset(root, 0, "notes");
	assert_int_equal(native(root, node, "blob-size"), sizeof(blob_bytes));
	assert_memory_equal(delivered(native(root, node, "preserved-data")), blob_bytes, sizeof(blob_bytes));
	expect_preserved(map, native(root, node, "preserved-data"), sizeof(blob_bytes));
}

static void expect_scratch(const struct kho_places *places, u32 number, u64 start, u64 size)
{
	const u8 *list = delivered(places->scratch);

	assert_int_equal(handover_get(list, 16 * number, 8), start);
	assert_int_equal(handover_get(list, 16 * number + 8, 8), size);
	assert_false(is_preserved(native(delivered(places->tree), 0, "preserved-memory-map"), start));
}

/* 64 MiB, the kernel's init_size, and a 64th of memory; not where images wait. */
static void test_scratch(void **state)
{
	struct kho_places places;

	(void)state;
	prepare("kho-v4");
	places = find_places(finish());
	assert_int_equal(places.scratch_size, 16);
	expect_scratch(&places, 0, MIB(64), MIB(84));
}

static void test_scratch_of_a_large_machine(void **state)
{
	struct kho_places places;

	(void)state;
	prepare("kho-v4");
	assert_int_equal(memmap_add(&rig.memory.map, GIB(4), GIB(63), MEM_USABLE), ERR_OK);
	assert_int_equal(memmap_sanitise(&rig.memory.map), ERR_OK);
	fake_phys_limit = GIB(67);
	places = find_places(finish());
	assert_int_equal(places.scratch_size, 32);
	expect_scratch(&places, 0, MIB(64), MIB(256 + 68));
	expect_scratch(&places, 1, GIB(67) - MIB(768), MIB(768));
}

static void test_given_scratch(void **state)
{
	struct kho_places places;

	(void)state;
	prepare("kho-v4");
	memcpy(rig.config.kho_scratch, (u64[]){ MIB(128), MIB(64), MIB(256), MIB(4) }, 32);
	rig.config.kho_scratch_count = 4;
	places = find_places(finish());
	assert_int_equal(places.scratch_size, 32);
	expect_scratch(&places, 0, MIB(128), MIB(64));
	expect_scratch(&places, 1, MIB(256), MIB(4));
}

static void test_refused(void **state)
{
	(void)state;
	prepare("kho-v1");
	refuse(ERR_UNSUPPORTED, "trapeze,kho=\"kho-v1\" is not known; known: kho-v4");
	restart();
	prepare("kho-v4");
	rig_patch(kernel, 0x236, 2, 0);
	refuse(ERR_UNSUPPORTED, "only 64-bit kernels take a kexec handover");
	restart();
	prepare("kho-v4");
	memcpy(rig.config.kho_scratch, (u64[]){ MIB(128), MIB(64) + 1 }, 16);
	rig.config.kho_scratch_count = 2;
	refuse(ERR_ALIGN, "start=0x8000000 size=0x4000001, wanted multiples of 0x400000");
	restart();
	prepare("kho-v4");
	give_blob(1, "notes");
	refuse(ERR_DUPLICATE, "the blob \"notes\" is there twice");
	restart();
	prepare("kho-v4");
	give_blob(1, "memblock");
	refuse(ERR_DUPLICATE, "a blob cannot be called \"memblock\"");
	restart();
	prepare("kho-v4");
	give_blob(1, "a/b");
	refuse(ERR_VALUE, "a blob cannot be called \"a/b\"");
}

/* What was not kept from the start on is not handed over as if it had been. */
static void test_region_in_use(void **state)
{
	(void)state;
	assert_int_equal(memory_claim(&rig.memory, REGION + 0x1000, REGION + 0x2000, OWNER_MODULE, "a module"), ERR_OK);
	prepare("kho-v4");
	refuse(ERR_RESERVED, "\"results\" start=0xa00000 size=0x3000 meets a module");
	restart();
	assert_int_equal(memmap_mark(&rig.memory.map, REGION, REGION + 0x1000, MEM_RESERVED), ERR_OK);
	prepare("kho-v4");
	refuse(ERR_RESERVED, "\"results\" start=0xa00000 size=0x3000 meets what is no memory");
}

static void put_efi(u8 *map, u32 number, u32 type, paddr_t start, u64 pages)
{
	u8 *at = map + 48 * (size_t)number;

	handover_put(at, 0, 4, type);
	handover_put(at, 8, 8, start);
	handover_put(at, 24, 8, pages);
	handover_put(at, 32, 8, 0xf);
}

static void expect_efi(const u8 *map, u32 number, u32 type, paddr_t start, u64 pages, bool runtime)
{
	const u8 *at = map + 48 * (size_t)number;

	assert_int_equal(handover_get(at, 0, 4), type);
	assert_int_equal(handover_get(at, 8, 8), start);
	assert_int_equal(handover_get(at, 24, 8), pages);
	assert_int_equal(handover_get(at, 32, 8), runtime ? 0x800000000000000full : 0xf);
}

/* Linux would free what the firmware's boot services had. */
static void test_boot_services(void **state)
{
	u8 map[4 * 48] = { 0 };
	const struct boot_params *bp;
	const u8 *got;

	(void)state;
	put_efi(map, 0, 4, REGION - PAGE_SIZE, 5);
	put_efi(map, 1, 7, MIB(14) - PAGE_SIZE, 1);
	put_efi(map, 2, 3, MIB(14), 2);
	put_efi(map, 3, 3, UINT64_MAX - 0xfff, 1ull << 52);
	give_efi();
	rig.info.efi_map = (struct boot_blob){ map, sizeof(map) };
	prepare("kho-v4");
	bp = finish();
	got = delivered(bp->efi_info.efi_memmap);
	assert_int_equal(bp->efi_info.efi_memmap_size, 7 * 48);
	expect_efi(got, 0, 4, REGION - PAGE_SIZE, 1, false);
	expect_efi(got, 1, 4, REGION, 3, true);
	expect_efi(got, 2, 4, REGION + 3 * PAGE_SIZE, 1, false);
	expect_efi(got, 3, 7, MIB(14) - PAGE_SIZE, 1, false);
	expect_efi(got, 4, 3, MIB(14), 1, true);
	expect_efi(got, 5, 3, MIB(14) + PAGE_SIZE, 1, false);
	expect_efi(got, 6, 3, UINT64_MAX - 0xfff, 1ull << 52, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_handover), TEST(test_scratch), TEST(test_scratch_of_a_large_machine), TEST(test_given_scratch),
		TEST(test_refused), TEST(test_region_in_use), TEST(test_boot_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
