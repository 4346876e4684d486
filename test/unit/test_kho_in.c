/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the kernel before handed over: found, kept, read where it lies now. */
#include "kho_in_fixture.h"
#include "loader.h"
#include "random.h"

#define PAGES_OF_RAM (LEGACY_RAM / PAGE_SIZE)

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_found), TEST(test_nothing), TEST(test_displaced), TEST(test_random_ranges), TEST(test_single_pages),
		TEST(test_plan), TEST(test_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
