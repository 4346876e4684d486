/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What came is handed on: as it is, or together with what is ours. */
#include "kho_in.h"
#include "kho_rig.h"
#include "legacy.h"

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

static bool covers(const struct plan_segment *segment, paddr_t start, paddr_t end)
{
	return ranges_overlap(segment->dest, segment->dest + segment->mem_size, start, end);
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
		assert_true(rig.plan.segments[i].is_kept || !covers(&rig.plan.segments[i], came[1].start, came[1].end));
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
	expect_text(sub_tree(root, "trapeze", "trapeze-boot-v1"), 0, "configuration", "test");
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
			    !covers(&rig.plan.segments[i], LEGACY_SCRATCH, LEGACY_SCRATCH_END));
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
		TEST(test_passed_on), TEST(test_merged), TEST(test_not_merged), TEST(test_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
