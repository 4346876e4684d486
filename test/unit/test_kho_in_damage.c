/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Handovers that are not what they say: one line each, and there is none. */
#include "kho_in_fixture.h"

static void refuse(enum err err, const char *message)
{
	enum err got;

	fake_log_reset();
	got = kho_in_find(&in, &legacy.info);
	if (got != err || !fake_log_has(message) || fake_log_errors() != 1)
		print_error("wanted %s and \"%s\", got %s and:\n%s\n", err_text(err), message, err_text(got), fake_log_text());
	assert_true(got == err && fake_log_has(message));
	assert_int_equal(fake_log_errors(), 1);
	assert_null(in.version);
	legacy_finish(&legacy);
}

static void patch(paddr_t at, u32 size, u64 value)
{
	handover_put(legacy_at(at), 0, size, value);
}

static void test_bad_setup_data(void **state)
{
	(void)state;
	legacy_preserve(&legacy, MIB(8), MIB(9));
	legacy_finish(&legacy);
	patch(LEGACY_NODE, 8, LEGACY_NODE);
	refuse(ERR_VALUE, "setup_data: node 64 at 0x21000 is one too many");
	patch(LEGACY_NODE, 8, MIB(4));
	refuse(ERR_VALUE, "setup_data: node 1 at 0x400000 is out of reach");
	patch(LEGACY_NODE, 8, LEGACY_BLOCK + LEGACY_BLOCK_SIZE - 15);
	refuse(ERR_VALUE, "setup_data: node 1 at 0x22ff1 is out of reach");
	patch(LEGACY_KHO_NODE + 12, 4, 31);
	refuse(ERR_VALUE, "setup_data at 0x22000 has length=31, wanted 32");
	patch(LEGACY_KHO_NODE + 24, 8, 39);
	refuse(ERR_VALUE, "no tree of a page at 0x500000 size=39");
	patch(LEGACY_KHO_NODE + 24, 8, PAGE_SIZE + 1);
	refuse(ERR_VALUE, "no tree of a page at 0x500000 size=4097");
	patch(LEGACY_KHO_NODE + 16, 8, MIB(5) + 8);
	refuse(ERR_VALUE, "no tree of a page at 0x500008 size=4096");
	patch(LEGACY_KHO_NODE + 16, 8, ~0xfffull);
	refuse(ERR_VALUE, "no tree of a page at 0xfffffffffffff000");
	patch(LEGACY_KHO_NODE + 16, 8, MIB(9));
	refuse(ERR_VALUE, "no tree of a page at 0x900000");
	patch(LEGACY_KHO_NODE + 40, 8, 0);
	refuse(ERR_VALUE, "list of scratch regions size=0, wanted 1 to 128");
	patch(LEGACY_KHO_NODE + 40, 8, 24);
	refuse(ERR_VALUE, "list of scratch regions size=24");
	patch(LEGACY_KHO_NODE + 40, 8, 129 * 16);
	refuse(ERR_VALUE, "list of scratch regions size=2064");
	patch(LEGACY_KHO_NODE + 32, 8, LEGACY_RAM);
	refuse(ERR_RESERVED, "list of scratch regions at 0x3000000 is out of reach");
	patch(legacy.scratch_list, 8, 0x1001);
	refuse(ERR_VALUE, "scratch start=0x1001 size=0xc00000 is no range of pages");
	patch(legacy.scratch_list + 8, 8, 0);
	refuse(ERR_VALUE, "list of scratch regions at 0x2100000: none of 1 has any memory");
	patch(legacy.scratch_list + 8, 8, ~0xfffull);
	refuse(ERR_VALUE, "scratch start=0x2000000 size=0xfffffffffffff000");
}

static void test_bad_versions(void **state)
{
	char *tree;

	(void)state;
	legacy_finish(&legacy);
	tree = (char *)legacy_at(legacy.tree);
	for (u32 i = 0; i < PAGE_SIZE - 6; i++)
		if (!memcmp(tree + i, "kho-v4", 6))
			tree[i + 5] = '5';
	refuse(ERR_VERSION, "handed over as \"kho-v5\", known: kho-v4: what the kernel before preserved cannot be found, and is lost");
	for (u32 i = 0; i < PAGE_SIZE - 6; i++)
		if (!memcmp(tree + i, "compatible", 10))
			tree[i] = 'k';
	refuse(ERR_VERSION, "handed over as \"\", known: kho-v4");
	for (u32 i = 0; i < PAGE_SIZE - 12; i++)
		if (!memcmp(tree + i, "preserved-memory", 12))
			tree[i] = 'q';
	refuse(ERR_VALUE, "the root tree at 0x500000 has no preserved-memory-map of 8 bytes");
}

static void test_bad_index(void **state)
{
	paddr_t index;

	(void)state;
	legacy_preserve(&legacy, MIB(8), MIB(9));
	legacy_finish(&legacy);
	index = legacy.radix.dest;
	for (u32 i = 0; i < 512; i++)
		patch(index + 8 * i, 8, index);
	refuse(ERR_VALUE, "index: key 0x");
	patch(index + 8 * 511, 8, index + PAGE_SIZE);
	refuse(ERR_VALUE, "index: key 0xff81");
	patch(index, 8, MIB(7) + 8);
	refuse(ERR_VALUE, "index: page 0x700008 of level 4 has no page's address");
	patch(index, 8, 0x9f000);
	refuse(ERR_VALUE, "index: page 0x9f000 of level 4 is out of reach");
	patch(index, 8, 1ull << 63);
	refuse(ERR_VALUE, "index: page 0x8000000000000000 of level 4 has no page's address");
}

/* All paths of a tree that leads into itself would take for ever. */
static void test_endless_index(void **state)
{
	paddr_t index = legacy.radix.dest, leaf = index + PAGE_SIZE;

	(void)state;
	legacy_preserve(&legacy, MIB(8), MIB(9));
	legacy_finish(&legacy);
	patch(index, 8, leaf);
	memset(legacy_at(leaf), 0, PAGE_SIZE);
	for (u32 i = 0; i < 64; i++)
		patch(leaf + 8 * i, 8, leaf + PAGE_SIZE);
	memset(legacy_at(leaf + PAGE_SIZE), 0, PAGE_SIZE);
	for (u32 i = 0; i < 64; i++)
		patch(leaf + PAGE_SIZE + 8 * i, 8, leaf + 2 * PAGE_SIZE);
	memset(legacy_at(leaf + 2 * PAGE_SIZE), 0, PAGE_SIZE);
	for (u32 i = 0; i < 64; i++)
		patch(leaf + 2 * PAGE_SIZE + 8 * i, 8, leaf + 3 * PAGE_SIZE);
	memset(legacy_at(leaf + 3 * PAGE_SIZE), 0, PAGE_SIZE);
	refuse(ERR_VALUE, "of level 1 is one too many");
}

static void test_preserved_in_scratch(void **state)
{
	(void)state;
	legacy_preserve(&legacy, LEGACY_SCRATCH - PAGE_SIZE, LEGACY_SCRATCH + PAGE_SIZE);
	legacy_finish(&legacy);
	refuse(ERR_OVERLAP, "a preserved block at 0x2000000..0x2001000 lies in scratch 0x2000000..0x2c00000");
}

/* The shim's heap would come to lie over it. */
static void test_trees_in_scratch(void **state)
{
	(void)state;
	legacy.tree = LEGACY_SCRATCH_END - PAGE_SIZE;
	legacy_finish(&legacy);
	refuse(ERR_OVERLAP, "the root tree at 0x2bff000..0x2c00000 lies in scratch 0x2000000..0x2c00000");
	restart();
	legacy.radix.dest = LEGACY_SCRATCH - PAGE_SIZE;
	legacy_preserve(&legacy, MIB(8), MIB(9));
	legacy_finish(&legacy);
	refuse(ERR_OVERLAP, "the index at 0x2000000..0x2001000 lies in scratch");
}

/* Found when claims are made: there is a map by then. */
static void refuse_claim(enum err err, const char *message)
{
	legacy_finish(&legacy);
	MUST(kho_in_find(&in, &legacy.info));
	assert_int_equal(kho_in_claim(&in, &legacy.memory), err);
	assert_true(fake_log_has(message));
	assert_true(fake_log_has("cannot be kept, and is lost"));
	assert_null(in.version);
	assert_int_equal(legacy.memory.claim_count, 0);
	restart();
}

static void test_no_memory(void **state)
{
	(void)state;
	legacy_preserve(&legacy, LEGACY_RAM - PAGE_SIZE, LEGACY_RAM + PAGE_SIZE);
	refuse_claim(ERR_RESERVED, "a preserved block at 0x2fff000..0x3001000 is not all memory");
	legacy_preserve(&legacy, 0x9f000, 0xa0000);
	refuse_claim(ERR_RESERVED, "a preserved block at 0x9f000..0xa0000 is not all memory");
	legacy_add_tree(&legacy, "far", LEGACY_RAM - 1, 2);
	refuse_claim(ERR_RESERVED, "far at 0x2fff000..0x3001000 is not all memory");
	legacy_add_tree(&legacy, "near", LEGACY_SCRATCH - 1, 2);
	refuse_claim(ERR_OVERLAP, "near at 0x1fff000..0x2001000 lies in scratch 0x2000000..0x2c00000");
	legacy_add_tree(&legacy, "further", PADDR_LIMIT - 1, 2);
	take();
	assert_true(fake_log_has("sub-tree 0 of the root has no place"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bad_setup_data), TEST(test_bad_versions), TEST(test_bad_index), TEST(test_endless_index),
		TEST(test_preserved_in_scratch), TEST(test_trees_in_scratch), TEST(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
