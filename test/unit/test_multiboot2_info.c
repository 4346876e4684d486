/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What kernels of multiboot format 2 are told. */
#include "multiboot2_rig.h"

static void give_everything(void)
{
	static const u8 bytes[64] = { 1, 2, 3 };
	static const u8 palette[] = { 1, 2, 3, 4, 5, 6 };

	rig.info.has_boot_device = true;
	rig.info.boot_device = 0xe0;
	rig.info.apm = (struct boot_blob){ bytes, 20 };
	rig.info.vbe = (struct boot_blob){ bytes, 64 };
	rig.info.rsdp_v1 = (struct boot_blob){ bytes, 20 };
	rig.info.rsdp_v2 = (struct boot_blob){ bytes, 36 };
	rig.info.network = (struct boot_blob){ bytes, 33 };
	rig.info.smbios = (struct boot_blob){ bytes, 40 };
	rig.info.smbios_major = 3;
	rig.info.smbios_minor = 1;
	rig.info.has_efi64_table = rig.info.has_efi_image = true;
	rig.info.efi_table = 0x123456789;
	rig.info.efi_image = 0x987654321;
	rig.info.framebuffer = (struct boot_framebuffer){ .present = true, .addr = 0xfd000000, .bpp = 8, .palette = palette,
							  .palette_count = 2 };
}

static void test_everything_is_passed_on(void **state)
{
	(void)state;
	start_elf();
	end(HEADER_AT);
	give_everything();
	rig.request.bootargs = "abc";
	add_module("first", "its text", 5000, 4);
	finish();
	assert_string_equal((const char *)tag(1, 4), "abc");
	assert_non_null(strstr((const char *)tag(2, sizeof(MULTIBOOT_LOADER_NAME)), "GRUB 2"));
	assert_int_equal(read_at(tag(3, 17), 4, 4) - read_at(tag(3, 17), 0, 4), 5000);
	assert_string_equal((const char *)tag(3, 17) + 8, "its text");
	assert_int_equal(read_at(tag(4, 8), 0, 4), 0x9f000 / 1024);
	assert_int_equal(read_at(tag(5, 12), 0, 4), 0xe0);
	tag(7, 64);
	assert_int_equal(read_at(tag(8, 24 + 4 + 6), 24, 4), 2);
	tag(10, 20);
	assert_int_equal(read_at(tag(12, 8), 0, 8), 0x123456789);
	assert_int_equal(read_at(tag(13, 48), 0, 2), 0x103);
	tag(14, 20);
	tag(15, 36);
	tag(16, 33);
	assert_int_equal(read_at(tag(20, 8), 0, 8), 0x987654321);
	assert_int_equal(read_at(tag(6, 8 + 3 * 24), 0, 4), 24);
}

/* A descriptor: type, start, pages. */
static void put_descriptor(u8 *to, u32 type, u64 start, u64 pages)
{
	rig_patch(to, 0, 4, type);
	rig_patch(to, 8, 8, start);
	rig_patch(to, 24, 8, pages);
	rig_patch(to, 32, 8, 0xf);
}

static void test_efi_map_keeps_the_net(void **state)
{
	static u8 map[3 * 48];
	static const u64 wanted[][3] = {
		{ 7, 0, 256 }, { 7, MIB(1), 255 }, { 0, MIB(2) - 0x1000, 3 }, { 7, MIB(2) + 0x2000, 1022 },
		{ 9, MIB(60), ~0ull },
	};
	const u8 *payload;

	(void)state;
	start_elf();
	end(HEADER_AT);
	put_descriptor(map, 7, 0, 256);
	put_descriptor(map + 48, 7, MIB(1), 1280);
	put_descriptor(map + 96, 9, MIB(60), ~0ull);
	rig.info.efi_map = (struct boot_blob){ map, sizeof(map) };
	rig.info.efi_desc_size = 48;
	rig.info.efi_desc_version = 1;
	loader_keep(&rig.request, MIB(2) - 0x1000, MIB(2) + 0x2000);
	finish();
	payload = tag(17, 8 + 5 * 48);
	assert_int_equal(read_at(payload, 0, 4), 48);
	for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
		assert_int_equal(read_at(payload + 8 + i * 48, 0, 4), wanted[i][0]);
		assert_int_equal(read_at(payload + 8 + i * 48, 8, 8), wanted[i][1]);
		assert_int_equal(read_at(payload + 8 + i * 48, 24, 8), wanted[i][2]);
	}
}

static void test_record_and_describe(void **state)
{
	char text[100], *record;

	(void)state;
	make_relocatable(0x800000, 0xffffffff, 0x200000, 1);
	rig.request.bootargs = "one";
	finish();
	record = rig_record(&rig, loader);
	assert_non_null(strstr(record, "\nload base: 0x800000\n"));
	assert_non_null(strstr(record, "\ncmdline: \"one\"\n"));
	assert_non_null(strstr(record, "\nmmap: 0x0 0x9f000 1\nmmap: 0x9f000 0x100000 2\nmmap: 0x100000 0x4000000 1\n"));
	assert_non_null(strstr(record, "\ntag: 0 size=8 crc32="));
	assert_non_null(strstr(record, "\nend\n"));
	free(record);
	loader->describe(&rig.request, text, sizeof(text));
	assert_string_equal(text, "Multiboot 2 kernel, ELF32, relocatable");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_everything_is_passed_on),
		TEST(test_efi_map_keeps_the_net),
		TEST(test_record_and_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
