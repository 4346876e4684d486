/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Kernels of multiboot format 1. */
#include "multiboot_rig.h"

#define MAGIC 0x1badb002u

static void put_header(u32 at, u32 flags)
{
	put32(at, MAGIC);
	put32(at + 4, flags);
	put32(at + 8, -(MAGIC + flags));
}

static void make_elf(bool is_64, u32 flags)
{
	loader = &loader_multiboot1;
	image_size = rig_make_elf(image, is_64, BASE);
	memset(image + HEADER_AT, 0, 0x400 - HEADER_AT);
	put_header(HEADER_AT, flags);
}

/* A flat image: its text from the header on, 0x1000 bytes loaded, 0x3000 in memory. */
static void make_flat(void)
{
	loader = &loader_multiboot1;
	image_size = 0x1800;
	put_header(0x100, 0x10000);
	put32(0x10c, BASE + 0x80);
	put32(0x110, BASE);
	put32(0x114, BASE + 0x1000);
	put32(0x118, BASE + 0x3000);
	put32(0x11c, BASE + 0x200);
}

static const u8 *info(void)
{
	return info_at(rig.plan.entry.bx);
}

static void test_elf_of_both_widths(void **state)
{
	(void)state;
	for (int is_64 = 0; is_64 < 2; is_64++) {
		make_elf(is_64, 3);
		finish();
		assert_int_equal(rig.plan.entry.mode, ENTRY_PROTECTED);
		assert_int_equal(rig.plan.entry.ip, BASE);
		assert_int_equal(rig.plan.entry.ax, 0x2badb002);
		assert_int_equal(rig.plan.entry.bp, 0);
		assert_int_equal(rig.plan.segments[0].dest, BASE);
		assert_int_equal(rig.plan.segments[1].dest, BASE + 0x1000);
		assert_int_equal(rig.plan.segments[1].zero_size, 0x2f00);
		restart();
	}
}

static void test_addresses_win_over_elf(void **state)
{
	(void)state;
	make_elf(false, 3);
	put_header(HEADER_AT, 0x10000);
	put32(HEADER_AT + 12, BASE + 0x200);
	put32(HEADER_AT + 16, BASE);
	put32(HEADER_AT + 28, BASE + 0x500);
	finish();
	assert_int_equal(rig.plan.entry.ip, BASE + 0x500);
	assert_int_equal(rig.plan.segments[0].file_size, RIG_ELF_SIZE);
	assert_int_equal(rig.plan.segments[0].mem_size, RIG_ELF_SIZE);
}

static void test_flat(void **state)
{
	(void)state;
	make_flat();
	finish();
	assert_int_equal(rig.plan.segments[0].source, rig.request.kernel.blob.paddr + 0x80);
	assert_int_equal(rig.plan.segments[0].dest, BASE);
	assert_int_equal(rig.plan.segments[0].file_size, 0x1000);
	assert_int_equal(rig.plan.segments[0].zero_size, 0x2000);
	assert_int_equal(rig.plan.entry.ip, BASE + 0x200);
	restart();
	make_flat();
	put32(0x114, 0);
	put32(0x118, 0);
	finish();
	assert_int_equal(rig.plan.segments[0].file_size, 0x1780);
	assert_int_equal(rig.plan.segments[0].mem_size, 0x1780);
}

static void test_flat_is_refused(void **state)
{
	static const struct {
		u32 offset, value;
		const char *says;
	} cases[] = {
		{ 0x110, BASE + 0x81, "load_addr=0x2000081 is not possible with header_addr=0x2000080" },
		{ 0x110, BASE - 0x81, "header_addr - load_addr=0x101 is not possible with the header at=0x100" },
		{ 0x114, BASE, "load_end_addr=0x2000000 is not possible with load_addr=0x2000000" },
		{ 0x114, BASE + 0x1781, "load_end_addr=0x2001781 asks for 6017 bytes from 0x80 on: size=6144" },
		{ 0x118, BASE + 0xfff, "bss_end_addr=0x2000fff is not possible with the load's end at=0x2001000" },
		{ 0x11c, BASE + 0x1000, "entry=0x2001000 lies in none of the bytes" },
		{ 0x11c, BASE - 1, "entry=0x1ffffff lies in none of the bytes" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		make_flat();
		put32(cases[i].offset, cases[i].value);
		expect_error(cases[i].says);
	}
	make_flat();
	put32(0x10c, 0xfffff080);
	put32(0x110, 0xfffff000);
	put32(0x114, 0);
	expect_error("load_addr=0xfffff000 is not possible with bytes to load=0x1780");
}

static void test_flags(void **state)
{
	(void)state;
	for (u32 bit = 3; bit < 16; bit++) {
		char says[64];

		make_elf(false, 1u << bit);
		snprintf(says, sizeof(says), "flags=0x%08x: requirement %u is not known", 1u << bit, bit);
		expect_error(says);
	}
	make_elf(false, 0xfffe0003);
	finish();
}

static void test_where_the_header_may_lie(void **state)
{
	static const u32 bad[] = { 2, 1, 0xffffffff };
	const char *reason;

	(void)state;
	make_elf(false, 3);
	image_size = 12000;
	memset(image + HEADER_AT, 0, 12);
	put_header(8192 - 12, 3);
	use_image();
	assert_int_equal(loader->probe(&rig.request, &reason), ERR_OK);
	put_header(8192 - 12, 0);
	memset(image + 8192 - 12, 0, 12);
	put_header(8192 - 8, 3);
	use_image();
	assert_int_equal(loader->probe(&rig.request, &reason), ERR_FORMAT);
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		memset(image + 8000, 0, 200);
		put_header(8000, 3);
		put32(8008, bad[i]);
		use_image();
		assert_int_equal(loader->probe(&rig.request, &reason), ERR_FORMAT);
		assert_non_null(strstr(reason, "checksum is wrong"));
	}
	memset(image + 8000, 0, 200);
	put_header(8192 - 28, 0x10000);
	expect_error("the header's address fields end at 0x2004: limit=0x2000");
}

static void test_video(void **state)
{
	(void)state;
	make_elf(false, 4);
	put32(HEADER_AT + 32, 2);
	expect_error("mode_type=2 is neither");
	make_elf(false, 4);
	put32(HEADER_AT + 36, 1024);
	put32(HEADER_AT + 40, 768);
	put32(HEADER_AT + 44, 32);
	log_set_level(LOG_INFO);
	finish();
	assert_true(fake_log_has("prefers a graphics screen of 1024x768, 32 bits; it stays as it is: none"));
}

static void test_information(void **state)
{
	static const u8 apm[20] = { 2, 1 };
	const u8 *entry;

	(void)state;
	make_elf(false, 3);
	rig.request.bootargs = "one two";
	rig.info.has_boot_device = true;
	rig.info.boot_device = 0x80;
	rig.info.boot_partition = 1;
	rig.info.boot_sub_partition = 0xffffffff;
	rig.info.apm = (struct boot_blob){ apm, sizeof(apm) };
	rig.info.framebuffer = (struct boot_framebuffer){ .present = true, .addr = 0xb8000, .width = 80, .height = 25,
							  .pitch = 160, .bpp = 16, .type = 2 };
	loader_keep(&rig.request, MIB(60), MIB(61));
	add_module("first", "text of it", 5000, 0);
	add_module("second", NULL, 100, 12);
	finish();
	assert_int_equal(read_at(info(), 0, 4), 0x164f);
	assert_int_equal(read_at(info(), 4, 4), 0x9f000 / 1024);
	assert_int_equal(read_at(info(), 8, 4), (60 - 1) * 1024);
	assert_int_equal(read_at(info(), 12, 4), 0x8001ffff);
	assert_string_equal((const char *)info_at(read_at(info(), 16, 4)), "one two");
	assert_non_null(strstr((const char *)info_at(read_at(info(), 64, 4)), "GRUB 2"));
	assert_memory_equal(info_at(read_at(info(), 68, 4)), apm, sizeof(apm));
	assert_int_equal(read_at(info(), 20, 4), 2);
	entry = info_at(read_at(info(), 24, 4));
	for (u32 i = 0; i < 2; i++, entry += 16) {
		const struct plan_segment *s = rig_segment(&rig, modules[i].blob.name);

		assert_int_equal(read_at(entry, 0, 4), s->dest);
		assert_int_equal(read_at(entry, 4, 4), s->dest + modules[i].blob.size);
		assert_int_equal(s->dest % PAGE_SIZE, 0);
		assert_string_equal((const char *)info_at(read_at(entry, 8, 4)), i ? "" : "text of it");
	}
	assert_int_equal(read_at(info(), 88, 8), 0xb8000);
	assert_int_equal(read_at(info(), 109, 1), 2);
}

static void test_memory_map(void **state)
{
	static const u64 wanted[][3] = {
		{ 0, 0x9f000, 1 }, { 0x9f000, 0x61000, 2 }, { MIB(1), MIB(59), 1 }, { MIB(60), MIB(1), 2 },
		{ MIB(61), MIB(3), 1 }, { GIB(3), MIB(1), 3 }, { GIB(3) + MIB(1), MIB(1), 2 },
	};
	const u8 *entry;

	(void)state;
	make_elf(false, 3);
	assert_int_equal(memmap_add(&rig.memory.map, GIB(3), MIB(1), MEM_ACPI), ERR_OK);
	assert_int_equal(memmap_add(&rig.memory.map, GIB(3) + MIB(1), MIB(1), MEM_SOFT_RESERVED), ERR_OK);
	loader_keep(&rig.request, MIB(60), MIB(61));
	finish();
	assert_int_equal(read_at(info(), 44, 4), sizeof(wanted) / 24 * 24);
	entry = info_at(read_at(info(), 48, 4));
	for (size_t i = 0; i < ARRAY_COUNT(wanted); i++, entry += 24) {
		assert_int_equal(read_at(entry, 0, 4), 20);
		assert_int_equal(read_at(entry, 4, 8), wanted[i][0]);
		assert_int_equal(read_at(entry, 12, 8), wanted[i][1]);
		assert_int_equal(read_at(entry, 20, 4), wanted[i][2]);
	}
}

/* A section header table: nothing, text, symbols without an address. */
static void put_sections(u32 at)
{
	rig_patch(image, 0x20, 4, at);
	rig_patch(image, 0x2e, 2, 40);
	rig_patch(image, 0x30, 2, 3);
	rig_patch(image, 0x32, 2, 2);
	memset(image + at, 0, 120);
	put32(at + 40 + 4, 1);
	put32(at + 40 + 12, BASE);
	put32(at + 80 + 4, 3);
	put32(at + 80 + 16, 0x1808);
	put32(at + 80 + 20, 0x100);
}

static void test_sections(void **state)
{
	const u8 *headers;

	(void)state;
	make_elf(false, 3);
	put_sections(0x1a00);
	finish();
	assert_int_equal(read_at(info(), 0, 4) & 0x20, 0x20);
	assert_int_equal(read_at(info(), 28, 4), 3);
	assert_int_equal(read_at(info(), 40, 4), 2);
	headers = info_at(read_at(info(), 36, 4));
	assert_int_equal(read_at(headers, 40 + 12, 4), BASE);
	assert_int_equal(read_at(headers, 80 + 12, 4), rig_segment(&rig, "sections")->dest + 8);
	assert_int_equal(rig_segment(&rig, "sections")->source, rig.request.kernel.blob.paddr + 0x1800);
	restart();
	make_elf(false, 3);
	put_sections(0x1a00);
	put32(0x1a00 + 80 + 20, 0xfffff000);
	finish();
	assert_int_equal(read_at(info(), 0, 4) & 0x20, 0);
	assert_true(fake_log_has("the ELF sections are not handed over"));
}

static void test_modes(void **state)
{
	(void)state;
	make_elf(false, 3);
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_LONG;
	expect_error("trapeze,mode=long: multiboot kernels are entered in protected mode");
	make_elf(false, 3);
	fake_cannot_enter[ENTRY_PROTECTED] = "not today";
	expect_error("vmlinuz: not today");
}

static void test_elf_is_refused(void **state)
{
	(void)state;
	make_elf(true, 3);
	rig_patch(image, 0x40 + 24, 8, GIB(4) - 0x100);
	expect_error("p_paddr=0xffffff00 + p_memsz=0x800 is beyond 0x100000000, and the entry is 32-bit");
	make_elf(false, 3);
	rig_patch(image, 0x10, 2, 3);
	expect_error("e_type=0x3: position-independent");
	make_elf(false, 3);
	rig_patch(image, 0x34 + 16, 4, 0x900);
	expect_error("p_filesz=0x900 is above p_memsz=0x800");
}

static void test_record_and_describe(void **state)
{
	char text[100], *record;

	(void)state;
	make_elf(false, 3);
	rig.request.bootargs = "one";
	finish();
	record = rig_record(&rig, loader);
	assert_non_null(strstr(record, "\ncmdline: \"one\"\n"));
	assert_non_null(strstr(record, "\nmmap: 0x0 0x9f000 1\nmmap: 0x9f000 0x100000 2\nmmap: 0x100000 0x4000000 1\n"));
	assert_non_null(strstr(record, "\nend\n"));
	free(record);
	loader->describe(&rig.request, text, sizeof(text));
	assert_string_equal(text, "Multiboot kernel, ELF32");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_elf_of_both_widths), TEST(test_addresses_win_over_elf), TEST(test_flat),
		TEST(test_flat_is_refused), TEST(test_flags), TEST(test_where_the_header_may_lie), TEST(test_video),
		TEST(test_information), TEST(test_memory_map), TEST(test_sections), TEST(test_modes),
		TEST(test_elf_is_refused), TEST(test_record_and_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
