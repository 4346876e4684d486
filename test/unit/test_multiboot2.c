/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Kernels of multiboot format 2. */
#include "multiboot_rig.h"

#define MAGIC 0xe85250d6u
#define TAG(type, optional) ((type) | (optional) << 16)

static u32 at;

static void put_word(u32 value)
{
	put32(at, value);
	at += 4;
}

static void begin(u32 where)
{
	at = where + 16;
}

/* A tag of `count` words behind its head, padded. */
static void put_tag(u32 type, u32 optional, u32 count, const u32 *words)
{
	put_word(TAG(type, optional));
	put_word(8 + 4 * count);
	for (u32 i = 0; i < count; i++)
		put_word(words[i]);
	at = (u32)align_up(at, 8);
}

#define PUT_TAG(type, optional, ...) \
	do { \
		const u32 words[] = { __VA_ARGS__ }; \
		put_tag(type, optional, ARRAY_COUNT(words), words); \
	} while (0)

static void close_header(u32 where, u32 length)
{
	put32(where, MAGIC);
	put32(where + 4, 0);
	put32(where + 8, length);
	put32(where + 12, -(MAGIC + length));
}

static void end(u32 where)
{
	put_tag(0, 0, 0, NULL);
	close_header(where, at - where);
}

static void start_elf(void)
{
	loader = &loader_multiboot2;
	image_size = rig_make_elf(image, false, BASE);
	begin(HEADER_AT);
}

/* The payload of a tag of the block, or NULL. */
static const u8 *find_tag(u32 type, u32 *size)
{
	const u8 *info = info_at(rig.plan.entry.bx);
	u32 total = (u32)read_at(info, 0, 4);

	assert_int_equal(read_at(info, 4, 4), 0);
	for (u32 offset = 8; offset < total; offset += (u32)align_up(read_at(info, offset + 4, 4), 8)) {
		assert_true(read_at(info, offset + 4, 4) >= 8);
		if (read_at(info, offset, 4) != type)
			continue;
		*size = (u32)read_at(info, offset + 4, 4) - 8;
		return info + offset + 8;
	}
	return NULL;
}

static const u8 *tag(u32 type, u32 size)
{
	u32 found = 0;
	const u8 *payload = find_tag(type, &found);

	assert_non_null(payload);
	assert_int_equal(found, size);
	return payload;
}

static void test_elf(void **state)
{
	(void)state;
	start_elf();
	PUT_TAG(1, 0, 1, 3, 6, 21);
	PUT_TAG(4, 1, 3);
	PUT_TAG(5, 1, 0, 0, 0);
	put_tag(6, 0, 0, NULL);
	put_tag(7, 1, 0, NULL);
	PUT_TAG(8, 1, 0x1000);
	PUT_TAG(9, 1, 0x1000);
	PUT_TAG(0x77, 1, 5);
	end(HEADER_AT);
	finish();
	assert_int_equal(rig.plan.entry.mode, ENTRY_PROTECTED);
	assert_int_equal(rig.plan.entry.ip, BASE);
	assert_int_equal(rig.plan.entry.ax, 0x36d76289);
	assert_int_equal(read_at(tag(21, 4), 0, 4), BASE);
	assert_int_equal(rig.plan.entry.bx % 8, 0);
	tag(0, 0);
}

static void test_entry_tag(void **state)
{
	(void)state;
	start_elf();
	PUT_TAG(3, 0, BASE + 0x123);
	end(HEADER_AT);
	finish();
	assert_int_equal(rig.plan.entry.ip, BASE + 0x123);
}

static void make_flat(u32 load, u32 load_end, u32 bss_end)
{
	loader = &loader_multiboot2;
	image_size = 0x1800;
	begin(0x100);
	PUT_TAG(2, 0, BASE + 0x80, load, load_end, bss_end);
	PUT_TAG(3, 0, BASE + 0x200);
	end(0x100);
}

static void test_flat(void **state)
{
	(void)state;
	make_flat(BASE, BASE + 0x1000, BASE + 0x3000);
	finish();
	assert_int_equal(rig.plan.segments[0].source, rig.request.kernel.blob.paddr + 0x80);
	assert_int_equal(rig.plan.segments[0].mem_size, 0x3000);
	assert_int_equal(read_at(tag(21, 4), 0, 4), BASE);
	restart();
	make_flat(0xffffffff, 0, 0);
	finish();
	assert_int_equal(rig.plan.segments[0].dest, BASE - 0x80);
	assert_int_equal(rig.plan.segments[0].file_size, 0x1800);
	restart();
	make_flat(BASE, BASE + 0x1000, BASE + 0xfff);
	expect_error("bss_end_addr=0x2000fff is not possible with the load's end at=0x2001000");
	start_elf();
	PUT_TAG(2, 0, BASE, BASE, 0, 0);
	end(HEADER_AT);
	expect_error("header tag 2 gives addresses, and no tag 3 the entry");
}

static void make_relocatable(u32 min, u32 max, u32 align, u32 preference)
{
	start_elf();
	PUT_TAG(10, 0, min, max, align, preference);
	end(HEADER_AT);
}

static void test_relocatable(void **state)
{
	static const struct {
		u32 min, max, align, preference, wanted;
	} cases[] = {
		{ 0x800000, 0xffffffff, 0x200000, 1, 0x800000 },
		{ 0x800001, 0xffffffff, 0x200000, 1, 0xa00000 },
		{ 0x100000, 0xffffffff, 0x1000, 0, BASE },
		{ 0x100000, 0x1ffffff, 0x400000, 0, 0x400000 },
		{ 0x100000, 0x10fffff, 0x100000, 2, 0x1000000 },
		{ 0x300000, 0x303fff, 1, 1, 0x300000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		const struct plan_segment *s;

		make_relocatable(cases[i].min, cases[i].max, cases[i].align, cases[i].preference);
		finish();
		s = &rig.plan.segments[0];
		assert_int_equal(s->dest, cases[i].wanted);
		assert_int_equal(s->mem_size, 0x4000);
		assert_int_equal(rig.plan.entry.ip, cases[i].wanted);
		assert_int_equal(read_at(tag(21, 4), 0, 4), cases[i].wanted);
		assert_memory_equal(rig_bytes(s), image + 0x400, 0x800);
		assert_memory_equal(rig_bytes(s) + 0x1000, image + 0x1000, 0x100);
		assert_int_equal(rig_bytes(s)[0x800], 0);
		restart();
	}
}

static void test_relocatable_is_refused(void **state)
{
	(void)state;
	make_relocatable(0, 0xffffffff, 3, 0);
	expect_error("header tag 10: align=0x3: no power of two");
	make_relocatable(0, 0xffffffff, 0, 0);
	expect_error("header tag 10: align=0x0: no power of two");
	make_relocatable(2, 1, 1, 0);
	expect_error("header tag 10: min_addr=0x2: above max_addr");
	make_relocatable(0, 0xffffffff, 1, 3);
	expect_error("header tag 10: preference=0x3: not known");
	make_relocatable(0x100000, 0x103ffe, 1, 0);
	expect_error("mem_size=0x4000 does not fit between");
	make_relocatable(0x100000, 0xffffffff, 1, 0);
	rig_patch(image, 0x34 + 32 + 12, 4, BASE + 0x7ff);
	expect_error("segments overlap: 0x2000000..0x2000800 and 0x20007ff..0x20037ff");
}

static void test_header_is_refused(void **state)
{
	(void)state;
	start_elf();
	put_word(TAG(6, 0));
	put_word(0);
	end(HEADER_AT);
	expect_error("header tag 6 at 0x210: size=0 is not within 8..16");
	start_elf();
	put_tag(6, 0, 0, NULL);
	close_header(HEADER_AT, at - HEADER_AT);
	expect_error("the header's 24 bytes end without an end tag");
	start_elf();
	put_word(TAG(6, 0));
	put_word(0xffffffff);
	close_header(HEADER_AT, at - HEADER_AT);
	expect_error("size=4294967295 is not within 8..8");
	start_elf();
	PUT_TAG(0x77, 0, 1);
	end(HEADER_AT);
	expect_error("header tag 119 is required and not known");
	start_elf();
	put_tag(7, 0, 0, NULL);
	end(HEADER_AT);
	expect_error("header tag 7: requires EFI boot services, and they have ended");
	start_elf();
	PUT_TAG(1, 0, 6, 22);
	end(HEADER_AT);
	expect_error("header tag 1: requested information=0x16: not known; 0 to 21 are");
	start_elf();
	PUT_TAG(3, 0, BASE);
	PUT_TAG(3, 0, BASE);
	end(HEADER_AT);
	expect_error("header tag 3 is there twice");
	start_elf();
	put_tag(2, 0, 0, NULL);
	end(HEADER_AT);
	expect_error("header tag 2: size=8 is below 24");
	start_elf();
	PUT_TAG(4, 0, 1);
	end(HEADER_AT);
	expect_error("requires a console, and the boot loader before us gave no screen");
}

static void test_head_is_refused(void **state)
{
	const char *reason;

	(void)state;
	start_elf();
	end(HEADER_AT);
	put32(HEADER_AT + 4, 4);
	put32(HEADER_AT + 12, -(MAGIC + 4 + 24));
	expect_error("architecture=4 is not i386 (0)");
	start_elf();
	close_header(HEADER_AT, 15);
	expect_error("header_length=15 is not within 16..");
	start_elf();
	close_header(HEADER_AT, RIG_ELF_SIZE - HEADER_AT + 1);
	expect_error("header_length=7681 is not within 16..7680");
	start_elf();
	end(HEADER_AT);
	put32(HEADER_AT + 12, 1);
	use_image();
	assert_int_equal(loader->probe(&rig.request, &reason), ERR_FORMAT);
	assert_non_null(strstr(reason, "checksum is wrong"));
}

static void test_where_the_header_may_lie(void **state)
{
	const char *reason;

	(void)state;
	start_elf();
	image_size = sizeof(image);
	begin(32768 - 24);
	end(32768 - 24);
	use_image();
	assert_int_equal(loader->probe(&rig.request, &reason), ERR_OK);
	memset(image + 32768 - 24, 0, 24);
	begin(32768 - 8);
	end(32768 - 8);
	use_image();
	assert_int_equal(loader->probe(&rig.request, &reason), ERR_FORMAT);
	memset(image + 32768 - 8, 0, 24);
	begin(HEADER_AT + 4);
	end(HEADER_AT + 4);
	use_image();
	assert_int_equal(loader->probe(&rig.request, &reason), ERR_FORMAT);
}

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
	rig.request.net_start = MIB(2) - 0x1000;
	rig.request.net_end = MIB(2) + 0x2000;
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
		TEST(test_elf), TEST(test_entry_tag), TEST(test_flat), TEST(test_relocatable),
		TEST(test_relocatable_is_refused), TEST(test_header_is_refused), TEST(test_head_is_refused),
		TEST(test_where_the_header_may_lie), TEST(test_everything_is_passed_on), TEST(test_efi_map_keeps_the_net),
		TEST(test_record_and_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
