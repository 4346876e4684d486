/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What a kernel is handed over by kexec handover: followed from the zero page on, as Linux follows it. */
#include <libfdt.h>

#include "calls.h"
#include "kho_in.h"
#include "legacy.h"
#include "linux_rig.h"
#include "manifest.h"

#define REGION MIB(10)
#define REGION_SIZE 0x3000u

static struct manifest_region regions[] = { { "results", REGION, REGION_SIZE }, { "more", MIB(14), 0x1000 } };
static struct loader_part blobs[2];
static const u8 blob_bytes[5000] = "a blob";

static void give_blob(u32 number, const char *name)
{
	rig_ramdisk(&rig, name, blob_bytes, sizeof(blob_bytes), 0);
	blobs[number] = rig.parts[--rig.request.ramdisk_count];
	rig.request.modules = blobs;
	rig.request.module_count = number + 1;
}

/* 64 MiB that have bytes, and more up to 1 GiB for the scratch region. */
static void prepare(const char *version)
{
	rig_extend(&rig, GIB(1));
	rig.config.kho = version;
	rig.config.kho_memory = regions;
	rig.config.kho_memory_count = ARRAY_COUNT(regions);
	kho_claim_memory(&rig.memory, &(const struct manifest){ .configs = &rig.config, .config_count = 1 });
	give_blob(0, "notes");
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
}

static u64 native(const void *fdt, int node, const char *name)
{
	int length;
	const void *value = fdt_getprop(fdt, node, name, &length);

	assert_non_null(value);
	assert_int_equal(length, 8);
	return handover_get(value, 0, 8);
}

static void expect_text(const void *fdt, int node, const char *name, const char *wanted)
{
	const char *value = fdt_getprop(fdt, node, name, NULL);

	assert_non_null(value);
	assert_string_equal(value, wanted);
}

static struct kho_places find_places(const struct boot_params *bp)
{
	u64 at = bp->hdr.setup_data;

	while (at) {
		const u8 *node = delivered(at);

		if (handover_get(node, 8, 4) == 10) {
			assert_int_equal(handover_get(node, 12, 4), 32);
			return (struct kho_places){
				.tree = handover_get(node, 16, 8), .tree_size = handover_get(node, 24, 8),
				.scratch = handover_get(node, 32, 8), .scratch_size = handover_get(node, 40, 8),
			};
		}
		at = handover_get(node, 0, 8);
	}
	fail_msg("no setup_data of type 10");
	return (struct kho_places){ 0 };
}

/* Is this page preserved, in a block of any order? */
static bool is_preserved(paddr_t root, paddr_t address)
{
	for (u32 order = 0; order < 40; order++) {
		u64 key = 1ull << (52 - order) | address >> (12 + order);
		paddr_t at = root;

		for (int shift = 51; shift >= 15 && at; shift -= 9)
			at = ((const u64 *)delivered(at))[key >> shift & 511];
		if (at && ((const u8 *)delivered(at))[(key & 32767) / 8] >> (key & 7) & 1)
			return true;
	}
	return false;
}

static void expect_preserved(paddr_t root, paddr_t start, u64 size)
{
	for (paddr_t at = start; at < start + size; at += PAGE_SIZE)
		assert_true(is_preserved(root, at));
}

static const void *sub_tree(const void *root, const char *name, const char *compatible)
{
	int node = fdt_subnode_offset(root, 0, name);
	const void *tree;

	assert_true(node > 0);
	tree = delivered(native(root, node, "preserved-data"));
	assert_int_equal(fdt_check_full(tree, native(root, node, "blob-size")), 0);
	assert_int_equal(fdt_node_check_compatible(tree, 0, compatible), 0);
	expect_preserved(native(root, 0, "preserved-memory-map"), native(root, node, "preserved-data"),
			 native(root, node, "blob-size"));
	return tree;
}

static void check_regions(const void *root)
{
	const void *tree = sub_tree(root, "memblock", "memblock-v1");

	for (u32 i = 0; i < ARRAY_COUNT(regions); i++) {
		int node = fdt_subnode_offset(tree, 0, regions[i].name);

		assert_true(node > 0);
		expect_text(tree, node, "compatible", "reserve-mem-v1");
		assert_int_equal(native(tree, node, "start"), regions[i].start);
		assert_int_equal(native(tree, node, "size"), regions[i].size);
		expect_preserved(native(root, 0, "preserved-memory-map"), regions[i].start, regions[i].size);
	}
}

static void check_facts(const void *root)
{
	const void *tree = sub_tree(root, "trapeze", "trapeze-boot-v1");
	int node = fdt_path_offset(tree, "/images/image-1");

	expect_text(tree, 0, "manifest", "test machine");
	expect_text(tree, 0, "configuration", "test");
	expect_text(tree, 0, "bootargs", "");
	expect_text(tree, 0, "build", "x86_64");
	expect_text(tree, fdt_path_offset(tree, "/images/image-0"), "role", "kernel");
	expect_text(tree, node, "role", "blob");
	expect_text(tree, node, "image", "notes");
	node = fdt_path_offset(tree, "/calls/hello");
	expect_text(tree, node, "outcome", "returned");
	assert_int_equal(fdt64_ld(fdt_getprop(tree, node, "result", NULL)), 0x1234);
	assert_int_equal(fdt32_ld(fdt_getprop(tree, node, "number", NULL)), 2);
}

static void check_metadata(const void *root)
{
	int node = fdt_subnode_offset(root, 0, "kexec-metadata");
	const u8 *data = delivered(native(root, node, "preserved-data"));

	assert_int_equal(native(root, node, "blob-size"), 73);
	assert_int_equal(handover_get(data, 0, 4), 1);
	assert_string_equal((const char *)data + 4, "Trapeze-test");
	assert_int_equal(handover_get(data, 69, 4), 1);
}

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

static void refuse(enum err err, const char *message)
{
	expect_refusal(place_patched(), err, message);
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

#define LAY MIB(9)			/* what came lies there, and a part of it here */
#define COPY MIB(12)

static struct range came[] = { { MIB(7), MIB(7) + PAGE_SIZE }, { LAY + 0x2000, LAY + 0x5000 } };
static const struct kho_in incoming = {
	.info = &rig.info, .places = { .tree = MIB(7), .tree_size = PAGE_SIZE, .scratch = GIB(1), .scratch_size = 16 },
	.scratch = { { MIB(32), MIB(48) } }, .scratch_count = 1, .kept = { came, ARRAY_COUNT(came), ARRAY_COUNT(came) },
};

static void receive(void)
{
	rig.info.displaced_start = LAY;
	rig.info.displaced_end = MIB(10);
	rig.info.displaced_copy = COPY;
	rig.request.kho_in = &incoming;
	for (u32 i = 0; i < 0x3000; i++)
		fake_ram[COPY + 0x2000 + i] = (u8)(i / 13);
	for (u32 i = 0; i < ARRAY_COUNT(came); i++)
		assert_int_equal(memory_claim(&rig.memory, came[i].start, came[i].end, OWNER_KEPT, "kept"), ERR_OK);
}

/* What came goes on as it came, and what was moved aside goes back. */
static void test_passed_on(void **state)
{
	struct kho_places places;

	(void)state;
	receive();
	places = find_places(finish_version(0x20f));
	assert_memory_equal(&places, &incoming.places, sizeof(places));
	assert_memory_equal(delivered(LAY + 0x2000), fake_ram + COPY + 0x2000, 0x3000);
	assert_true(rig.request.kho_passed);
	for (u32 i = 0; i < rig.plan.segment_count; i++)
		assert_true(rig.plan.segments[i].is_kept || !ranges_overlap(rig.plan.segments[i].dest, rig.plan.segments[i].dest +
			    rig.plan.segments[i].mem_size, came[1].start, came[1].end));
}

/* --- both --- */

#define THEIRS MIB(8)			/* sub-trees, each on a page */
#define OLD MIB(11)

static struct legacy legacy;
static struct kho_in found;

static void make_theirs(void)
{
	const struct manifest_region old[] = { { "old", OLD, 0x2000 }, { "trapeze-log", OLD + 0x3000, 0x1000 } };

	legacy_begin(&legacy);
	assert_true(kho_make_reserved(old, ARRAY_COUNT(old), fake_ram + THEIRS, PAGE_SIZE));
	kho_make_metadata(fake_ram + THEIRS + 0x1000, 6);
	legacy_preserve(&legacy, THEIRS, THEIRS + 0x5000);
	legacy_preserve(&legacy, OLD, OLD + 0x4000);
	legacy_preserve(&legacy, LEGACY_SHIM + 0x3000, LEGACY_SHIM + 0x5000);
	legacy_add_tree(&legacy, "memblock", THEIRS, PAGE_SIZE);
	legacy_add_tree(&legacy, "kexec-metadata", THEIRS + 0x1000, KHO_METADATA_SIZE);
	legacy_add_tree(&legacy, "theirs", THEIRS + 0x2000, 5000);
	legacy_add_tree(&legacy, "trapeze", THEIRS + 0x4000, 100);
}

static void receive_theirs(void)
{
	legacy_finish(&legacy);
	assert_int_equal(kho_in_find(&found, &legacy.info), ERR_OK);
	assert_int_equal(kho_in_claim(&found, &rig.memory), ERR_OK);
	rig.request.kho_in = &found;
}

static void forget_theirs(void)
{
	kho_in_drop(&found);
	free(legacy.radix.pages);
}

/* Sub-trees, regions and blocks of both; the scratch that came. */
static void test_merged(void **state)
{
	struct kho_places places;
	const void *root, *memblock;
	int node;
	paddr_t map;

	(void)state;
	make_theirs();
	for (u32 i = 0; i < 0x2000; i++)
		*legacy_at(LEGACY_SHIM + 0x3000 + i) = (u8)(i / 3);
	receive_theirs();
	prepare("kho-v4");
	places = find_places(finish());
	assert_int_equal(places.scratch, legacy.scratch_list);
	assert_int_equal(places.scratch_size, 16);
	root = delivered(places.tree);
	map = native(root, 0, "preserved-memory-map");
	check_regions(root);
	check_facts(root);
	memblock = sub_tree(root, "memblock", "memblock-v1");
	node = fdt_subnode_offset(memblock, 0, "old");
	assert_int_equal(native(memblock, node, "start"), OLD);
	assert_int_equal(native(memblock, node, "size"), 0x2000);
	assert_true(fdt_subnode_offset(memblock, 0, "trapeze-log") > 0);
	node = fdt_subnode_offset(root, 0, "theirs");
	assert_int_equal(native(root, node, "preserved-data"), THEIRS + 0x2000);
	assert_int_equal(native(root, node, "blob-size"), 5000);
	node = fdt_subnode_offset(root, 0, "kexec-metadata");
	assert_int_equal(handover_get(delivered(native(root, node, "preserved-data")), 69, 4), 7);
	expect_preserved(map, THEIRS, 0x5000);
	expect_preserved(map, OLD, 0x4000);
	expect_preserved(map, LEGACY_SHIM + 0x3000, 0x2000);
	expect_preserved(map, places.tree, PAGE_SIZE);
	assert_memory_equal(delivered(LEGACY_SHIM + 0x3000), legacy_at(LEGACY_SHIM + 0x3000), 0x2000);
	for (u32 i = 0; i < rig.plan.segment_count; i++)
		assert_true(!rig.plan.segments[i].file_size ||
			    !ranges_overlap(rig.plan.segments[i].dest, rig.plan.segments[i].dest + rig.plan.segments[i].mem_size,
					    LEGACY_SCRATCH, LEGACY_SCRATCH_END));
	forget_theirs();
}

static void refuse_theirs(enum err err, const char *message)
{
	refuse(err, message);
	forget_theirs();
	restart();
}

static void test_not_merged(void **state)
{
	(void)state;
	make_theirs();
	legacy.entries[2].name = "notes";
	receive_theirs();
	prepare("kho-v4");
	refuse_theirs(ERR_DUPLICATE, "the blob \"notes\" is there twice");
	make_theirs();
	legacy.entries[2].name = "a name of more than the sixty-three characters that there is room for";
	receive_theirs();
	prepare("kho-v4");
	refuse_theirs(ERR_UNSUPPORTED, "a name that is too long, or no text");
	make_theirs();
	receive_theirs();
	prepare("kho-v4");
	rig.config.kho_scratch_count = 2;
	refuse_theirs(ERR_UNSUPPORTED, "\"scratch\": scratch is where it is, trapeze,kho-scratch must be left out");
	make_theirs();
	assert_true(kho_make_reserved(regions, 1, fake_ram + THEIRS, PAGE_SIZE));
	receive_theirs();
	prepare("kho-v4");
	refuse_theirs(ERR_UNSUPPORTED, "\"results\": trapeze,kho-memory has that name, too");
	make_theirs();
	memset(fake_ram + THEIRS, 0, PAGE_SIZE);
	receive_theirs();
	prepare("kho-v4");
	refuse_theirs(ERR_UNSUPPORTED, "\"memblock\": not of a kind that is known");
	make_theirs();
	legacy.entries[0].size = KIB(80);
	legacy.entries[0].start = MIB(15);
	receive_theirs();
	prepare("kho-v4");
	refuse_theirs(ERR_UNSUPPORTED, "\"memblock\": cannot be read");
}

/* To those that do not know what it is it means nothing. */
static void test_not_taken(void **state)
{
	(void)state;
	receive();
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x236, 2, 0);
	assert_int_equal(finish()->hdr.setup_data, 0);
	assert_false(rig.request.kho_passed);
	restart();
	receive();
	finish_version(0x208);
	assert_false(rig.request.kho_passed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_handover), TEST(test_scratch), TEST(test_scratch_of_a_large_machine), TEST(test_given_scratch),
		TEST(test_refused), TEST(test_region_in_use), TEST(test_boot_services), TEST(test_passed_on), TEST(test_merged), TEST(test_not_merged), TEST(test_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
