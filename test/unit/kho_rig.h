/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the tests of handing over share: a kernel with regions and blobs, and the way to what it finds. Once per program. */
#ifndef TEST_KHO_RIG_H
#define TEST_KHO_RIG_H

#include <libfdt.h>

#include "calls.h"
#include "linux_rig.h"
#include "manifest.h"

#define REGION MIB(10)
#define REGION_SIZE 0x3000u

static struct manifest_region regions[] = { { "results", REGION, REGION_SIZE }, { "more", MIB(14), 0x1000 } };
static struct loader_part blobs[2];
static const u8 blob_bytes[5000] = "a blob";

static inline void give_blob(u32 number, const char *name)
{
	rig_ramdisk(&rig, name, blob_bytes, sizeof(blob_bytes), 0);
	blobs[number] = rig.parts[--rig.request.ramdisk_count];
	rig.request.modules = blobs;
	rig.request.module_count = number + 1;
}

/* 64 MiB that have bytes, and more up to 1 GiB for the scratch region. */
static inline void prepare(const char *version)
{
	rig_extend(&rig, GIB(1));
	rig.config.kho = version;
	rig.config.kho_memory = regions;
	rig.config.kho_memory_count = ARRAY_COUNT(regions);
	kho_claim_memory(&rig.memory, &(const struct manifest){ .configs = &rig.config, .config_count = 1 });
	give_blob(0, "notes");
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
}

static inline u64 native(const void *fdt, int node, const char *name)
{
	int length;
	const void *value = fdt_getprop(fdt, node, name, &length);

	assert_non_null(value);
	assert_int_equal(length, 8);
	return handover_get(value, 0, 8);
}

static inline void expect_text(const void *fdt, int node, const char *name, const char *wanted)
{
	const char *value = fdt_getprop(fdt, node, name, NULL);

	assert_non_null(value);
	assert_string_equal(value, wanted);
}

static inline struct kho_places find_places(const struct boot_params *bp)
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
static inline bool is_preserved(paddr_t root, paddr_t address)
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

static inline void expect_preserved(paddr_t root, paddr_t start, u64 size)
{
	for (paddr_t at = start; at < start + size; at += PAGE_SIZE)
		assert_true(is_preserved(root, at));
}

static inline const void *sub_tree(const void *root, const char *name, const char *compatible)
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

static inline void check_regions(const void *root)
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

static inline void check_facts(const void *root)
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

static inline void check_metadata(const void *root)
{
	int node = fdt_subnode_offset(root, 0, "kexec-metadata");
	const u8 *data = delivered(native(root, node, "preserved-data"));

	assert_int_equal(native(root, node, "blob-size"), 73);
	assert_int_equal(handover_get(data, 0, 4), 1);
	assert_string_equal((const char *)data + 4, "Trapeze-test");
	assert_int_equal(handover_get(data, 69, 4), 1);
}

static inline void refuse(enum err err, const char *message)
{
	expect_refusal(place_patched(), err, message);
}

#endif
