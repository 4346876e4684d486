/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The Linux loader: the 16-bit entry. */
#include "linux_rig.h"

#define HEAP_NEW 0xe000u
#define HEAP_OLD 0x9800u

static const u8 *part;
static const struct plan_segment *segment;

static void finish_real(u16 version, bool high)
{
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_REAL;
	rig_make_kernel(kernel, version, CODE_SIZE);
	if (!high) {
		rig_patch(kernel, 0x211, 1, 0);
		rig_patch(kernel, 0x214, 4, 0x1000);
	}
	rig_kernel(&rig, kernel, RIG_SETUP_SIZE + CODE_SIZE);
	assert_int_equal(rig_finish(&rig, &loader_linux), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
	segment = rig_segment(&rig, "real-mode part");
	part = rig_bytes(segment);
}

static u64 field(u32 offset, u32 bytes)
{
	return handover_get(part, offset, bytes);
}

static void expect_entry(paddr_t at, u16 sp)
{
	const struct entry_state *entry = &rig.plan.entry;
	u16 seg = (u16)(at >> 4);

	assert_int_equal(at & 15, 0);
	assert_int_equal(entry->mode, ENTRY_REAL);
	assert_int_equal(entry->cs, seg + 0x20);
	assert_int_equal(entry->ip, 0);
	assert_true(entry->ds == seg && entry->es == seg && entry->fs == seg && entry->gs == seg && entry->ss == seg);
	assert_int_equal(entry->sp, sp);
	assert_int_equal(entry->flags, 0);
	assert_int_equal(plan_entry_address(entry), at + 0x200);
}

static void test_modern(void **state)
{
	static const u16 versions[] = { 0x202, 0x203, 0x206, 0x20a, 0x20f };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(versions); i++) {
		rig.request.bootargs = "console=ttyS0";
		rig_ramdisk(&rig, "initrd", NULL, 10000, 0);
		finish_real(versions[i], true);
		expect_entry(segment->dest, HEAP_NEW);
		assert_true(segment->dest >= PAGE_SIZE && segment->dest + segment->mem_size <= 0x9a000);
		assert_int_equal(segment->file_size, HEAP_NEW + sizeof("console=ttyS0"));
		assert_string_equal((const char *)part + HEAP_NEW, "console=ttyS0");
		assert_int_equal(field(0x228, 4), segment->dest + HEAP_NEW);
		assert_int_equal(field(0x224, 2), HEAP_NEW - 0x200);
		assert_int_equal(field(0x211, 1), 0x81);
		assert_int_equal(field(0x210, 1), 0xff);
		assert_int_equal(field(0x218, 4), rig_segment(&rig, "initrd")->dest);
		assert_int_equal(field(0x21c, 4), 10000);
		assert_int_equal(field(0x214, 4), rig_segment(&rig, "kernel")->dest);
		assert_memory_equal(part + 0x300, "6.1.0-test", 10);
		assert_null(rig_segment(&rig, "setup data"));
		teardown(NULL);
		setup(NULL);
	}
}

/* Nothing of the zero page beside the header: behind it comes the kernel's own code. */
static void test_only_the_header_is_written(void **state)
{
	(void)state;
	rig.request.rsdp = 0xf5a00;
	give_screen(1);
	finish_real(0x20f, true);
	for (u32 i = 0; i < RIG_SETUP_SIZE; i++) {
		if (part[i] != kernel[i] && (i < HDR_VID_MODE || i >= HDR_INIT_SIZE))
			fail_msg("offset 0x%x", i);
	}
}

static void test_old(void **state)
{
	(void)state;
	for (u16 version = 0x200; version <= 0x201; version++) {
		rig.request.bootargs = "one";
		finish_real(version, true);
		assert_int_equal(segment->dest, 0x90000);
		expect_entry(0x90000, HEAP_OLD);
		assert_int_equal(field(0x20, 2), 0xa33f);
		assert_int_equal(field(0x22, 2), HEAP_OLD);
		assert_int_equal(field(0x212, 2), HEAP_OLD + 4);
		assert_string_equal((const char *)part + HEAP_OLD, "one");
		assert_int_equal(field(0x211, 1), version == 0x200 ? 0x01 : 0x81);
		assert_int_equal(field(0x224, 2), version == 0x200 ? 0 : HEAP_OLD - 0x200);
		assert_int_equal(rig_segment(&rig, "kernel")->dest, MIB(1));
		restart();
	}
}

/* Where setup finds it and moves it from; its entry is where that is. */
static void test_zimage(void **state)
{
	(void)state;
	finish_real(0x202, false);
	assert_int_equal(rig_segment(&rig, "kernel")->dest, 0x10000);
	assert_int_equal(rig_segment(&rig, "kernel")->mem_size, 0x80000);
	assert_int_equal(rig_segment(&rig, "kernel room")->dest, MIB(1));
	assert_int_equal(segment->dest, 0x90000);
	assert_int_equal(field(0x214, 4), 0x1000);
	assert_int_equal(field(0x228, 4), 0x90000 + HEAP_OLD);
	expect_entry(0x90000, HEAP_OLD);
}

static void test_video_mode(void **state)
{
	(void)state;
	rig.request.bootargs = "vga=0x317 quiet";
	finish_real(0x20f, true);
	assert_int_equal(field(0x1fa, 2), 0x317);
	assert_int_equal(field(0x211, 1), 0xa1);
	assert_false(fake_log_has("the mode itself stays"));
}

static void test_ramdisk_below_4g(void **state)
{
	(void)state;
	rig_extend(&rig, GIB(1));
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_REAL;
	rig_ramdisk(&rig, "initrd", NULL, 10000, 0);
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x236, 2, 3);
	assert_int_equal(place_patched(), ERR_OK);
	assert_int_equal(rig_segment(&rig, "initrd")->max, 0x38000000);
	assert_int_equal(rig_segment(&rig, "kernel")->max, GIB(4));
}

static void refuse(enum err err, const char *message)
{
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_REAL;
	expect_refusal(place_patched(), err, message);
	restart();
}

/* Memory that the firmware keeps, somewhere in the first MiB. */
static void reserve(paddr_t start, paddr_t end)
{
	assert_int_equal(memmap_mark(&rig.memory.map, start, end, MEM_RESERVED), ERR_OK);
}

static void test_refused(void **state)
{
	static char line[9000];

	(void)state;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	give_efi();
	refuse(ERR_UNSUPPORTED, "vmlinuz: trapeze,mode=real: the 16-bit entry needs a BIOS, and this machine was started by UEFI");
	rig.info.has_efi32_table = true;
	refuse(ERR_UNSUPPORTED, "needs a BIOS");
	fake_cannot_enter[ENTRY_REAL] = "no real mode here";
	refuse(ERR_PROCESSOR, "no real mode here");
	memset(line, 'x', 300);
	rig.request.bootargs = line;
	rig_make_kernel(kernel, 0x202, CODE_SIZE);
	refuse(ERR_VALUE, "the command line has 300 characters, this kernel takes 255");
	memset(line, 'x', sizeof(line) - 1);
	rig.request.bootargs = line;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x238, 4, 0xffffffff);
	refuse(ERR_NO_ROOM, "a command line of 8999 characters does not fit into the segment of the 16-bit code, which has room for 8191");
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	reserve(PAGE_SIZE, 0x9f000);
	refuse(ERR_NO_ROOM, "real-mode part");
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	for (paddr_t at = 0x8000; at < 0x9a000; at += 0xe000)
		reserve(at, at + PAGE_SIZE);
	refuse(ERR_NO_ROOM, "real-mode part");
	rig_make_kernel(kernel, 0x201, CODE_SIZE);
	reserve(0x99000, 0x9f000);
	refuse(ERR_RESERVED, "a kernel before boot protocol 2.02 needs usable memory at 0x90000..0x99801");
	rig_make_kernel(kernel, 0x202, CODE_SIZE);
	rig_patch(kernel, 0x211, 1, 0);
	rig_patch(kernel, 0x214, 4, 0x1000);
	reserve(0x8000, 0x9000);
	refuse(ERR_RESERVED, "a zImage needs usable memory at 0x1000..0x90000");
	rig_make_kernel(kernel, 0x202, CODE_SIZE);
	rig_patch(kernel, 0x211, 1, 0);
	refuse(ERR_VALUE, "code32_start=0x100000 is outside the kernel 0x10000");
}

/* A segment has room for 32 KiB of code below its heap. */
static void test_setup_size(void **state)
{
	static const struct {
		u8 sectors;
		bool fits;
	} cases[] = { { 63, true }, { 64, false }, { 255, false } };
	u32 size = 256 * 512 + CODE_SIZE;
	u8 *large = calloc(1, size);

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		rig.config.has_mode = true;
		rig.config.mode = ENTRY_REAL;
		rig_make_kernel(large, 0x20f, CODE_SIZE);
		rig_patch(large, 0x1f1, 1, cases[i].sectors);
		rig_kernel(&rig, large, size);
		if (cases[i].fits)
			assert_int_equal(rig_place(&rig, &loader_linux), ERR_OK);
		else
			expect_refusal(rig_place(&rig, &loader_linux), ERR_NO_ROOM,
				       cases[i].sectors == 64 ? "setup_sects=64: the 16-bit code has 0x8200 bytes, at most 0x8000" :
								"setup_sects=255: the 16-bit code has 0x20000 bytes, at most 0x8000");
		restart();
	}
	free(large);
}

static void test_zimage_too_large(void **state)
{
	u32 size = 0x80001;
	u8 *large = malloc(RIG_SETUP_SIZE + size);

	(void)state;
	rig_make_kernel(large, 0x204, size);
	rig_patch(large, 0x211, 1, 0);
	rig_patch(large, 0x214, 4, 0x1000);
	rig_kernel(&rig, large, RIG_SETUP_SIZE + size);
	free(large);
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_REAL;
	expect_refusal(rig_place(&rig, &loader_linux), ERR_NO_ROOM,
		       "a zImage must end below 0x90000: size=524289, at most 524288 from 0x10000 on");
}

static void test_record(void **state)
{
	char *text;

	(void)state;
	rig.request.bootargs = "one";
	rig_ramdisk(&rig, "initrd", NULL, 1, 0);
	finish_real(0x201, true);
	text = rig_record(&rig, &loader_linux);
	assert_int_equal(strncmp(text, "linux: protocol=2.01 mode=real setup=0x90000 size=1024 crc32=0x", 63), 0);
	assert_non_null(strstr(text, "\nreal: cs=0x9020 ip=0x0 ds=0x9000 es=0x9000 fs=0x9000 gs=0x9000 ss=0x9000 sp=0x97fc flags=0x0\n"
				     "kernel: at=0x100000 size=20000\nheader: heap_end_ptr=0x9600 setup_move_size=0x9804\n"
				     "header: type_of_loader=0xff loadflags=0x81 vid_mode=0xffff\n"
				     "header: code32_start=0x100000 kernel_alignment=0x0\n"
				     "cmdline: at=0x99800 size=3\ncmdline: \"one\"\ninitrd: at=0x1400000 size=1"));
	assert_null(strstr(text, "e820"));
	free(text);
}

static void test_describe(void **state)
{
	char line[100];

	(void)state;
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_REAL;
	rig_kernel(&rig, kernel, rig_make_kernel(kernel, 0x20f, CODE_SIZE));
	loader_linux.describe(&rig.request, line, sizeof(line));
	assert_string_equal(line, "Linux bzImage 2.15, 16-bit entry, relocatable, 6.1.0-test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_modern),
		TEST(test_only_the_header_is_written),
		TEST(test_old),
		TEST(test_zimage),
		TEST(test_video_mode),
		TEST(test_ramdisk_below_4g),
		TEST(test_refused),
		TEST(test_setup_size),
		TEST(test_zimage_too_large),
		TEST(test_record),
		TEST(test_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
