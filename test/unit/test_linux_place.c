/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The Linux loader: where it puts kernels. */
#include "linux_rig.h"

static void test_relocatable_prefers(void **state)
{
	const struct plan_segment *segment;

	(void)state;
	place(0x20f);
	segment = rig_segment(&rig, "kernel");
	assert_int_equal(segment->dest, MIB(16));
	assert_false(fake_log_has("ignored"));
	assert_int_equal(segment->mem_size, MIB(1));
	assert_int_equal(segment->file_size, CODE_SIZE);
	assert_int_equal(segment->zero_size, 0);
	assert_int_equal(segment->source, rig.request.kernel.blob.paddr + RIG_SETUP_SIZE);
}

static void test_relocatable_goes_low(void **state)
{
	(void)state;
	assert_int_equal(memory_claim(&rig.memory, MIB(16), MIB(17), OWNER_CONTROL, "control"), ERR_OK);
	place(0x20f);
	assert_int_equal(rig_segment(&rig, "kernel")->dest, MIB(2));
	assert_int_equal(rig_segment(&rig, "kernel")->align, MIB(2));
}

static void test_manifest_load_is_a_wish(void **state)
{
	(void)state;
	rig.image.has_load = true;
	rig.image.load = MIB(8);
	place(0x20f);
	assert_int_equal(rig_segment(&rig, "kernel")->dest, MIB(8));
}

static void test_manifest_load_misaligned(void **state)
{
	(void)state;
	rig.image.has_load = true;
	rig.image.load = MIB(9);
	place(0x20f);
	assert_true(fake_log_has("load=0x900000 is no place for this kernel (alignment 0x200000, from 1 MiB on)"));
	assert_int_equal(rig_segment(&rig, "kernel")->dest, MIB(16));
}

/* The kernel asks for 32 MiB at 32 MiB; this machine ends at 64 MiB, so it must do with its least alignment. */
static void test_alignment_gives_way(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x230, 4, MIB(32));
	rig_patch(kernel, 0x258, 8, MIB(32));
	rig_patch(kernel, 0x260, 4, MIB(40));
	assert_int_equal(place_patched(), ERR_OK);
	assert_int_equal(rig_segment(&rig, "kernel")->dest, MIB(16));
	assert_true(fake_log_has("no room at kernel_alignment=0x2000000, aligned to 0x1000000 instead"));
}

static void test_small_alignment_is_a_page(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x230, 4, 16);
	rig_patch(kernel, 0x235, 1, 4);
	assert_int_equal(place_patched(), ERR_OK);
	assert_int_equal(rig_segment(&rig, "kernel")->align, PAGE_SIZE);
}

static void test_before_init_size_room_is_estimated(void **state)
{
	(void)state;
	place(0x209);
	assert_int_equal(rig_segment(&rig, "kernel")->mem_size, 4 * CODE_SIZE);
	assert_int_equal(rig_segment(&rig, "kernel")->dest, MIB(2));
}

/* Each field counts from its protocol on, and not before. */
static void test_fields_by_version(void **state)
{
	(void)state;
	for (u16 version = 0x202; version <= 0x20f; version++) {
		const struct plan_segment *segment, *ramdisk;

		rig_make_kernel(kernel, version, CODE_SIZE);
		rig_patch(kernel, 0x22c, 4, MIB(40) - 1);
		rig_patch(kernel, 0x230, 5, 0x100200000);
		rig_patch(kernel, 0x235, 1, version >= 0x20a ? 12 : 99);
		rig_patch(kernel, 0x258, 8, MIB(24));
		rig_patch(kernel, 0x260, 4, 0x123000);
		rig_ramdisk(&rig, "initrd", NULL, 100, 0);
		assert_int_equal(place_patched(), ERR_OK);
		segment = rig_segment(&rig, "kernel");
		ramdisk = rig_segment(&rig, "initrd");
		assert_int_equal(ramdisk->max, version >= 0x203 ? MIB(40) : MIB(64) - PAGE_SIZE);
		assert_int_equal(segment->where, version >= 0x205 ? PLAN_BOTTOM : PLAN_FIXED);
		assert_int_equal(segment->dest, version >= 0x20a ? MIB(24) : version >= 0x205 ? MIB(2) : MIB(1));
		assert_int_equal(segment->mem_size, version >= 0x20a ? 0x123000 : 4 * CODE_SIZE);
		restart();
	}
}

static void test_file_larger_than_init_size(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x260, 4, 4096);
	assert_int_equal(place_patched(), ERR_OK);
	assert_int_equal(rig_segment(&rig, "kernel")->mem_size, CODE_SIZE);
}

static void test_fixed_at_one_mib(void **state)
{
	(void)state;
	place(0x204);
	assert_int_equal(rig_segment(&rig, "kernel")->dest, MIB(1));
	assert_int_equal(rig_segment(&rig, "kernel")->mem_size, 4 * CODE_SIZE);
	assert_null(rig_segment(&rig, "kernel room"));
}

/* memtest86+ and the like: not relocatable, and prefer the place where they are loaded. */
static void test_fixed_where_it_runs(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20c, CODE_SIZE);
	rig_patch(kernel, 0x234, 1, 0);
	rig_patch(kernel, 0x258, 8, MIB(1));
	assert_int_equal(place_patched(), ERR_OK);
	assert_int_equal(rig_segment(&rig, "kernel")->dest, MIB(1));
	assert_int_equal(rig_segment(&rig, "kernel")->mem_size, MIB(1));
	assert_null(rig_segment(&rig, "kernel room"));
}

static void test_fixed_moves_itself(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x234, 1, 0);
	assert_int_equal(place_patched(), ERR_OK);
	assert_int_equal(rig_segment(&rig, "kernel")->dest, MIB(1));
	assert_int_equal(rig_segment(&rig, "kernel")->mem_size, CODE_SIZE);
	assert_int_equal(rig_segment(&rig, "kernel room")->dest, MIB(16));
	assert_int_equal(rig_segment(&rig, "kernel room")->mem_size, MIB(1));
	assert_int_equal(rig_segment(&rig, "kernel room")->file_size, 0);
}

static void test_fixed_moves_itself_into_a_hole(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x234, 1, 0);
	rig_patch(kernel, 0x258, 8, MIB(63) + MIB(1) / 2);
	expect_refusal(place_patched(), ERR_NO_ROOM, "kernel room");
}

static void test_entry_offset(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20b, CODE_SIZE);
	rig_patch(kernel, 0x214, 4, 0x100040);
	rig_kernel(&rig, kernel, RIG_SETUP_SIZE + CODE_SIZE);
	assert_int_equal(rig_finish(&rig, &loader_linux), ERR_OK);
	assert_int_equal(rig.plan.entry.ip, MIB(16) + 0x40);
}

static void test_init_size_below_the_file(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x260, 4, CODE_SIZE - 1);
	assert_int_equal(place_patched(), ERR_OK);
	assert_true(fake_log_has("vmlinuz: init_size=0x4e1f, but the kernel itself has 0x4e20 bytes: that much is kept"));
	assert_int_equal(rig_segment(&rig, "kernel")->mem_size, CODE_SIZE);
	restart();
	place(0x20f);
	assert_false(fake_log_has("that much is kept"));
}

static void test_zimage(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x202, CODE_SIZE);
	rig_patch(kernel, 0x211, 1, 0);
	rig_patch(kernel, 0x214, 4, 0x1000);
	rig_kernel(&rig, kernel, RIG_SETUP_SIZE + CODE_SIZE);
	assert_int_equal(rig_finish(&rig, &loader_linux), ERR_OK);
	assert_int_equal(rig.plan.entry.ip, 0x1000);
	assert_int_equal(rig_segment(&rig, "kernel")->dest, 0x1000);
	assert_int_equal(rig_segment(&rig, "kernel")->mem_size, 0x8f000);
	assert_int_equal(rig_segment(&rig, "kernel room")->dest, MIB(1));
}

static void test_zimage_linked_where_it_is_loaded(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x200, CODE_SIZE);
	rig_patch(kernel, 0x211, 1, 0);
	rig_patch(kernel, 0x214, 4, 0x10000);
	rig_kernel(&rig, kernel, RIG_SETUP_SIZE + CODE_SIZE);
	assert_int_equal(rig_finish(&rig, &loader_linux), ERR_OK);
	assert_int_equal(rig.plan.entry.ip, 0x10000);
	assert_int_equal(rig_segment(&rig, "kernel")->dest, 0x10000);
}

static void test_zimage_of_all_low_memory(void **state)
{
	u32 size = 0x8f000;
	u8 *large = malloc(RIG_SETUP_SIZE + size);

	(void)state;
	assert_non_null(large);
	rig_make_kernel(large, 0x204, size);
	rig_patch(large, 0x211, 1, 0);
	rig_patch(large, 0x214, 4, 0);
	rig_kernel(&rig, large, RIG_SETUP_SIZE + size);
	free(large);
	assert_int_equal(rig_place(&rig, &loader_linux), ERR_OK);
	assert_int_equal(rig_segment(&rig, "kernel")->dest, 0x1000);
}

static void test_zimage_too_large(void **state)
{
	u32 size = 0x90000;
	u8 *large = malloc(RIG_SETUP_SIZE + size);

	(void)state;
	assert_non_null(large);
	rig_make_kernel(large, 0x204, size);
	rig_patch(large, 0x211, 1, 0);
	rig_patch(large, 0x214, 4, 0x1000);
	rig_kernel(&rig, large, RIG_SETUP_SIZE + size);
	free(large);
	expect_refusal(rig_place(&rig, &loader_linux), ERR_NO_ROOM,
		       "a zImage must end below 0x90000: size=589824, at most 585728 from 0x1000 on");
}

static void test_zimage_without_low_memory(void **state)
{
	(void)state;
	assert_int_equal(memmap_mark(&rig.memory.map, 0x8f000, 0x9f000, MEM_RESERVED), ERR_OK);
	rig_make_kernel(kernel, 0x202, CODE_SIZE);
	rig_patch(kernel, 0x211, 1, 0);
	rig_patch(kernel, 0x214, 4, 0x1000);
	expect_refusal(place_patched(), ERR_RESERVED, "a zImage needs usable memory at 0x1000..0x90000");
}

static void test_old_parameters_without_low_memory(void **state)
{
	(void)state;
	assert_int_equal(memmap_mark(&rig.memory.map, 0x91000, 0x9f000, MEM_RESERVED), ERR_OK);
	rig_make_kernel(kernel, 0x201, CODE_SIZE);
	expect_refusal(place_patched(), ERR_RESERVED,
		       "a kernel before boot protocol 2.02 needs usable memory at 0x90000..0x91001");
}

static void test_no_staging_memory(void **state)
{
	(void)state;
	assert_int_equal(memory_claim(&rig.memory, 0, SMALL_RAM, OWNER_HEAP, "all of it"), ERR_OK);
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig.request.kernel.blob = (struct blob){ .name = "vmlinuz",
						 .paddr = MIB(30),
						 .size = RIG_SETUP_SIZE + CODE_SIZE,
						 .data = arch_phys(MIB(30), RIG_SETUP_SIZE + CODE_SIZE) };
	memcpy(arch_phys(MIB(30), sizeof(kernel)), kernel, sizeof(kernel));
	rig.claims = rig.memory.claim_count;
	expect_refusal(rig_place(&rig, &loader_linux), ERR_NO_ROOM,
		       "no memory to compose the boot parameters in: size=4097");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_relocatable_prefers),
		TEST(test_relocatable_goes_low),
		TEST(test_manifest_load_is_a_wish),
		TEST(test_manifest_load_misaligned),
		TEST(test_alignment_gives_way),
		TEST(test_small_alignment_is_a_page),
		TEST(test_before_init_size_room_is_estimated),
		TEST(test_fields_by_version),
		TEST(test_file_larger_than_init_size),
		TEST(test_fixed_at_one_mib),
		TEST(test_fixed_where_it_runs),
		TEST(test_fixed_moves_itself),
		TEST(test_fixed_moves_itself_into_a_hole),
		TEST(test_entry_offset),
		TEST(test_init_size_below_the_file),
		TEST(test_zimage),
		TEST(test_zimage_linked_where_it_is_loaded),
		TEST(test_zimage_of_all_low_memory),
		TEST(test_zimage_too_large),
		TEST(test_zimage_without_low_memory),
		TEST(test_old_parameters_without_low_memory),
		TEST(test_no_staging_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
