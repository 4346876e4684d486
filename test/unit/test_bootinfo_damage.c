/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Multiboot2 information that is not what it says: one clear line each, what is whole is kept, nothing is read
 * beyond.
 */
#include "bootinfo_rig.h"
#include "random.h"

static void require_one_line(const char *line)
{
	if (fake_log_errors() != 1 || !fake_log_has(line))
		fail_msg("wanted \"%s\", got:\n%s", line, fake_log_text());
}

/* Tags damaged in themselves; the payload is `size` bytes: the numbers, then zeroes. */
static const struct damage {
	u32 type, size;
	u32 numbers[8];
	const char *line;
} damages[] = {
	{ 1, 0, { 0 }, "error: command line (tag 1) has 0 bytes: at least 1 needed" },
	{ 1, 4, { 0x41414141 }, "error: command line does not end within its 4 bytes" },
	{ 2, 4, { 0x41414141 }, "error: loader name does not end within its 4 bytes" },
	{ 3, 8, { 0x1000, 0x2000 }, "error: module (tag 3) has 8 bytes: at least 9 needed" },
	{ 3, 12, { 0x1000, 0x2000, 0x41414141 }, "error: module string does not end within its 4 bytes" },
	{ 3, 12, { 0x2000, 0x1fff, 'm' }, "error: module \"m\" starts at 0x2000 and ends before, at 0x1fff" },
	{ 4, 7, { 0 }, "error: basic memory (tag 4) has 7 bytes: at least 8 needed" },
	{ 5, 11, { 0 }, "error: BIOS boot device (tag 5) has 11 bytes: at least 12 needed" },
	{ 6, 7, { 24 }, "error: memory map (tag 6) has 7 bytes: at least 8 needed" },
	{ 6, 32, { 0 }, "error: memory map has entry size=0: at least 24 and a multiple of 8 expected" },
	{ 6, 32, { 16 }, "error: memory map has entry size=16:" },
	{ 6, 40, { 23 }, "error: memory map has entry size=23:" },
	{ 6, 40, { 28 }, "error: memory map has entry size=28:" },
	{ 6, 40, { 0xffffffff }, "error: memory map has entry size=4294967295:" },
	{ 7, 775, { 0 }, "error: VBE (tag 7) has 775 bytes: at least 776 needed" },
	{ 8, 23, { 0 }, "error: framebuffer (tag 8) has 23 bytes: at least 24 needed" },
	{ 8, 24, { 0, 0, 0, 0, 0, 0x0000 }, "error: framebuffer of type 0: its colours do not fit in 0 bytes count=0" },
	{ 8, 29, { 0, 0, 0, 0, 0, 0x0100 }, "error: framebuffer of type 1: its colours do not fit in 5 bytes count=0" },
	{ 8, 31, { 0, 0, 0, 0, 0, 0, 3 }, "error: framebuffer of type 0: its colours do not fit in 7 bytes count=3" },
	{ 8, 29, { 0, 0, 0, 0, 0, 0, 2 }, "error: framebuffer of type 0: its colours do not fit in 5 bytes count=2" },
	{ 8, 28, { 0, 0, 0, 0, 0, 0, 0xffffffff }, "its colours do not fit in 4 bytes count=4294967295" },
	{ 9, 11, { 0 }, "error: ELF sections (tag 9) has 11 bytes: at least 12 needed" },
	{ 9, 91, { 2, 40 }, "error: 2 ELF sections of 40 bytes do not fit in 79 bytes" },
	{ 9, 92, { 0xffffffff, 0xffffffff }, "4294967295 ELF sections of 4294967295 bytes do not fit in 80 bytes" },
	{ 9, 92, { 0x40000000, 4 }, "error: 1073741824 ELF sections of 4 bytes do not fit in 80 bytes" },
	{ 10, 19, { 0 }, "error: APM (tag 10) has 19 bytes: at least 20 needed" },
	{ 11, 3, { 0 }, "error: EFI32 system table (tag 11) has 3 bytes: at least 4 needed" },
	{ 12, 7, { 0 }, "error: EFI64 system table (tag 12) has 7 bytes: at least 8 needed" },
	{ 13, 7, { 0 }, "error: SMBIOS (tag 13) has 7 bytes: at least 8 needed" },
	{ 14, 19, { 0 }, "error: ACPI 1.0 RSDP (tag 14) has 19 bytes: at least 20 needed" },
	{ 15, 35, { 0 }, "error: ACPI 2.0 RSDP (tag 15) has 35 bytes: at least 36 needed" },
	{ 17, 7, { 48 }, "error: EFI memory map (tag 17) has 7 bytes: at least 8 needed" },
	{ 17, 48, { 0 }, "error: EFI memory map has entry size=0: at least 40 and a multiple of 8 expected" },
	{ 17, 48, { 32 }, "error: EFI memory map has entry size=32:" },
	{ 17, 56, { 44 }, "error: EFI memory map has entry size=44:" },
	{ 19, 3, { 0 }, "error: EFI32 image handle (tag 19) has 3 bytes: at least 4 needed" },
	{ 20, 7, { 0 }, "error: EFI64 image handle (tag 20) has 7 bytes: at least 8 needed" },
	{ 21, 3, { 0 }, "error: load base (tag 21) has 3 bytes: at least 4 needed" },
};

static void put_damage(const struct damage *d)
{
	u8 payload[1024] = { 0 };

	memcpy(payload, d->numbers, sizeof(d->numbers));
	mb2_begin(&block, d->type);
	mb2_bytes(&block, payload, d->size);
	mb2_end(&block);
}

/* Nothing of a damaged tag is left in the information, and the tags around it are there. */
static void test_damaged_tags(void **state)
{
	for (size_t i = 0; i < ARRAY_COUNT(damages); i++) {
		const struct damage *d = &damages[i];
		struct bootinfo want = { .paddr = AT };

		setup(state);
		mb2_number(&block, 16, 0, 4);
		put_damage(d);
		mb2_number(&block, 18, 0, 0);
		mb2_close(&block);
		assert_int_equal(bootinfo_parse(&info, block.data, AT, block.size), ERR_VALUE);
		require_one_line(d->line);
		want.size = block.size;
		want.network = (struct boot_blob){ block.data + 16, 4 };
		want.efi_boot_services = true;
		assert_string_equal(info.command_line, "");
		assert_string_equal(info.loader_name, "");
		info.command_line = info.loader_name = NULL;
		bootinfo_free(&info);
		assert_memory_equal(&info, &want, sizeof(want));
		teardown(state);
	}
}

static void test_tag_sizes(void **state)
{
	static const u32 sizes[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 25, 31, 32, 0x7fffffff, 0x80000000, 0xfffffff9, 0xffffffff
	};

	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		char line[80];

		setup(state);
		mb2_number(&block, 21, 0x200000, 4);
		mb2_number(&block, 18, 0, 4);
		mb2_set_u32(&block, block.tag + 4, sizes[i]);
		mb2_close(&block);
		assert_int_equal(block.size, 48);
		assert_int_equal(bootinfo_parse(&info, block.data, AT, block.size), ERR_TRUNCATED);
		assert_true(info.has_load_base);
		snprintf(line, sizeof(line), "error: tag 18 at offset 24 has size=%u: 8 to 24 possible", sizes[i]);
		require_one_line(line);
		teardown(state);
	}
}

/* A tag that reaches over the end tag to the very end of the block. */
static void test_tag_swallows_end(void **state)
{
	(void)state;
	mb2_number(&block, 18, 0, 4);
	mb2_set_u32(&block, block.tag + 4, 24);
	mb2_close(&block);
	assert_int_equal(bootinfo_parse(&info, block.data, AT, block.size), ERR_OK);
	assert_true(info.efi_boot_services);
	assert_true(fake_log_has("no end tag within total_size=32: taken as the end"));
}

static void test_no_end_tag(void **state)
{
	(void)state;
	mb2_number(&block, 21, 0x200000, 4);
	mb2_cut(&block);
	assert_int_equal(bootinfo_parse(&info, block.data, AT, block.size), ERR_OK);
	assert_int_equal(info.load_base, 0x200000);
	assert_int_equal(fake_log_errors(), 0);
	assert_true(fake_log_has("no end tag within total_size=20: taken as the end"));
}

static void test_no_block(void **state)
{
	static const u8 eight[8] = { 8 };

	(void)state;
	assert_int_equal(bootinfo_parse(&info, NULL, AT, 4096), ERR_TRUNCATED);
	require_one_line("error: information block out of reach: limit=0, at least 8 needed");
	for (u32 limit = 0; limit < 8; limit++) {
		fake_log_reset();
		assert_int_equal(bootinfo_parse(&info, eight, AT, limit), ERR_TRUNCATED);
		assert_true(fake_log_errors() == 1 && fake_log_has("information block out of reach"));
		assert_string_equal(info.command_line, "");
		assert_int_equal(info.size, 0);
	}
	fake_log_reset();
	assert_int_equal(bootinfo_parse(&info, eight, AT, 8), ERR_TRUNCATED);
	require_one_line("error: no end tag: the block ends with 0 bytes at offset 8");
}

static void test_total_size(void **state)
{
	(void)state;
	mb2_number(&block, 21, 0x200000, 4);
	mb2_close(&block);
	for (u32 total = 0; total < 8; total++) {
		fake_log_reset();
		mb2_set_u32(&block, 0, total);
		assert_int_equal(bootinfo_parse(&info, block.data, AT, block.size), ERR_TRUNCATED);
		assert_true(fake_log_errors() == 1 && fake_log_has("8 to 32 possible"));
		assert_false(info.has_load_base);
	}
	/* Too long a total: what can be read is, and its end tag ends it. */
	fake_log_reset();
	mb2_set_u32(&block, 0, 33);
	assert_int_equal(bootinfo_parse(&info, block.data, AT, block.size), ERR_TRUNCATED);
	require_one_line("error: information block has total_size=33: 8 to 32 possible");
	assert_true(info.has_load_base);
	assert_int_equal(info.size, 32);
}

/* What lies behind the total is not the block's, however far the limit reaches. */
static void test_total_before_limit(void **state)
{
	(void)state;
	mb2_number(&block, 21, 0x200000, 4);
	mb2_number(&block, 99, 0, 8);
	mb2_close(&block);
	mb2_set_u32(&block, 0, 24);
	assert_int_equal(bootinfo_parse(&info, block.data, AT, block.size), ERR_OK);
	assert_int_equal(info.size, 24);
	assert_int_equal(info.unknown_tags, 0);
	assert_true(info.has_load_base);
}

/* One of everything. */
static void fill_block(void)
{
	mb2_text(&block, 1, "menu=plain console=ttyS0");
	mb2_text(&block, 2, "GRUB 2.06");
	mb2_module(&block, 0x100000, 0x123456, "manifest");
	mb2_module(&block, 0x124000, 0x200000, "kernel quiet");
	mb2_begin(&block, 9);
	mb2_u32(&block, 2);
	mb2_u32(&block, 40);
	mb2_u32(&block, 1);
	mb2_zeroes(&block, 80);
	mb2_end(&block);
	mb2_number(&block, 4, 0x1f800000027full, 8);
	mb2_begin_mmap(&block);
	mb2_mmap(&block, 0, 0x9fc00, 1);
	mb2_mmap(&block, 0x100000, 0x7ee0000, 1);
	mb2_mmap(&block, 0xfffc0000, 0x40000, 2);
	mb2_end(&block);
	mb2_begin(&block, 8);
	mb2_zeroes(&block, 20);
	mb2_u32(&block, 0x0008);
	mb2_u32(&block, 2);
	mb2_bytes(&block, "rgbRGB", 6);
	mb2_end(&block);
	mb2_begin_efi(&block);
	mb2_efi(&block, 7, 0x100000, 0x7ee0, 0xf);
	mb2_efi(&block, 10, 0x200000, 4, 0xf);
	mb2_end(&block);
	mb2_number(&block, 14, 0, 8);
	mb2_zeroes(&block, 12);
	mb2_end(&block);
	mb2_number(&block, 12, 0x7e9ec018, 8);
	mb2_number(&block, 99, 0, 8);
	mb2_close(&block);
}

/* Whatever was understood can be used. */
static void use_info(void)
{
	const struct range avoid = { 0x200000, 0x300000 };
	const struct early_where where = { .avoid = &avoid, .avoid_count = 1 };
	struct memmap map;
	paddr_t at;

	if (!bootinfo_memory_map(&info, &map)) {
		for (u32 i = 1; i < map.count; i++)
			assert_true(map.ranges[i - 1].end <= map.ranges[i].start);
		memmap_free(&map);
	}
	if (!bootinfo_early_region(&info, 0x10000, &where, &at))
		assert_true(at >= 0x100000 && at + 0x10000 <= 0x100000000ull && at % PAGE_SIZE == 0);
	assert_true(strlen(info.command_line) < block.size);
	assert_true(strlen(info.loader_name) < block.size);
	for (u32 i = 0; i < info.module_count; i++)
		assert_true(strlen(info.modules[i].string) < block.size);
}

/*
 * The block cut at each byte, once by the limit and once by its own total: never a byte too far, and never whole but where
 * the total ends with a tag.
 */
static void test_cut_everywhere(void **state)
{
	u32 whole, ends = 0;
	bool between;
	enum err err;

	(void)state;
	fill_block();
	whole = block.size;
	assert_int_equal(bootinfo_parse(&info, block.data, AT, whole), ERR_OK);
	bootinfo_free(&info);
	for (u32 size = 8; size < whole; size++) {
		u8 *cut = malloc(size);

		assert_non_null(cut);
		memcpy(cut, block.data, size);
		fake_log_reset();
		assert_int_equal(bootinfo_parse(&info, cut, AT, size), ERR_TRUNCATED);
		assert_true(fake_log_errors() >= 1 && fake_log_errors() <= 2);
		use_info();
		bootinfo_free(&info);
		memcpy(cut, &size, sizeof(size));
		fake_log_reset();
		err = bootinfo_parse(&info, cut, AT, size);
		between = fake_log_has("no end tag within");
		assert_int_equal(err, between ? ERR_OK : ERR_TRUNCATED);
		assert_int_equal(fake_log_errors(), between ? 0 : 1);
		ends += between;
		use_info();
		bootinfo_free(&info);
		free(cut);
	}
	/* After each of the tags, within the padding of some and within the header of the next. */
	assert_int_equal(ends, 133);
}

static void test_random_damage(void **state)
{
	static const u8 values[] = { 0, 1, 7, 8, 0x7f, 0x80, 0xff };
	struct random random = { 21 };
	u8 *whole;

	(void)state;
	fill_block();
	whole = malloc(block.size);
	assert_non_null(whole);
	memcpy(whole, block.data, block.size);
	for (int round = 0; round < 5000; round++) {
		u32 hits = 1 + random_below(&random, 6);

		while (hits--)
			block.data[8 + random_below(&random, block.size - 8)] =
				values[random_below(&random, sizeof(values))];
		if (bootinfo_parse(&info, block.data, AT, block.size))
			assert_true(fake_log_errors() > 0);
		use_info();
		bootinfo_free(&info);
		memcpy(block.data, whole, block.size);
		fake_log_reset();
	}
	free(whole);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damaged_tags), cmocka_unit_test(test_tag_sizes), TEST(test_tag_swallows_end),
		TEST(test_no_end_tag), TEST(test_no_block), TEST(test_total_size), TEST(test_total_before_limit),
		TEST(test_cut_everywhere), TEST(test_random_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
