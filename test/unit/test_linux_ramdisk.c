/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The Linux loader: where it puts ramdisks. */
#include "linux_rig.h"

static void test_ramdisk_stays(void **state)
{
	(void)state;
	rig_ramdisk(&rig, "initrd", NULL, 10000, 0);
	place(0x20f);
	assert_int_equal(rig_segment(&rig, "initrd")->dest, rig.parts[0].blob.paddr);
}

static void test_ramdisk_goes_high(void **state)
{
	(void)state;
	rig_ramdisk(&rig, "initrd", NULL, 10000, 7);
	place(0x20f);
	assert_true(rig_segment(&rig, "initrd")->dest >= SMALL_RAM - MIB(1));
	assert_int_equal(rig_segment(&rig, "initrd")->dest & PAGE_MASK, 0);
}

static void test_ramdisk_below_its_limit(void **state)
{
	(void)state;
	rig_ramdisk(&rig, "initrd", NULL, 10000, 0);
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x22c, 4, MIB(16) - 1);
	assert_int_equal(place_patched(), ERR_OK);
	assert_int_equal(rig_segment(&rig, "initrd")->max, MIB(16));
	assert_int_equal(rig_segment(&rig, "initrd")->dest, MIB(16) - 12288);
}

static void test_ramdisk_limit_of_old_kernels(void **state)
{
	(void)state;
	rig_extend(&rig, GIB(1));
	rig_ramdisk(&rig, "initrd", NULL, 10000, 0);
	place(0x202);
	assert_int_equal(rig_segment(&rig, "initrd")->max, 0x38000000);
}

static void test_ramdisk_above_4g(void **state)
{
	(void)state;
	rig_extend(&rig, GIB(8));
	rig_ramdisk(&rig, "initrd", NULL, 10000, 0);
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x236, 2, 3);
	assert_int_equal(place_patched(), ERR_OK);
	assert_int_equal(rig_segment(&rig, "initrd")->max, GIB(8) - PAGE_SIZE);
	assert_int_equal(rig_segment(&rig, "kernel")->max, PADDR_LIMIT);
}

/* The flag is about the 64-bit entry. */
static void test_ramdisk_above_4g_needs_the_64_bit_entry(void **state)
{
	(void)state;
	arch_features.build = "i386";
	rig_extend(&rig, GIB(4));
	rig_ramdisk(&rig, "initrd", NULL, 10000, 0);
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x236, 2, 3);
	assert_int_equal(place_patched(), ERR_OK);
	assert_int_equal(rig_segment(&rig, "initrd")->max, 0x38000000);
	assert_int_equal(rig_segment(&rig, "kernel")->max, GIB(4));
}

static void test_ramdisk_below_mem(void **state)
{
	static const struct {
		const char *bootargs;
		paddr_t max;
	} cases[] = {
		{ "mem=32M", MIB(32) },
		{ "a mem=0x1800K b", MIB(6) },
		{ "mem=25165824", MIB(24) },
		{ "mem=1g", MIB(64) },
		{ "mem=0xa00000", MIB(10) },
		{ "mem=0xf00000", MIB(15) },
		{ "mem=0XA00000", MIB(10) },
		{ "mem=0xF00000", MIB(15) },
		{ "mem=nopentium", MIB(64) },
		{ "mem=", MIB(64) },
		{ "mem=20M mem=030M", MIB(20) },
		{ "mem=0", MIB(64) },
		{ "mem=99999999999999999999", MIB(64) },
		{ "mem=32Mx", MIB(64) },
		{ "mem=16E", MIB(64) },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		rig.request.bootargs = cases[i].bootargs;
		rig_ramdisk(&rig, "initrd", NULL, 10000, 0);
		place(0x20f);
		/* The last page of what the kernel takes for its memory stays free. */
		assert_int_equal(rig_segment(&rig, "initrd")->max, cases[i].max - PAGE_SIZE);
		restart();
	}
}

static void test_ramdisks_are_joined(void **state)
{
	const struct plan_segment *a, *b, *c;

	(void)state;
	rig_ramdisk(&rig, "a", NULL, 5000, 0);
	rig_ramdisk(&rig, "b", NULL, 8192, 100);
	rig_ramdisk(&rig, "c", NULL, 1, 0);
	place(0x20f);
	a = rig_segment(&rig, "a");
	b = rig_segment(&rig, "b");
	c = rig_segment(&rig, "c");
	assert_int_equal(b->dest, a->dest + 8192);
	assert_int_equal(c->dest, b->dest + 8192);
	assert_int_equal(a->zero_size, 8192 - 5000);
	assert_int_equal(b->zero_size, 0);
	assert_int_equal(c->zero_size, 0);
}

static void test_ramdisk_empty(void **state)
{
	(void)state;
	rig_ramdisk(&rig, "initrd", NULL, 0, 0);
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	expect_refusal(place_patched(), ERR_VALUE, "initrd: a ramdisk of 0 bytes");
}

static void test_ramdisk_too_large(void **state)
{
	(void)state;
	rig_ramdisk(&rig, "initrd", NULL, MIB(40), 0);
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x22c, 4, MIB(32) - 1);
	expect_refusal(place_patched(), ERR_NO_ROOM, "initrd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ramdisk_stays),
		TEST(test_ramdisk_goes_high),
		TEST(test_ramdisk_below_its_limit),
		TEST(test_ramdisk_limit_of_old_kernels),
		TEST(test_ramdisk_above_4g),
		TEST(test_ramdisk_above_4g_needs_the_64_bit_entry),
		TEST(test_ramdisk_below_mem),
		TEST(test_ramdisks_are_joined),
		TEST(test_ramdisk_empty),
		TEST(test_ramdisk_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
