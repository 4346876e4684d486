/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Where ramdisks may lie, by the words with which a command line changes Linux's view of memory; sums of what is joined. */
#include "linux_rig.h"
#include "record.h"

static void test_window(void **state)
{
	static const struct {
		const char *bootargs;
		paddr_t min, max;
		bool is_top;		/* of all memory that the kernel has: its last page stays free */
	} cases[] = {
		{ "", MIB(1), MIB(56), false },
		{ "memmap=32M", MIB(1), MIB(32), true },
		{ "memmap=40M mem=32M", MIB(1), MIB(32), true },
		{ "memmap=8M$40M", MIB(1), MIB(40), false },
		{ "memmap=8M$0x1400000", MIB(28), MIB(56), false },
		{ "memmap=8M#20M", MIB(28), MIB(56), false },
		{ "memmap=8M!20M", MIB(28), MIB(56), false },
		{ "memmap=8M$20M memmap=8M$44M", MIB(1), MIB(20), false },
		{ "memmap=8M$20M,8M$44M", MIB(1), MIB(20), false },
		{ "memmap=exactmap memmap=640K@0 memmap=20M@1M", MIB(1), MIB(21), true },
		{ "memmap=exactmap,30M@10M", MIB(10), MIB(40), true },
		{ "memmap=48M$1M memmap=16E$0x4000000", MIB(49), MIB(56), false },
		{ "memmap=0$20M memmap=$ memmap=8M$ memmap=x memmap= memmap=8M%20M-1+2", MIB(1), MIB(56), false },
		{ "memmap=8M$0xffffffffffffffff", MIB(1), MIB(56), false },
		{ "\"memmap=8M$40M\"", MIB(1), MIB(40), false },
		{ "xmemmap=8M$20M mem=8Mx", MIB(1), MIB(56), false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		paddr_t min = MIB(1), max = MIB(56);

		rig.request.bootargs = cases[i].bootargs;
		assert_int_equal(handover_ramdisk_window(&rig.request, &min, &max), ERR_OK);
		if (min != cases[i].min || max != cases[i].max - (cases[i].is_top ? PAGE_SIZE : 0))
			fail_msg("%s: 0x%llx..0x%llx", cases[i].bootargs, min, max);
	}
}

static void test_nothing_left(void **state)
{
	static const char *const cases[] = { "mem=1M", "mem=1", "memmap=exactmap", "memmap=1G$0" };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		rig.request.bootargs = cases[i];
		rig_ramdisk(&rig, "initrd", NULL, 10000, 0);
		rig_make_kernel(kernel, 0x20f, CODE_SIZE);
		expect_refusal(place_patched(), ERR_NO_ROOM,
			       "vmlinuz: mem= and memmap= leave the kernel no memory for its ramdisk");
		restart();
	}
}

/* That is no matter of the command line. */
static void test_limit_of_the_kernel(void **state)
{
	(void)state;
	rig_ramdisk(&rig, "initrd", NULL, 10000, 0);
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x22c, 4, MIB(1) - 1);
	assert_int_not_equal(place_patched(), ERR_OK);
	assert_int_equal(fake_log_errors(), 1);
	assert_true(fake_log_has("plan: error: initrd"));
	assert_false(fake_log_has("mem="));
}

/* Nobody needs a place for a ramdisk that there is not. */
static void test_no_ramdisk(void **state)
{
	(void)state;
	rig.request.bootargs = "mem=1M";
	place(0x20f);
}

static void test_sums(void **state)
{
	const char zeros[70] = { 0 };
	char joined[9 + sizeof(zeros)] = "123456789";

	(void)state;
	assert_int_equal(record_crc32("123456789", 9), 0xcbf43926);
	assert_int_equal(record_crc32_join(record_crc32("1234", 4), record_crc32("56789", 5), 5), 0xcbf43926);
	assert_int_equal(record_crc32_zeros(0xcbf43926, sizeof(zeros)), record_crc32(joined, sizeof(joined)));
	assert_int_equal(record_crc32_join(0, 0xcbf43926, 9), 0xcbf43926);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_window),
		TEST(test_nothing_left),
		TEST(test_limit_of_the_kernel),
		TEST(test_no_ramdisk),
		TEST(test_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
