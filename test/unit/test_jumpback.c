/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Kernels that come back: what they are told, what they are refused, whose memory is whose. */
#include "jumpback.h"
#include "linux_rig.h"
#include "random.h"

#define CONTROL MIB(5)			/* claimed as control pages */
#define CONTROL_END (CONTROL + 3 * PAGE_SIZE)
#define DESC 48u

static const char *begin(const char *bootargs)
{
	static char *text;

	free(text);
	text = NULL;
	rig.request.bootargs = bootargs;
	assert_int_equal(jumpback_begin(&rig.request, &text), ERR_OK);
	assert_true(rig.request.comes_back && rig.plan.apart);
	return text;
}

static void test_command_line(void **state)
{
	char *text;

	(void)state;
	assert_string_equal(begin("quiet -- single"), "kexec_jump_back_entry=0x00000000 quiet -- single");
	assert_string_equal(begin(""), "kexec_jump_back_entry=0x00000000 ");
	arch_features.has_5_levels = true;
	rig.request.bootargs = "quiet";
	assert_int_equal(jumpback_begin(&rig.request, &text), ERR_OK);
	arch_features.has_5_levels = false;
	jumpback_set_entry(text, 0x1fc29031);
	assert_string_equal(text, "kexec_jump_back_entry=0x1fc29031 no5lvl quiet");
	jumpback_set_entry(text, 0x7);
	assert_string_equal(text, "kexec_jump_back_entry=0x00000007 no5lvl quiet");
	free(text);
}

static void refuse(const char *message)
{
	char *text;

	fake_log_reset();
	expect_refusal(jumpback_begin(&rig.request, &text), ERR_UNSUPPORTED, message);
	assert_false(rig.request.comes_back || rig.plan.apart);
}

static void test_refusals(void **state)
{
	(void)state;
	rig.config.watchdog_ms = 1;
	refuse("test: not for a kernel that comes back: trapeze,watchdog: the timer is the kernel's");
	rig.config.watchdog_ms = 0;
	rig.config.keep_recorder = true;
	refuse("test: not for a kernel that comes back: trapeze,recorder");
	rig.config.keep_recorder = false;
	rig.config.kho = "kho-v4";
	refuse("test: not for a kernel that comes back: trapeze,kho");
	rig.config.kho = NULL;
	rig.config.repeat = 2;
	refuse("test: not for a kernel that comes back: trapeze,repeat");
	rig.config.repeat = 1;
	begin("");
}

/* Long mode or nothing, whichever build this is. */
static void test_mode(void **state)
{
	(void)state;
	arch_features.build = "i386";
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	begin("");
	assert_int_equal(place_patched(), ERR_OK);
	assert_int_equal(rig.plan.entry.mode, ENTRY_LONG);
	restart();
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_PROTECTED;
	begin("");
	expect_refusal(place_patched(), ERR_UNSUPPORTED, "vmlinuz: a kernel comes back from long mode alone, and this one is "
		       "entered in protected mode");
	restart();
	rig_make_kernel(kernel, 0x20b, CODE_SIZE);
	begin("");
	expect_refusal(place_patched(), ERR_UNSUPPORTED, "a kernel comes back from long mode alone");
}

/* A kernel placed, control pages claimed, memory given. */
static void give(void)
{
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	assert_int_equal(memory_claim(&rig.memory, 0, PAGE_SIZE, OWNER_LOW, "BIOS"), ERR_OK);
	assert_int_equal(memory_claim(&rig.memory, CONTROL, CONTROL_END, OWNER_CONTROL, "control pages"), ERR_OK);
	begin("quiet");
	rig_kernel(&rig, kernel, RIG_SETUP_SIZE + CODE_SIZE);
	assert_int_equal(rig_place(&rig, &loader_linux), ERR_OK);
	assert_int_equal(jumpback_give_memory(&rig.memory, &rig.plan, "Linux"), ERR_OK);
	rig.request.way_back = (struct kept_range){ CONTROL, CONTROL_END };
}

static void test_nothing_of_ours_is_overwritten(void **state)
{
	(void)state;
	give();
	for (u32 i = 0; i < rig.plan.segment_count; i++) {
		const struct plan_segment *s = &rig.plan.segments[i];

		assert_true(s->dest != s->source);
		for (paddr_t at = align_down(s->dest, PAGE_SIZE); at < s->dest + s->mem_size; at += PAGE_SIZE)
			assert_true(jumpback_has_given(&rig.memory, at));
	}
	assert_false(jumpback_has_given(&rig.memory, 0) || jumpback_has_given(&rig.memory, CONTROL));
	jumpback_take_memory(&rig.memory);
	assert_false(jumpback_has_given(&rig.memory, rig.plan.segments[0].dest));
}

/* A module where a kernel that cannot move wants to be. */
static void test_fixed_kernel(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, HDR_RELOCATABLE, 1, 0);
	assert_int_equal(memory_claim(&rig.memory, MIB(1), MIB(1) + 1, OWNER_MODULE, "module"), ERR_OK);
	begin("");
	expect_refusal(place_patched(), ERR_RESERVED, "overlaps module at 0x100000..0x101000, which must stay");
}

static u64 free_pages(void)
{
	u64 pages = 0;
	paddr_t at;

	while (!memory_alloc(&rig.memory, PAGE_SIZE, &(struct memory_where){ 0 }, OWNER_HEAP, "page", &at))
		pages++;
	return pages;
}

static void test_room(void **state)
{
	paddr_t module;
	u32 before;
	char *text;

	(void)state;
	give();
	before = rig.memory.claim_count;
	assert_int_equal(free_pages(), JUMPBACK_ROOM / PAGE_SIZE);
	for (u32 i = rig.memory.claim_count; i--;)
		if (rig.memory.claims[i].owner == OWNER_HEAP)
			memory_release(&rig.memory, rig.memory.claims[i].start);
	assert_int_equal(rig.memory.claim_count, before);
	/* There is but one that has all memory. */
	expect_refusal(jumpback_begin(&rig.request, &text), ERR_NO_ROOM,
		       "test: \"Linux\" sleeps and has all memory: resume it, or start it anew");
	jumpback_take_memory(&rig.memory);
	fake_log_reset();
	assert_int_equal(memory_alloc(&rig.memory, MIB(30), &(struct memory_where){ .min = MIB(21) }, OWNER_MODULE, "module", &module),
			 ERR_OK);
	expect_refusal(jumpback_give_memory(&rig.memory, &rig.plan, "Linux"), ERR_NO_ROOM,
		       "Linux: no room to work in while the kernel has the memory bytes=16777216");
	memory_release(&rig.memory, module);
}

/* What this build does not reach is not handed over. */
static void test_out_of_reach(void **state)
{
	struct memmap map;

	(void)state;
	assert_int_equal(memmap_add(&rig.memory.map, GIB(4), MIB(1), MEM_USABLE), ERR_OK);
	give();
	memmap_init(&map);
	assert_int_equal(handover_copy_map(&rig.request, &map), ERR_OK);
	assert_true(memmap_covers(&map, GIB(4), GIB(4) + MIB(1), MEM_RESERVED));
	memmap_free(&map);
	jumpback_take_memory(&rig.memory);
}

/* Every page once: as firmware said, but for what stays ours. */
static void test_map(void **state)
{
	struct memmap map;

	(void)state;
	give();
	memmap_init(&map);
	assert_int_equal(handover_copy_map(&rig.request, &map), ERR_OK);
	for (paddr_t at = 0; at < MIB(64); at += PAGE_SIZE) {
		const struct mem_claim *claim = memory_find_claim(&rig.memory, at, at + PAGE_SIZE);
		bool given = claim && (claim->owner == OWNER_IMAGE || claim->owner == OWNER_LOW);
		u32 wanted = at >= CONTROL && at < CONTROL_END ? MEM_NVS : given ? MEM_USABLE : MEM_RESERVED;

		if (!memmap_covers(&map, at, at + PAGE_SIZE, wanted))
			fail_msg("0x%llx is no %s", at, memmap_type_name(wanted));
	}
	assert_true(map.count <= rig.memory.map.count + handover_map_growth(&rig.request));
	memmap_free(&map);
	jumpback_take_memory(&rig.memory);
}

static void descriptor(u8 *at, u32 type, paddr_t start, u64 pages)
{
	memset(at, 0x5a, DESC);
	handover_put(at, 0, 4, type);
	handover_put(at, 8, 8, start);
	handover_put(at, 24, 8, pages);
}

/* The type that a map gives to a page, ~0 for none; counts how often. */
static u32 type_of(const u8 *map, u64 size, paddr_t page, u32 *found)
{
	u32 type = ~0u;

	*found = 0;
	for (u64 at = 0; at < size; at += DESC) {
		paddr_t start = handover_get(map + at, 8, 8);

		if (page < start || page - start >= handover_get(map + at, 24, 8) << PAGE_SHIFT)
			continue;
		assert_int_equal(map[at + 40], 0x5a);
		type = (u32)handover_get(map + at, 0, 4);
		++*found;
	}
	return type;
}

/* Random descriptors over all memory: each page has its type, unless it was free and is ours. */
static void test_efi_map(void **state)
{
	static const u8 free_types[] = { 1, 2, 3, 4, 7 };
	static u8 given[40 * DESC];
	struct random random = { 42 };
	u32 found, count = 0;

	(void)state;
	for (paddr_t at = 0; at < MIB(64) && count < 39; count++) {
		u64 pages = count == 38 ? (MIB(64) - at) >> PAGE_SHIFT : 1 + random_below(&random, 700);

		pages = min_u64(pages, (MIB(64) - at) >> PAGE_SHIFT);
		descriptor(given + count * DESC, random_below(&random, 12), at, pages);
		at += pages << PAGE_SHIFT;
	}
	descriptor(given + count++ * DESC, 7, 0xfff, ~0ull);
	give_efi();
	rig.info.efi_map = (struct boot_blob){ given, count * DESC };
	rig.info.efi_desc_size = DESC;
	give();
	assert_int_equal(loader_linux.finish(&rig.request), ERR_OK);
	{
		const struct boot_params *bp = (const struct boot_params *)rig_bytes(rig_segment(&rig, "boot parameters"));
		const u8 *map = rig_bytes(rig_segment(&rig, "EFI map"));
		u64 size = bp->efi_info.efi_memmap_size;

		assert_int_equal(size % DESC, 0);
		assert_memory_equal(map + size - DESC, given + (count - 1) * DESC, DESC);
		for (paddr_t at = 0; at < MIB(64); at += PAGE_SIZE) {
			const struct mem_claim *claim = memory_find_claim(&rig.memory, at, at + PAGE_SIZE);
			bool ours = memory_is_usable(&rig.memory, at, at + 1) &&
				    !(claim && (claim->owner == OWNER_IMAGE || claim->owner == OWNER_LOW));
			u32 wanted = type_of(given, (count - 1) * DESC, at, &found);

			assert_int_equal(found, 1);
			if (ours && memchr(free_types, (int)wanted, sizeof(free_types)))
				wanted = 0;
			assert_int_equal(type_of(map, size - DESC, at, &found), wanted);
			assert_int_equal(found, 1);
		}
	}
	jumpback_take_memory(&rig.memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_command_line), TEST(test_refusals), TEST(test_mode), TEST(test_nothing_of_ours_is_overwritten),
		TEST(test_fixed_kernel), TEST(test_room), TEST(test_out_of_reach), TEST(test_map), TEST(test_efi_map),
	};

	return cmocka_run_group_tests_name("jumpback", tests, NULL, NULL);
}
