/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The multiboot2 information that the stub makes of a zero page, read back by the shim's own reader. */
#include "zeropage_fixture.h"

#include "bootinfo.h"

static const struct info_saved saved = { MIB(2), MIB(3), MIB(200) };
static struct bootinfo info;
static u8 info_bytes[KIB(64)];

static enum err build(u32 capacity)
{
	assert_int_equal(read_params(), ERR_OK);
	memset(info_bytes, 0xee, sizeof(info_bytes));
	return info_build(&params, &saved, info_bytes, capacity, INFO_AT);
}

static void build_and_parse(void)
{
	assert_int_equal(build(sizeof(info_bytes)), ERR_OK);
	assert_int_equal(bootinfo_parse(&info, info_bytes, INFO_AT, sizeof(info_bytes)), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
	assert_int_equal(info.unknown_tags, 0);
	assert_int_equal(info_bytes[info.size], 0xee);
	assert_false(fake_log_has("taken as the end"));
}

/* A copy in the block, at the address that it will have. */
static const u8 *copy(paddr_t at)
{
	assert_true(at >= INFO_AT && at < INFO_AT + info.size && at % 8 == 0);
	return info_bytes + (size_t)(at - INFO_AT);
}

static void test_least(void **state)
{
	struct memmap map;

	(void)state;
	build_and_parse();
	assert_string_equal(info.command_line, "menu=plain");
	assert_string_equal(info.loader_name, "kexec (Linux boot protocol)");
	assert_true(info.has_basic_memory && info.mem_lower_kib == 639 && info.mem_upper_kib == 255 * 1024);
	assert_true(info.has_linux && info.displaced_start == MIB(2) && info.displaced_end == MIB(3));
	assert_true(info.displaced_copy == MIB(200) && !info.initrd_end && !info.linux_rsdp);
	assert_false(info.framebuffer.present || bootinfo_is_efi(&info));
	assert_memory_equal(copy(info.boot_params), ram(ZERO_PAGE), ZP_SIZE);
	assert_int_equal(bootinfo_memory_map(&info, &map), ERR_OK);
	assert_int_equal(map.count, 3);
	assert_true(map.ranges[2].start == MIB(1) && map.ranges[2].end == MIB(256) && map.ranges[2].type == MEM_USABLE);
	memmap_free(&map);
}

static void test_loaders(void **state)
{
	static const struct {
		u8 type, extended;
		const char *name;
	} names[] = {
		{ 0x00, 0, "LILO (" }, { 0x72, 0, "GRUB (" }, { 0x33, 0, "SYSLINUX (" }, { 0x60, 0, "loader 0x6 (" },
		{ 0xb0, 0, "QEMU (" }, { 0xd0, 0, "kexec (" }, { 0xe1, 3, "loader 0x13 (" }, { 0xff, 0, "loader 0xf (" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		poke_zp(HDR_TYPE_OF_LOADER, names[i].type, 1);
		poke_zp(HDR_EXT_LOADER_TYPE, names[i].extended, 1);
		build_and_parse();
		assert_memory_equal(info.loader_name, names[i].name, strlen(names[i].name));
		assert_string_equal(info.loader_name + strlen(names[i].name), "Linux boot protocol)");
	}
}

static void test_text_screen(void **state)
{
	(void)state;
	poke_zp(ZP_SCREEN_TYPE, SCREEN_TYPE_TEXT, 1);
	poke_zp(ZP_SCREEN_COLUMNS, 80, 1);
	poke_zp(ZP_SCREEN_LINES, 25, 1);
	build_and_parse();
	assert_true(info.framebuffer.present && info.framebuffer.type == 2 && info.framebuffer.addr == 0xb8000);
	assert_true(info.framebuffer.width == 80 && info.framebuffer.height == 25 && info.framebuffer.pitch == 160);
}

static void put_screen_info(u8 type, u32 depth)
{
	poke_zp(ZP_SCREEN_TYPE, type, 1);
	poke_zp(ZP_LFB_BASE, 0x80000000, 4);
	poke_zp(ZP_LFB_WIDTH, 1024, 2);
	poke_zp(ZP_LFB_HEIGHT, 768, 2);
	poke_zp(ZP_LFB_DEPTH, depth, 2);
	poke_zp(ZP_LFB_PITCH, 4096, 2);
	memcpy(ram(ZERO_PAGE + ZP_LFB_RED), "\x08\x10\x07\x09\x06\x01\x08\x18", 8);
}

static void test_graphics(void **state)
{
	const struct boot_framebuffer *fb = &info.framebuffer;

	(void)state;
	put_screen_info(SCREEN_TYPE_EFI, 32);
	build_and_parse();
	assert_true(fb->present && fb->type == 1 && fb->addr == 0x80000000 && fb->pitch == 4096 && fb->bpp == 32);
	assert_true(fb->width == 1024 && fb->height == 768);
	assert_true(fb->red_pos == 16 && fb->red_size == 8 && fb->green_pos == 9 && fb->green_size == 7);
	assert_true(fb->blue_pos == 1 && fb->blue_size == 6);
	poke_zp(ZP_LFB_EXT_BASE, 0x12, 4);
	build_and_parse();
	assert_true(fb->addr == 0x80000000);
	poke_zp(ZP_LFB_CAPABILITIES, SCREEN_64BIT_BASE, 4);
	build_and_parse();
	assert_true(fb->addr == 0x1280000000);
	put_screen_info(SCREEN_TYPE_VLFB, 8);
	build_and_parse();
	assert_false(fb->present);
	put_screen_info(0x22, 32);
	build_and_parse();
	assert_false(fb->present);
}

static void put_efi_info(const char *signature, u32 desc_size, u32 size)
{
	memcpy(ram(ZERO_PAGE + ZP_EFI_SIGNATURE), signature, 4);
	poke_zp(ZP_EFI_SYSTAB, 0x7eb018, 4);
	poke_zp(ZP_EFI_SYSTAB_HI, 0x1, 4);
	poke_zp(ZP_EFI_DESC_SIZE, desc_size, 4);
	poke_zp(ZP_EFI_DESC_VERSION, 1, 4);
	poke_zp(ZP_EFI_MAP, 0x8000, 4);
	poke_zp(ZP_EFI_MAP_SIZE, size, 4);
	memset(ram(0x8000), 0x11, 96);
}

static void test_efi(void **state)
{
	(void)state;
	put_efi_info("EL64", 48, 96);
	build_and_parse();
	assert_true(info.has_efi64_table && !info.has_efi32_table && info.efi_table == 0x1007eb018);
	assert_true(info.efi_map.size == 96 && info.efi_desc_size == 48 && info.efi_desc_version == 1);
	assert_memory_equal(info.efi_map.data, ram(0x8000), 96);
	put_efi_info("EL32", 48, 96);
	build_and_parse();
	assert_true(info.has_efi32_table && !info.has_efi64_table && info.efi_table == 0x7eb018);
}

/* A Linux that used EFI has set its virtual addresses. */
static void test_efi_of_a_linux(void **state)
{
	(void)state;
	put_efi_info("EL64", 48, 96);
	poke_zp(HDR_SETUP_DATA, NODES, 8);
	put_node(NODES, 0, SETUP_EFI, 32);
	build_and_parse();
	assert_false(info.has_efi64_table || info.efi_map.size);
	assert_true(bootinfo_is_efi(&info));
	assert_false(fake_log_has("warning"));
}

static void test_bad_efi(void **state)
{
	static const struct {
		u32 desc_size, size;
	} bad[] = { { 48, 0 }, { 48, RAM }, { 39, 96 }, { 0, 96 }, { 44, 96 }, { 4104, 96 }, { 0xffffffff, 96 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		fake_log_reset();
		put_efi_info("EL64", bad[i].desc_size, bad[i].size);
		build_and_parse();
		assert_true(fake_log_has("linux: warning: EFI memory map at=0x8000 size="));
		assert_false(info.has_efi64_table || info.efi_map.size);
	}
}

static u64 number_at(const u8 *bytes, u32 size)
{
	u64 value = 0;

	memcpy(&value, bytes, size);
	return value;
}

/*
 * Copies with their bytes, linked anew; E820's extension is in the map, and what is too long is left out with a line.
 */
static void test_setup_data(void **state)
{
	const u8 *node;

	(void)state;
	poke_zp(HDR_SETUP_DATA, NODES, 8);
	put_node(NODES, 0x8000, 9, 5);
	memcpy(ram(NODES + 16), "seed!", 5);
	put_node(0x8000, 0x9000, SETUP_E820_EXT, E820_ENTRY_SIZE);
	poke(0x8010, GIB(4), 8);
	put_node(0x9000, 0xb000, 2, SETUP_NODE_MAX + 1);
	put_node(0xb000, 0, SETUP_KEXEC_KHO, 32);
	memset(ram(0xb010), 0x77, 32);
	build_and_parse();
	assert_int_equal(info.mmap.size / info.mmap_entry_size, 4);
	node = copy(number_at(copy(info.boot_params) + HDR_SETUP_DATA, 8));
	assert_true(number_at(node + 8, 4) == 9 && number_at(node + 12, 4) == 5);
	assert_memory_equal(node + 16, "seed!", 5);
	node = copy(number_at(node, 8));
	assert_true(number_at(node, 8) == 0 && number_at(node + 8, 4) == SETUP_KEXEC_KHO);
	assert_int_equal(number_at(node + 12, 4), 32);
	assert_memory_equal(node + 16, ram(0xb010), 32);
	assert_true(fake_log_has("warning: setup_data: node at=0x9000 type=2 is not handed on: size=4097, limit 4096"));
}

static void test_initrd_and_rsdp(void **state)
{
	(void)state;
	poke_zp(HDR_RAMDISK_IMAGE, 0x1000, 4);
	poke_zp(ZP_EXT_RAMDISK_IMAGE, 0x2, 4);
	poke_zp(HDR_RAMDISK_SIZE, 0x99, 4);
	poke_zp(ZP_ACPI_RSDP, 0x17f77d014, 8);
	build_and_parse();
	assert_true(info.initrd_start == 0x200001000 && info.initrd_end == 0x200001099);
	assert_true(info.linux_rsdp == 0x17f77d014);
	assert_int_equal(info.module_count, 0);
}

/* Whatever the room, nothing is written beyond it; enough of it is enough. */
static void test_room(void **state)
{
	u32 need;

	(void)state;
	put_screen_info(SCREEN_TYPE_EFI, 32);
	put_efi_info("EL64", 48, 96);
	poke_zp(HDR_SETUP_DATA, NODES, 8);
	put_node(NODES, 0, SETUP_KEXEC_KHO, 32);
	build_and_parse();
	need = info.size;
	for (u32 capacity = 0; capacity < need; capacity++) {
		fake_log_reset();
		assert_int_equal(build(capacity), ERR_NO_ROOM);
		assert_int_equal(info_bytes[capacity], 0xee);
		assert_int_equal(fake_log_errors(), 1);
	}
	assert_true(fake_log_has("linux: error: what the loader hands over does not fit in "));
	assert_int_equal(build(need), ERR_OK);
	assert_int_equal(info_bytes[need], 0xee);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_least),
		TEST(test_loaders),
		TEST(test_text_screen),
		TEST(test_graphics),
		TEST(test_efi),
		TEST(test_efi_of_a_linux),
		TEST(test_bad_efi),
		TEST(test_setup_data),
		TEST(test_initrd_and_rsdp),
		TEST(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
