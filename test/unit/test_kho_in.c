/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the kernel before handed over: found, kept, read where it lies now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "kho_in.h"
#include "legacy.h"
#include "linux.h"
#include "loader.h"
#include "random.h"

#define MUST(call) assert_int_equal(call, ERR_OK)
#define PAGES_OF_RAM (LEGACY_RAM / PAGE_SIZE)

static struct legacy legacy;
static struct kho_in in;

static int setup(void **state)
{
	(void)state;
	legacy_init(&legacy);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kho_in_drop(&in);
	legacy_free(&legacy);
	return 0;
}

static void restart(void)
{
	teardown(NULL);
	setup(NULL);
}

static void take(void)
{
	legacy_finish(&legacy);
	MUST(kho_in_find(&in, &legacy.info));
	assert_non_null(in.version);
	MUST(kho_in_claim(&in, &legacy.memory));
}

static bool is_kept(paddr_t start, paddr_t end)
{
	return rangeset_covers(&in.kept, start, end);
}

static void test_found(void **state)
{
	struct kho_in_tree tree;

	(void)state;
	legacy_preserve(&legacy, MIB(8), MIB(8) + 0x7000);
	legacy_preserve(&legacy, MIB(10), MIB(12));
	legacy_preserve(&legacy, MIB(5), MIB(5) + PAGE_SIZE);
	legacy_add_tree(&legacy, "memblock", MIB(8), 300);
	legacy_add_tree(&legacy, "blob", MIB(10) + 8, 5000);
	take();
	assert_true(fake_log_has("kho: found version=kho-v4 pages=520 ranges=5 sub-trees=2 tree=0x500000 index=0x600000 scratch=1"));
	assert_true(is_kept(MIB(8), MIB(8) + 0x7000) && is_kept(MIB(10), MIB(12)));
	assert_true(is_kept(MIB(5), MIB(5) + PAGE_SIZE) && is_kept(MIB(33), MIB(33) + PAGE_SIZE));
	assert_true(is_kept(MIB(6), MIB(6) + legacy.radix.count * PAGE_SIZE));
	assert_int_equal(in.table_count, legacy.radix.count);
	assert_int_equal(legacy.memory.claim_count, in.kept.count);
	assert_int_equal(legacy.memory.claims[0].owner, OWNER_KEPT);
	assert_true(kho_in_tree(&in, 1, &tree));
	assert_string_equal(tree.name, "blob");
	assert_true(tree.start == MIB(10) + 8 && tree.size == 5000);
	assert_false(kho_in_tree(&in, 2, &tree));
}

/* No Linux, no such node, or one that says nothing. */
static void test_nothing(void **state)
{
	(void)state;
	legacy_finish(&legacy);
	handover_put(fake_ram + LEGACY_KHO_NODE, 16, 8, 0);
	MUST(kho_in_find(&in, &legacy.info));
	assert_null(in.version);
	handover_put(fake_ram + LEGACY_NODE, 0, 8, 0);
	MUST(kho_in_find(&in, &legacy.info));
	assert_null(in.version);
	legacy_finish(&legacy);
	legacy.info.has_linux = false;
	MUST(kho_in_find(&in, &legacy.info));
	assert_null(in.version);
	MUST(kho_in_claim(&in, &legacy.memory));
	assert_int_equal(legacy.memory.claim_count, 0);
	assert_int_equal(kho_in_heap(&in), 0);
	assert_int_equal(fake_log_errors(), 0);
}

/* All of it lay where the shim is now. */
static void test_displaced(void **state)
{
	u8 bytes[3 * PAGE_SIZE];

	(void)state;
	legacy.tree = LEGACY_SHIM;
	legacy.scratch_list = LEGACY_SHIM + PAGE_SIZE;
	legacy.radix.dest = LEGACY_SHIM + 2 * PAGE_SIZE;
	legacy_preserve(&legacy, LEGACY_SHIM_END - PAGE_SIZE, LEGACY_SHIM_END + PAGE_SIZE);
	take();
	assert_int_equal(in.page_count, 2);
	for (u32 i = 0; i < sizeof(bytes); i++)
		*legacy_at(LEGACY_SHIM_END - 2 * PAGE_SIZE + i) = (u8)(i / 7);
	assert_true(kho_in_read(&in, LEGACY_SHIM_END - 2 * PAGE_SIZE + 5, bytes, 2 * PAGE_SIZE));
	for (u32 i = 0; i < 2 * PAGE_SIZE; i++)
		assert_int_equal(bytes[i], (u8)((i + 5) / 7));
	assert_false(kho_in_read(&in, LEGACY_RAM - 5, bytes, 6));
	assert_false(kho_in_read(&in, PADDR_LIMIT - 5, bytes, 6));
	assert_false(kho_in_read(&in, ~0ull, bytes, 6));
	assert_false(kho_in_read(&in, 0x9f000 - 1, bytes, 2));
}

/* The same pages come out as went in, whatever their order and number. */
static void test_random_ranges(void **state)
{
	struct random random = { 0x6b686f };

	(void)state;
	for (u32 round = 0; round < 40; round++) {
		static u8 preserved[PAGES_OF_RAM];
		u32 count = 1 + random_below(&random, round % 2 ? 400 : 6);

		memset(preserved, 0, sizeof(preserved));
		for (u32 i = 0; i < count; i++) {
			/* Slots of their own, from 8 MiB to 32 MiB; or anywhere in the shim's place. */
			u32 slot = 6144 / count, first = 2048 + i * slot + random_below(&random, slot / 2 + 1);
			u32 pages = 1 + random_below(&random, slot / 2 ? slot / 2 : 1);

			memset(preserved + first, 1, pages);
			legacy_preserve(&legacy, first * (u64)PAGE_SIZE, (first + pages) * (u64)PAGE_SIZE);
		}
		take();
		for (u32 page = 2048; page < PAGES_OF_RAM; page++)
			if (page != MIB(33) / PAGE_SIZE)
				assert_int_equal(is_kept(page * (u64)PAGE_SIZE, (page + 1) * (u64)PAGE_SIZE), preserved[page]);
		for (u32 i = 1; i < in.kept.count; i++)
			assert_true(in.kept.items[i - 1].end < in.kept.items[i].start);
		restart();
	}
}

/* Thousands of single pages: the heap that was foretold is enough, and each has its claim. */
static void test_single_pages(void **state)
{
	(void)state;
	for (paddr_t at = MIB(8); at < MIB(32); at += 2 * PAGE_SIZE)
		legacy_preserve(&legacy, at, at + PAGE_SIZE);
	take();
	assert_int_equal(in.page_count, 3072);
	assert_int_equal(in.kept.count, 3075);
	assert_int_equal(legacy.memory.claim_count, 3075);
	assert_true(kho_in_heap(&in) >= in.kept.count * (2 * sizeof(struct range) + 2 * sizeof(struct mem_claim)));
	for (paddr_t at = MIB(8); at < MIB(32); at += 2 * PAGE_SIZE)
		assert_true(is_kept(at, at + PAGE_SIZE) && !is_kept(at + PAGE_SIZE, at + 2 * PAGE_SIZE));
}

/* --- damage --- */

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
	MUST(kho_in_find(&in, &legacy.info));
	assert_int_equal(in.scratch_count, 0);
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

/* Found when claims are made: there is a map by then. */
static void refuse_claim(const char *message)
{
	legacy_finish(&legacy);
	MUST(kho_in_find(&in, &legacy.info));
	assert_int_equal(kho_in_claim(&in, &legacy.memory), ERR_RESERVED);
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
	refuse_claim("a preserved block at 0x2fff000..0x3001000 is not all memory");
	legacy_preserve(&legacy, 0x9f000, 0xa0000);
	refuse_claim("a preserved block at 0x9f000..0xa0000 is not all memory");
	legacy_add_tree(&legacy, "far", LEGACY_RAM - 1, 2);
	refuse_claim("far at 0x2fff000..0x3001000 is not all memory");
	legacy_add_tree(&legacy, "further", PADDR_LIMIT - 1, 2);
	take();
	assert_true(fake_log_has("sub-tree 0 of the root has no place"));
}

/* --- handed on --- */

static struct plan plan;

static const struct plan_segment *preserved(u32 number)
{
	for (u32 i = 0; i < plan.segment_count; i++)
		if (plan.segments[i].is_kept && !number--)
			return &plan.segments[i];
	return NULL;
}

/* What lay in the shim's place goes back there, and nowhere else does anything move. */
static void test_plan(void **state)
{
	struct load_request request = { .plan = &plan };

	(void)state;
	plan_init(&plan);
	legacy_preserve(&legacy, MIB(1) + 0x1000, LEGACY_SHIM + 0x1000);
	legacy_preserve(&legacy, LEGACY_SHIM + 0x4000, LEGACY_SHIM + 0x6000);
	legacy_preserve(&legacy, LEGACY_SHIM_END - 0x3000, LEGACY_SHIM_END + 0x8000);
	legacy_preserve(&legacy, MIB(20), MIB(21));
	take();
	MUST(memory_claim(&legacy.memory, LEGACY_SHIM, LEGACY_SHIM_END, OWNER_SHIM, "shim"));
	MUST(kho_in_plan(&in, &request));
	assert_true(request.kho_passed && plan.segment_count == 3);
	assert_true(preserved(0)->dest == LEGACY_SHIM && preserved(0)->source == LEGACY_COPY && preserved(0)->mem_size == 0x1000);
	assert_true(preserved(1)->dest == LEGACY_SHIM + 0x4000 && preserved(1)->source == LEGACY_COPY + 0x4000);
	assert_true(preserved(2)->dest == LEGACY_SHIM_END - 0x3000 && preserved(2)->file_size == 0x3000);
	MUST(plan_place(&plan, &legacy.memory));
	assert_false(plan_range_is_clear(&plan, LEGACY_SCRATCH_END - 1, LEGACY_SCRATCH_END));
	assert_true(plan_range_is_clear(&plan, LEGACY_SCRATCH_END, LEGACY_SCRATCH_END + 1));
	plan_free(&plan);
}

static enum err place_at(paddr_t dest, bool may_cover)
{
	const struct plan_segment image = { .name = "image", .where = PLAN_FIXED, .dest = dest, .mem_size = 0x2000, .align = 1 };
	enum err err;

	plan_init(&plan);
	plan.may_cover_kept = may_cover;
	MUST(plan_add(&plan, &image, NULL));
	err = plan_place(&plan, &legacy.memory);
	plan_free(&plan);
	return err;
}

static void test_place(void **state)
{
	struct plan_segment open = { .name = "open", .where = PLAN_BOTTOM, .mem_size = MIB(2), .align = PAGE_SIZE, .min = MIB(6) };

	(void)state;
	legacy_preserve(&legacy, MIB(8) - PAGE_SIZE, MIB(8));
	legacy_preserve(&legacy, LEGACY_SHIM + 0x4000, LEGACY_SHIM + 0x5000);
	take();
	MUST(memory_claim(&legacy.memory, LEGACY_SHIM, LEGACY_SHIM_END, OWNER_SHIM, "shim"));
	assert_int_equal(place_at(MIB(8) - 0x2000, false), ERR_RESERVED);
	assert_true(fake_log_has("image at 0x7fe000..0x800000 overlaps kexec handover at 0x7ff000..0x800000, which must stay"));
	assert_int_equal(place_at(LEGACY_SHIM + 0x3000, false), ERR_RESERVED);
	MUST(place_at(LEGACY_SHIM + 0x5000, false));
	MUST(place_at(MIB(8), false));
	MUST(place_at(MIB(8) - 0x2000, true));
	plan_init(&plan);
	plan.may_cover_kept = true;
	MUST(plan_add(&plan, &open, NULL));
	MUST(plan_place(&plan, &legacy.memory));
	assert_int_equal(plan.segments[0].dest, MIB(8));
	plan_free(&plan);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_found), TEST(test_nothing), TEST(test_displaced), TEST(test_random_ranges), TEST(test_single_pages),
		TEST(test_bad_setup_data), TEST(test_bad_versions), TEST(test_bad_index), TEST(test_endless_index),
		TEST(test_preserved_in_scratch), TEST(test_no_memory), TEST(test_plan), TEST(test_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
