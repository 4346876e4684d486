/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A handover from a kernel that has gone mad. Nothing crashes, and nothing takes for ever; what is found to be kept is memory, in
 * order, and lies in no scratch region.
 *
 * Input: what is preserved, as pairs of two bytes (first page in units of 16, pages), ended by 0, 0; then patches: two bytes
 * that choose a place in all that describes it, one that says how many bytes, and those.
 */
#include "fake.h"
#include "kho_in.h"
#include "legacy.h"
#include "plan_check.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct legacy legacy;
static struct kho_in in;

/* Memory stays from run to run; what a run can have written is cleared. */
static void open_machine(void)
{
	if (!fake_ram) {
		fake_ram_init(LEGACY_RAM);
		fake_log_reset();
		log_set_level(LOG_ERR);
	}
	memset(fake_ram + LEGACY_BLOCK, 0, LEGACY_BLOCK_SIZE);
	legacy_begin(&legacy);
	memset(legacy_at(legacy.tree), 0, PAGE_SIZE);
	memset(legacy_at(legacy.scratch_list), 0, PAGE_SIZE);
	memset(legacy_at(legacy.radix.dest), 0, LEGACY_INDEX_PAGES * PAGE_SIZE);
	fuzz_require(!bootinfo_memory_map(&legacy.info, &legacy.memory.map));
}

static void close_machine(void)
{
	kho_in_drop(&in);
	free(legacy.radix.pages);
	memory_free(&legacy.memory);
}

static size_t preserve(const u8 *data, size_t size)
{
	paddr_t last = MIB(8);
	size_t at = 0;

	for (; at + 2 <= size && (data[at] || data[at + 1]) && at < 40; at += 2) {
		paddr_t start = last + data[at] * 16ull * PAGE_SIZE, end = start + (1ull + data[at + 1]) * PAGE_SIZE;

		legacy_preserve(&legacy, start, end);
		last = end;
	}
	return min_u64(size, at + 2);
}

/* The node, the root, the list of scratch regions, pages of the index. */
static u8 *place(u32 number)
{
	u32 offset = number % PAGE_SIZE, page = number / PAGE_SIZE;

	if (page == 0)
		return fake_ram + LEGACY_BLOCK + offset;
	if (page == 1)
		return fake_ram + LEGACY_KHO_NODE + offset % 64;
	if (page == 2)
		return legacy_at(legacy.tree + offset);
	if (page == 3)
		return legacy_at(legacy.scratch_list + offset % 64);
	return legacy_at(legacy.radix.dest + (page - 4) * PAGE_SIZE + offset);
}

static void damage(const u8 *data, size_t size)
{
	for (size_t at = 0; at + 3 <= size;) {
		u8 *to = place((data[at] | data[at + 1] << 8) & 0xffff);
		u32 count = data[at + 2] % 9;

		at += 3;
		for (; count && at < size; count--, at++)
			*to++ = data[at];
	}
}

/* But for the list of scratch regions itself. */
static void check_scratch(const struct range *r)
{
	paddr_t list = align_down(in.places.scratch, PAGE_SIZE);
	paddr_t list_end = align_up(in.places.scratch + in.places.scratch_size, PAGE_SIZE);

	fuzz_require(in.scratch_count);
	for (u32 i = 0; i < in.scratch_count; i++) {
		paddr_t start = max_u64(r->start, in.scratch[i].start), end = min_u64(r->end, in.scratch[i].end);

		fuzz_require(start >= end || (start >= list && end <= list_end));
	}
}

static void check(void)
{
	for (u32 i = 0; i < in.kept.count; i++) {
		const struct range *r = &in.kept.items[i];
		const struct mem_claim *claim = memory_find_claim(&legacy.memory, r->start, r->end);

		fuzz_require(r->start < r->end && memory_is_usable(&legacy.memory, r->start, r->end));
		fuzz_require(!i || r[-1].end < r->start);
		check_scratch(r);
		fuzz_require(claim && claim->owner == OWNER_KEPT && claim->start == r->start && claim->end == r->end);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct kho_in_tree tree;
	size_t used;

	if (size > 4096)
		return 0;
	open_machine();
	used = preserve(data, size);
	legacy_add_tree(&legacy, "blob", MIB(20), 5000);
	legacy_finish(&legacy);
	damage(data + used, size - used);
	if (!kho_in_find(&in, &legacy.info) && in.version && !kho_in_claim(&in, &legacy.memory)) {
		check();
		for (u32 i = 0; i <= in.tree_count; i++)
			fuzz_require(!kho_in_tree(&in, i, &tree) || i < in.tree_count);
	}
	close_machine();
	return 0;
}
