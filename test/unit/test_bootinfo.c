/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The walk over multiboot2 tags: what each good one says, and how each bad one is called. */
#include "bootinfo_rig.h"

static enum err parse(void)
{
	return bootinfo_parse(&info, block.data, AT, block.size);
}

static void require_silent_success(void)
{
	assert_int_equal(parse(), ERR_OK);
	if (fake_log_errors() || fake_log_has("warning"))
		fail_msg("%s", fake_log_text());
}

static void test_nothing(void **state)
{
	(void)state;
	mb2_close(&block);
	require_silent_success();
	assert_string_equal(info.command_line, "");
	assert_string_equal(info.loader_name, "");
	assert_true(info.paddr == AT);
	assert_int_equal(info.size, 16);
	assert_int_equal(info.module_count, 0);
	assert_false(info.framebuffer.present || info.has_basic_memory || info.has_boot_device || info.has_load_base);
	assert_null(info.mmap.data);
	assert_null(info.rsdp_v1.data);
}

static void test_strings_and_numbers(void **state)
{
	(void)state;
	mb2_text(&block, 1, "a=1 \"b=2 3\"");
	mb2_text(&block, 2, "GRUB 2.06");
	mb2_begin(&block, 4);
	mb2_u32(&block, 639);
	mb2_u32(&block, 130048);
	mb2_end(&block);
	mb2_begin(&block, 5);
	mb2_u32(&block, 0xe0);
	mb2_u32(&block, 1);
	mb2_u32(&block, 0xffffffff);
	mb2_end(&block);
	mb2_number(&block, 21, 0x200000, 4);
	mb2_close(&block);
	require_silent_success();
	assert_string_equal(info.command_line, "a=1 \"b=2 3\"");
	assert_string_equal(info.loader_name, "GRUB 2.06");
	assert_true(info.has_basic_memory && info.has_boot_device && info.has_load_base);
	assert_int_equal(info.mem_lower_kib, 639);
	assert_int_equal(info.mem_upper_kib, 130048);
	assert_int_equal(info.boot_device, 0xe0);
	assert_int_equal(info.boot_partition, 1);
	assert_int_equal(info.boot_sub_partition, 0xffffffff);
	assert_int_equal(info.load_base, 0x200000);
	assert_true(fake_log_has("multiboot2: command line text=\"a=1 \"b=2 3\"\""));
	assert_true(fake_log_has("multiboot2: loader name text=\"GRUB 2.06\""));
	assert_true(fake_log_has("multiboot2: basic memory lower_kib=639 upper_kib=130048"));
	assert_true(fake_log_has("multiboot2: BIOS boot device=0xe0 partition=0x1 sub_partition=0xffffffff"));
	assert_true(fake_log_has("multiboot2: load base=0x200000"));
}

static void test_empty_strings(void **state)
{
	(void)state;
	mb2_text(&block, 1, "");
	mb2_text(&block, 2, "");
	mb2_module(&block, 0x1000, 0x1000, "");
	mb2_close(&block);
	require_silent_success();
	assert_string_equal(info.command_line, "");
	assert_string_equal(info.loader_name, "");
	assert_int_equal(info.module_count, 1);
	assert_string_equal(info.modules[0].string, "");
	assert_true(fake_log_has("loader name text=\"\""));
}

static void test_modules(void **state)
{
	char name[16];

	(void)state;
	for (u32 i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		mb2_module(&block, 0x100000 + i * 0x1000, 0x100000 + i * 0x1000 + i, name);
	}
	mb2_close(&block);
	require_silent_success();
	assert_int_equal(info.module_count, 1000);
	for (u32 i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		assert_string_equal(info.modules[i].string, name);
		assert_true(info.modules[i].start == 0x100000 + i * 0x1000);
		assert_true(info.modules[i].end == info.modules[i].start + i);
	}
	assert_true(fake_log_has("multiboot2: module start=0x102000 end=0x102002 string=\"m2\""));
}

static void test_maps(void **state)
{
	(void)state;
	mb2_begin_mmap(&block);
	mb2_mmap(&block, 0, 0x9fc00, 1);
	mb2_mmap(&block, 0x100000, 0x7ee0000, 1);
	mb2_end(&block);
	mb2_begin_efi(&block);
	mb2_efi(&block, 7, 0x100000, 16, 0xf);
	mb2_end(&block);
	mb2_close(&block);
	require_silent_success();
	assert_int_equal(info.mmap.size, 48);
	assert_int_equal(info.mmap_entry_size, 24);
	assert_int_equal(info.mmap_version, 0);
	assert_int_equal(info.efi_map.size, 48);
	assert_int_equal(info.efi_desc_size, 48);
	assert_int_equal(info.efi_desc_version, 1);
	assert_true(fake_log_has("multiboot2: memory map entries=2 entry_size=24 version=0"));
	assert_true(fake_log_has("multiboot2: EFI memory map entries=1 entry_size=48 version=1"));
}

static void test_maps_with_a_rest(void **state)
{
	(void)state;
	mb2_begin_mmap(&block);
	mb2_mmap(&block, 0, 0x9fc00, 1);
	mb2_zeroes(&block, 23);
	mb2_end(&block);
	mb2_begin_efi(&block);
	mb2_zeroes(&block, 47);
	mb2_end(&block);
	mb2_close(&block);
	assert_int_equal(parse(), ERR_OK);
	assert_int_equal(info.mmap.size, 24);
	assert_int_equal(info.efi_map.size, 0);
	assert_true(fake_log_has("warning: memory map ends inside an entry: the last 23 of 47 bytes are ignored"));
	assert_true(fake_log_has("warning: EFI memory map ends inside an entry: the last 47 of 47 bytes are ignored"));
}

static void begin_framebuffer(u8 type)
{
	mb2_begin(&block, 8);
	mb2_u64(&block, 0x1fd000000ull);
	mb2_u32(&block, 4096);
	mb2_u32(&block, 1024);
	mb2_u32(&block, 768);
	mb2_u8(&block, 32);
	mb2_u8(&block, type);
	mb2_u16(&block, 0);
}

static void test_framebuffer_rgb(void **state)
{
	(void)state;
	begin_framebuffer(1);
	mb2_bytes(&block, (u8[]){ 16, 8, 8, 7, 0, 6 }, 6);
	mb2_end(&block);
	mb2_close(&block);
	require_silent_success();
	assert_true(info.framebuffer.present && info.framebuffer.addr == 0x1fd000000ull);
	assert_int_equal(info.framebuffer.pitch, 4096);
	assert_int_equal(info.framebuffer.width, 1024);
	assert_int_equal(info.framebuffer.height, 768);
	assert_int_equal(info.framebuffer.bpp, 32);
	assert_memory_equal(&info.framebuffer.red_pos, ((u8[]){ 16, 8, 8, 7, 0, 6 }), 6);
	assert_true(fake_log_has("framebuffer addr=0x1fd000000 width=1024 height=768 bpp=32 pitch=4096 type=1"));
}

static void test_framebuffer_text(void **state)
{
	(void)state;
	begin_framebuffer(2);
	mb2_end(&block);
	mb2_close(&block);
	require_silent_success();
	assert_true(info.framebuffer.present);
	assert_int_equal(info.framebuffer.type, 2);
}

/* The number of colours as the specification has it, and as GRUB writes it. */
static void test_framebuffer_palette(void **state)
{
	for (int is_short = 0; is_short <= 1; is_short++) {
		setup(state);
		begin_framebuffer(0);
		if (is_short)
			mb2_u16(&block, 4);
		else
			mb2_u32(&block, 4);
		mb2_bytes(&block, "rgbRGBxyzXYZ", 12);
		mb2_end(&block);
		mb2_close(&block);
		require_silent_success();
		assert_int_equal(info.framebuffer.palette_count, 4);
		assert_memory_equal(info.framebuffer.palette, "rgbRGBxyzXYZ", 12);
		if (!is_short)
			teardown(state);
	}
}

static void test_tables(void **state)
{
	(void)state;
	mb2_begin(&block, 7);
	mb2_zeroes(&block, 776);
	mb2_end(&block);
	mb2_begin(&block, 9);
	mb2_u32(&block, 2);
	mb2_u32(&block, 40);
	mb2_u32(&block, 1);
	mb2_zeroes(&block, 80);
	mb2_end(&block);
	mb2_begin(&block, 10);
	mb2_zeroes(&block, 20);
	mb2_end(&block);
	mb2_begin(&block, 13);
	mb2_bytes(&block, "\3\2\0\0\0\0\0\0tables", 14);
	mb2_end(&block);
	mb2_begin(&block, 14);
	mb2_bytes(&block, "RSD PTR 012345678901", 20);
	mb2_end(&block);
	mb2_begin(&block, 15);
	mb2_bytes(&block, "RSD PTR 0123456789012345678901234567", 36);
	mb2_end(&block);
	mb2_begin(&block, 16);
	mb2_bytes(&block, "dhcp", 4);
	mb2_end(&block);
	mb2_close(&block);
	require_silent_success();
	assert_int_equal(info.vbe.size, 776);
	assert_int_equal(info.elf_section_count, 2);
	assert_int_equal(info.elf_section_size, 40);
	assert_int_equal(info.elf_section_names, 1);
	assert_int_equal(info.elf_sections.size, 80);
	assert_int_equal(info.apm.size, 20);
	assert_int_equal(info.smbios_major, 3);
	assert_int_equal(info.smbios_minor, 2);
	assert_int_equal(info.smbios.size, 6);
	assert_memory_equal(info.smbios.data, "tables", 6);
	assert_int_equal(info.rsdp_v1.size, 20);
	assert_int_equal(info.rsdp_v2.size, 36);
	assert_memory_equal(info.network.data, "dhcp", 4);
	assert_true(fake_log_has("VBE bytes=776") && fake_log_has("ELF sections count=2 size=40 names=1"));
	assert_true(fake_log_has("APM bytes=20") && fake_log_has("SMBIOS major=3 minor=2 bytes=6"));
	assert_true(fake_log_has("ACPI 1.0 RSDP bytes=20") && fake_log_has("ACPI 2.0 RSDP bytes=36"));
	assert_true(fake_log_has("network DHCP bytes=4"));
}

/* Both widths are given: the 64-bit table is taken, whichever comes first. */
static void test_efi(void **state)
{
	for (int first = 0; first <= 1; first++) {
		setup(state);
		if (first)
			mb2_number(&block, 11, 0x11110000, 4);
		mb2_number(&block, 12, 0x122223333ull, 8);
		if (!first)
			mb2_number(&block, 11, 0x11110000, 4);
		mb2_number(&block, 18, 0, 0);
		mb2_number(&block, first ? 19 : 20, 0x4444, first ? 4 : 8);
		mb2_close(&block);
		require_silent_success();
		assert_true(info.has_efi32_table && info.has_efi64_table);
		assert_true(info.efi_boot_services && info.has_efi_image);
		assert_true(info.efi_table == 0x122223333ull);
		assert_true(info.efi_image == 0x4444);
		assert_true(fake_log_has("EFI32 system table=0x11110000"));
		assert_true(fake_log_has("EFI64 system table=0x122223333"));
		if (!first)
			teardown(state);
	}
}

static void test_unknown(void **state)
{
	(void)state;
	mb2_number(&block, 22, 0, 5);
	mb2_number(&block, 0xffffffff, 0, 0);
	mb2_number(&block, 64, 0, 8);
	mb2_number(&block, 21, 0x300000, 4);
	mb2_close(&block);
	require_silent_success();
	assert_int_equal(info.unknown_tags, 3);
	assert_int_equal(info.load_base, 0x300000);
	assert_true(fake_log_has("multiboot2: tag 4294967295 is not known and skipped bytes=0"));
}

static void test_twice(void **state)
{
	(void)state;
	mb2_text(&block, 1, "first");
	mb2_text(&block, 1, "second");
	mb2_number(&block, 21, 0x100000, 4);
	mb2_number(&block, 21, 0x200000, 4);
	mb2_close(&block);
	assert_int_equal(parse(), ERR_OK);
	assert_string_equal(info.command_line, "first");
	assert_int_equal(info.load_base, 0x100000);
	assert_true(fake_log_has("warning: command line (tag 1) is given twice: the second is ignored"));
	assert_true(fake_log_has("warning: load base (tag 21) is given twice"));
	assert_int_equal(fake_log_errors(), 0);
}

/* The first is damaged: the second is the one. */
static void test_twice_but_damaged(void **state)
{
	(void)state;
	mb2_number(&block, 21, 0, 3);
	mb2_number(&block, 21, 0x200000, 4);
	mb2_close(&block);
	assert_int_equal(parse(), ERR_VALUE);
	assert_true(info.has_load_base);
	assert_int_equal(info.load_base, 0x200000);
	assert_false(fake_log_has("twice"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing), TEST(test_strings_and_numbers), TEST(test_empty_strings), TEST(test_modules),
		TEST(test_maps),
		TEST(test_maps_with_a_rest), TEST(test_framebuffer_rgb), TEST(test_framebuffer_text),
		cmocka_unit_test_teardown(test_framebuffer_palette, teardown), TEST(test_tables),
		cmocka_unit_test_teardown(test_efi, teardown), TEST(test_unknown), TEST(test_twice),
		TEST(test_twice_but_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
