/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The Linux loader: what it refuses and in which words, which entry it takes, which options it honours. */
#include "linux_rig.h"

/* --- probing --- */

static void test_probe(void **state)
{
	const char *reason;

	(void)state;
	rig_kernel(&rig, kernel, rig_make_kernel(kernel, 0x20f, CODE_SIZE));
	assert_int_equal(loader_linux.probe(&rig.request, &reason), ERR_OK);
	rig.request.kernel.blob.size = 0x205;
	assert_int_equal(loader_linux.probe(&rig.request, &reason), ERR_FORMAT);
	assert_string_equal(reason, "too short for a setup header");
	rig.request.kernel.blob.size = 0x1ff;
	assert_int_equal(loader_linux.probe(&rig.request, &reason), ERR_FORMAT);
	assert_string_equal(reason, "too short for a boot sector");
	rig.request.kernel.blob.size = 0;
	assert_int_equal(loader_linux.probe(&rig.request, &reason), ERR_FORMAT);
}

static void test_probe_magic(void **state)
{
	const char *reason;

	(void)state;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x202, 1, 'h');
	rig_kernel(&rig, kernel, RIG_SETUP_SIZE + CODE_SIZE);
	assert_int_equal(loader_linux.probe(&rig.request, &reason), ERR_FORMAT);
	assert_string_equal(reason, "no \"HdrS\" at 0x202");
	rig_patch(kernel, 0x1fe, 2, 0x55aa);
	rig_kernel(&rig, kernel, RIG_SETUP_SIZE + CODE_SIZE);
	assert_int_equal(loader_linux.probe(&rig.request, &reason), ERR_FORMAT);
	assert_string_equal(reason, "no 0xaa55 at 0x1fe");
	assert_int_equal(fake_log_errors(), 0);
}

/* --- malformed --- */

static void test_malformed(void **state)
{
	static const struct {
		u16 version, offset;
		u8 size;
		u64 value;
		enum err err;
		const char *message;
	} cases[] = {
		{ 0x20f, 0x1fe, 2, 0, ERR_FORMAT, "vmlinuz: no 0xaa55 at 0x1fe" },
		{ 0x20f, 0x202, 4, 0, ERR_FORMAT, "vmlinuz: no \"HdrS\" at 0x202" },
		{ 0x20f, 0x206, 2, 0x0105, ERR_VERSION, "boot protocol 1.05 is not known" },
		{ 0x20f, 0x206, 2, 0x0300, ERR_VERSION, "boot protocol 3.00 is not known" },
		{ 0x20f, 0x1f1, 1, 255, ERR_TRUNCATED,
		  "ends inside its setup code: size=21024 setup_sects=255 needs more than 131072" },
		{ 0x20f, 0x1f4, 4, 0xffffffff, ERR_TRUNCATED,
		  "syssize promises 68719476720 bytes behind the setup code, the file has 20000" },
		{ 0x204, 0x1f4, 4, 0x11000, ERR_TRUNCATED, "syssize promises 1114112 bytes" },
		{ 0x20f, 0x1f4, 4, 1251, ERR_TRUNCATED, "syssize promises 20016 bytes" },
		{ 0x20f, 0x230, 4, 0, ERR_ALIGN, "kernel_alignment=0x0 is not a power of two up to 0x40000000" },
		{ 0x20f, 0x230, 4, 3, ERR_ALIGN, "kernel_alignment=0x3 is not a power of two" },
		{ 0x205, 0x230, 4, 0x180000, ERR_ALIGN, "kernel_alignment=0x180000 is not" },
		{ 0x20f, 0x230, 4, 0x80000000, ERR_ALIGN, "kernel_alignment=0x80000000 is not" },
		{ 0x20f, 0x235, 1, 22, ERR_ALIGN,
		  "min_alignment=22 (a power of two) is above kernel_alignment=0x200000" },
		{ 0x20a, 0x235, 1, 255, ERR_ALIGN, "min_alignment=255" },
		{ 0x20f, 0x258, 8, 0xfffff, ERR_VALUE, "pref_address=0xfffff is below 1 MiB" },
		{ 0x20f, 0x258, 8, ~0ull, ERR_OVERFLOW,
		  "pref_address=0xffffffffffffffff + init_size=0x100000 is beyond 0x10000000000000" },
		{ 0x20f, 0x258, 8, 1ull << 52, ERR_OVERFLOW, "pref_address=0x10000000000000 + init_size" },
		{ 0x20f, 0x260, 4, 0xffffffff, ERR_NO_ROOM, "kernel" },
		{ 0x20f, 0x260, 4, 0x10000000, ERR_NO_ROOM, "kernel" },
		{ 0x20f, 0x214, 4, 0xfffff, ERR_VALUE,
		  "code32_start=0xfffff is outside the kernel 0x100000..0x104e20" },
		{ 0x20f, 0x214, 4, 0x104e20, ERR_VALUE, "code32_start=0x104e20 is outside" },
		{ 0x20f, 0x214, 4, 0xffffffff, ERR_VALUE, "code32_start=0xffffffff is outside" },
		{ 0x202, 0x211, 1, 0, ERR_VALUE, "code32_start=0x100000 is outside the kernel 0x10000..0x14e20" },
		{ 0x20f, 0x238, 4, 3, ERR_VALUE, "the command line has 4 characters, this kernel takes 3" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		rig.request.bootargs = "quux";
		rig_make_kernel(kernel, cases[i].version, CODE_SIZE);
		rig_patch(kernel, cases[i].offset, cases[i].size, cases[i].value);
		expect_refusal(place_patched(), cases[i].err, cases[i].message);
		restart();
	}
}

static void test_nothing_behind_setup(void **state)
{
	(void)state;
	rig_kernel(&rig, kernel, rig_make_kernel(kernel, 0x20f, 0));
	expect_refusal(rig_place(&rig, &loader_linux), ERR_TRUNCATED, "ends inside its setup code");
}

/* Cut anywhere: refused with a line, or, where only the last bytes of padding are gone, loaded. */
static void test_truncated_anywhere(void **state)
{
	u32 size = rig_make_kernel(kernel, 0x20f, CODE_SIZE);

	(void)state;
	for (u32 cut = 0; cut < size - 16; cut += cut < 0x300 ? 1 : 997) {
		rig_kernel(&rig, kernel, cut);
		assert_int_not_equal(rig_place(&rig, &loader_linux), ERR_OK);
		assert_int_equal(fake_log_errors(), 1);
		restart();
	}
}

/* 64-bit entry code starts at 0x200: there must be some. */
static void test_64_bit_entry_outside(void **state)
{
	(void)state;
	rig_kernel(&rig, kernel, rig_make_kernel(kernel, 0x20f, 0x200));
	expect_refusal(rig_place(&rig, &loader_linux), ERR_TRUNCATED,
		       "64-bit entry at 0x200 is beyond the kernel's 512 bytes");
	restart();
	rig_kernel(&rig, kernel, rig_make_kernel(kernel, 0x20f, 0x201));
	assert_int_equal(rig_place(&rig, &loader_linux), ERR_OK);
}

/* The field is what it says, even where no old kernel padded its file to it. */
static void test_unpadded_file(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x204, CODE_SIZE);
	rig_patch(kernel, 0x1f4, 4, (CODE_SIZE + 15) / 16);
	rig_kernel(&rig, kernel, RIG_SETUP_SIZE + CODE_SIZE - 15);
	assert_int_equal(rig_place(&rig, &loader_linux), ERR_OK);
}

static void test_setup_sects_zero_means_four(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x1f1, 1, 0);
	rig_patch(kernel, 0x1f4, 4, 0);
	assert_int_equal(place_patched(), ERR_OK);
	assert_int_equal(rig_segment(&rig, "kernel")->file_size, RIG_SETUP_SIZE + CODE_SIZE - 5 * 512);
	assert_int_equal(rig_segment(&rig, "kernel")->source, rig.request.kernel.blob.paddr + 5 * 512);
}

/* --- entry --- */

static void test_entry_by_build(void **state)
{
	(void)state;
	place(0x20f);
	assert_int_equal(rig.plan.entry.mode, ENTRY_LONG);
}

static void test_entry_of_the_32_bit_build(void **state)
{
	(void)state;
	arch_features.build = "i386";
	place(0x20f);
	assert_int_equal(rig.plan.entry.mode, ENTRY_PROTECTED);
}

static void test_entry_without_the_flag(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x236, 2, 0);
	assert_int_equal(place_patched(), ERR_OK);
	assert_int_equal(rig.plan.entry.mode, ENTRY_PROTECTED);
}

/* Before 2.12 the place of the flag belongs to nobody. */
static void test_entry_before_the_flag(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20b, CODE_SIZE);
	rig_patch(kernel, 0x236, 2, 1);
	assert_int_equal(place_patched(), ERR_OK);
	assert_int_equal(rig.plan.entry.mode, ENTRY_PROTECTED);
}

static void test_entry_by_manifest(void **state)
{
	(void)state;
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_PROTECTED;
	place(0x20f);
	assert_int_equal(rig.plan.entry.mode, ENTRY_PROTECTED);
}

static void test_long_mode_of_a_32_bit_kernel_is_refused(void **state)
{
	(void)state;
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_LONG;
	rig_make_kernel(kernel, 0x20b, CODE_SIZE);
	expect_refusal(place_patched(), ERR_UNSUPPORTED, "this kernel has no 64-bit entry (xloadflags=0x0)");
}

static void test_64_bit_kernel_without_long_mode(void **state)
{
	(void)state;
	arch_features.build = "i386";
	arch_features.can_long_mode = false;
	fake_cannot_enter[ENTRY_LONG] = "no long mode";
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	expect_refusal(place_patched(), ERR_PROCESSOR,
		       "a 64-bit kernel (xloadflags=0x1), and this processor has no long mode");
}

static void test_old_kernel_without_long_mode(void **state)
{
	(void)state;
	arch_features.build = "i386";
	arch_features.can_long_mode = false;
	place(0x20b);
	assert_true(fake_log_has("boot protocol 2.11 does not tell 64-bit kernels"));
}

/* From 2.12 on the flag tells. */
static void test_32_bit_kernel_without_long_mode(void **state)
{
	(void)state;
	arch_features.build = "i386";
	arch_features.can_long_mode = false;
	rig_make_kernel(kernel, 0x20c, CODE_SIZE);
	rig_patch(kernel, 0x236, 2, 0);
	assert_int_equal(place_patched(), ERR_OK);
	assert_false(fake_log_has("does not tell"));
}

static void test_mode_that_cannot_be_entered(void **state)
{
	(void)state;
	fake_cannot_enter[ENTRY_LONG] = fake_cannot_enter[ENTRY_PROTECTED] = "the moon is full";
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	expect_refusal(place_patched(), ERR_PROCESSOR, "vmlinuz: the moon is full");
}

/* --- options --- */

static void test_command_line_limit(void **state)
{
	static char line[2049];
	static const struct {
		u16 version;
		u32 limit;
	} cases[] = { { 0x20f, 1023 }, { 0x206, 1023 }, { 0x205, 255 }, { 0x202, 255 }, { 0x200, 255 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		memset(line, 'x', sizeof(line));
		line[cases[i].limit] = '\0';
		rig.request.bootargs = line;
		place(cases[i].version);
		restart();
		line[cases[i].limit] = 'x';
		line[cases[i].limit + 1] = '\0';
		rig.request.bootargs = line;
		rig_make_kernel(kernel, cases[i].version, CODE_SIZE);
		expect_refusal(place_patched(), ERR_VALUE,
			       cases[i].limit == 255 ? "the command line has 256 characters, this kernel takes 255" :
						       "the command line has 1024 characters, this kernel takes 1023");
		restart();
	}
}

static void test_vga(void **state)
{
	static const struct {
		const char *bootargs;
		u16 mode;
		const char *message;
	} cases[] = {
		{ "vga=ask", 0xfffd, "" },
		{ "vga=ext", 0xfffe, "" },
		{ "vga=normal", 0xffff, "" },
		{ "", 0xffff, "" },
		{ "vga=0x317", 0x317, "vga=0x317 is handed over, the mode itself stays" },
		{ "vga=791", 791, "" },
		{ "vga=010", 8, "" },
		{ "vga=wide", 0xffff, "vga=wide is neither a mode number" },
		{ "vga=0x10000", 0xffff, "up to 0xffff" },
		{ "vga=", 0xffff, "ignored" },
		{ "vga=0x", 0xffff, "ignored" },
		{ "vga=0", 0, "handed over" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		rig.request.bootargs = cases[i].bootargs;
		rig_kernel(&rig, kernel, rig_make_kernel(kernel, 0x20f, CODE_SIZE));
		assert_int_equal(rig_finish(&rig, &loader_linux), ERR_OK);
		assert_true(fake_log_has(cases[i].message));
		assert_int_equal(rig_bytes(rig_segment(&rig, "boot parameters"))[0x1fa] |
				 rig_bytes(rig_segment(&rig, "boot parameters"))[0x1fb] << 8, cases[i].mode);
		restart();
	}
}

/* --- describing --- */

static void test_describe(void **state)
{
	static const struct {
		u16 version, offset;
		u8 size;
		u32 value;
		const char *text;
	} cases[] = {
		{ 0x20f, 0x206, 2, 0x20f, "Linux bzImage 2.15, 64-bit entry, relocatable, 6.1.0-test" },
		{ 0x20f, 0x20e, 2, 0, "Linux bzImage 2.15, 64-bit entry, relocatable" },
		{ 0x20f, 0x20e, 2, 0xffff, "Linux bzImage 2.15, 64-bit entry, relocatable" },
		{ 0x204, 0x206, 2, 0x204, "Linux bzImage 2.04, 32-bit entry, at a fixed address, 6.1.0-test" },
		{ 0x200, 0x211, 1, 0, "Linux zImage 2.00, 32-bit entry, at a fixed address, 6.1.0-test" },
		{ 0x20f, 0x206, 2, 0x300, "Linux kernel, damaged: see the log" },
	};
	char text[80];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		rig_make_kernel(kernel, cases[i].version, CODE_SIZE);
		rig_patch(kernel, cases[i].offset, cases[i].size, cases[i].value);
		rig_kernel(&rig, kernel, RIG_SETUP_SIZE + CODE_SIZE);
		loader_linux.describe(&rig.request, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
		loader_linux.describe(&rig.request, text, 10);
		assert_int_equal(strlen(text), 9);
		restart();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_probe), TEST(test_probe_magic), TEST(test_malformed), TEST(test_nothing_behind_setup),
		TEST(test_truncated_anywhere), TEST(test_64_bit_entry_outside), TEST(test_unpadded_file),
		TEST(test_setup_sects_zero_means_four), TEST(test_entry_by_build),
		TEST(test_entry_of_the_32_bit_build), TEST(test_entry_without_the_flag),
		TEST(test_entry_before_the_flag), TEST(test_entry_by_manifest),
		TEST(test_long_mode_of_a_32_bit_kernel_is_refused), TEST(test_64_bit_kernel_without_long_mode),
		TEST(test_old_kernel_without_long_mode), TEST(test_32_bit_kernel_without_long_mode),
		TEST(test_mode_that_cannot_be_entered),
		TEST(test_command_line_limit), TEST(test_vga), TEST(test_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
