/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The search for the RSDP: BIOS areas, EFI tables of both widths, copies, checksums and numbers that lead nowhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bootinfo.h"
#include "fake.h"

#define RAM MIB(2)
#define SYSTEM_TABLE 0x180000
#define TABLES 0x190008

static struct bootinfo info;

static int setup(void **state)
{
	(void)state;
	fake_ram_init(RAM);
	fake_log_reset();
	info = (struct bootinfo){ .command_line = "", .loader_name = "" };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_ram_free();
	return 0;
}

static void fix_sum(u8 *bytes, u32 size, u32 at)
{
	u8 sum = 0;

	bytes[at] = 0;
	for (u32 i = 0; i < size; i++)
		sum += bytes[i];
	bytes[at] = (u8)-sum;
}

/* `mark` makes one RSDP different from another. */
static u8 *put_rsdp(paddr_t at, u8 revision, u8 mark)
{
	u8 *p = fake_ram + at;

	memcpy(p, "RSD PTR ", 8);
	p[9] = mark;
	p[15] = revision;
	p[20] = 36;
	fix_sum(p, 20, 8);
	fix_sum(p, 36, 32);
	return p;
}

static void put(paddr_t at, u64 value, u32 size)
{
	memcpy(fake_ram + at, &value, size);
}

static void put_ebda(u16 segment)
{
	put(0x40e, segment, 2);
}

static void test_none(void **state)
{
	(void)state;
	assert_true(bootinfo_find_rsdp(&info) == 0);
	assert_int_equal(fake_log_errors(), 0);
	assert_false(fake_log_has("warning"));
}

/* Every 16 bytes of the BIOS area and of the first KiB of the EBDA, and nowhere else. */
static void test_bios_places(void **state)
{
	static const paddr_t found[] = { 0xe0000, 0xe0010, 0xf59e0, 0xfffd0, 0x9fc00, 0x9fff0 - 0x10 };
	static const paddr_t hidden[] = { 0xdfff0, 0xe0008, 0xf0001, 0x100000, 0x9fbf0, 0x9fc08, 0xa0000 };

	for (size_t i = 0; i < ARRAY_COUNT(found); i++) {
		setup(state);
		put_ebda(0x9fc0);
		put_rsdp(found[i], i % 2 ? 2 : 0, 0);
		assert_true(bootinfo_find_rsdp(&info) == found[i]);
		assert_true(fake_log_has("firmware: RSDP at=0x"));
	}
	for (size_t i = 0; i < ARRAY_COUNT(hidden); i++) {
		setup(state);
		put_ebda(0x9fc0);
		put_rsdp(hidden[i], i % 2 ? 2 : 0, 0);
		assert_true(bootinfo_find_rsdp(&info) == 0);
	}
}

/* Revision 1 was never given out; what is not 2 has no part beyond its 20 bytes. */
static void test_revision_1(void **state)
{
	(void)state;
	put_rsdp(0xf0000, 1, 0)[33] = 1;
	assert_true(bootinfo_find_rsdp(&info) == 0xf0000);
}

static void test_ebda_first(void **state)
{
	(void)state;
	put_rsdp(0x9fc40, 0, 1);
	put_rsdp(0xf0000, 0, 2);
	assert_true(bootinfo_find_rsdp(&info) == 0xf0000);
	put_ebda(0x9fc0);
	assert_true(bootinfo_find_rsdp(&info) == 0x9fc40);
	put_ebda(0xffff);				/* an EBDA that cannot be is harmless */
	assert_true(bootinfo_find_rsdp(&info) == 0xf0000);
	put_rsdp(0x500, 0, 3);
	put_ebda(0x50);
	assert_true(bootinfo_find_rsdp(&info) == 0x500);
}

/* Where a Linux loader says, unless there is none. */
static void test_linux_place(void **state)
{
	(void)state;
	put_rsdp(0xf0000, 0, 1);
	put_rsdp(0x123450, 2, 2);
	info.linux_rsdp = 0x123450;
	assert_true(bootinfo_find_rsdp(&info) == 0x123450);
	info.linux_rsdp = 0x123460;
	assert_true(bootinfo_find_rsdp(&info) == 0xf0000);
	info.linux_rsdp = RAM;
	assert_true(bootinfo_find_rsdp(&info) == 0xf0000);
}

/* What kernels are given a copy of, where the loader gave none; its own stays. */
static void test_keep(void **state)
{
	static const u8 given[20];

	(void)state;
	bootinfo_keep_rsdp(&info, 0);
	assert_true(!info.rsdp_v1.data && !info.rsdp_v2.data);
	put_rsdp(0xf0000, 0, 1);
	bootinfo_keep_rsdp(&info, 0xf0000);
	assert_true(info.rsdp_v1.data == fake_ram + 0xf0000 && info.rsdp_v1.size == 20 && !info.rsdp_v2.data);
	info.rsdp_v1 = (struct boot_blob){ 0 };
	put_rsdp(0xf0000, 2, 1);
	bootinfo_keep_rsdp(&info, 0xf0000);
	assert_true(info.rsdp_v2.data == fake_ram + 0xf0000 && info.rsdp_v2.size == 36 && !info.rsdp_v1.data);
	info.rsdp_v2 = (struct boot_blob){ 0 };
	info.rsdp_v1 = (struct boot_blob){ given, sizeof(given) };
	bootinfo_keep_rsdp(&info, 0xf0000);
	assert_true(info.rsdp_v1.data == given && !info.rsdp_v2.data);
}

/* Each byte wrong in turn: only what no checksum covers may differ. */
static void test_checksums(void **state)
{
	for (u32 revision = 0; revision <= 2; revision += 2) {
		u32 size = revision ? 36 : 20;
		u8 *p;

		setup(state);
		p = put_rsdp(0xf0000, (u8)revision, 0);
		for (u32 i = 0; i < 40; i++) {
			p[i] ^= 0x10;
			assert_int_equal(bootinfo_find_rsdp(&info) == 0xf0000, i >= size);
			p[i] ^= 0x10;
		}
	}
}

/* The machine's own is the one that equals the loader's copy. */
static void test_copies(void **state)
{
	u8 v1[20], v2[36];

	(void)state;
	put_rsdp(0xe0000, 0, 1);
	memcpy(v1, put_rsdp(0xe0100, 0, 2), sizeof(v1));
	put_rsdp(0xe0200, 2, 3);
	memcpy(v2, put_rsdp(0xe0300, 2, 4), sizeof(v2));
	assert_true(bootinfo_find_rsdp(&info) == 0xe0000);
	info.rsdp_v1 = (struct boot_blob){ v1, sizeof(v1) };
	assert_true(bootinfo_find_rsdp(&info) == 0xe0100);
	info.rsdp_v1.data = NULL;
	info.rsdp_v2 = (struct boot_blob){ v2, sizeof(v2) };
	fake_ram[0xe0000] = fake_ram[0xe0100] = 0;
	assert_true(bootinfo_find_rsdp(&info) == 0xe0300);
	v2[35]++;
	assert_true(bootinfo_find_rsdp(&info) == 0);
	assert_true(fake_log_has("firmware: warning: the RSDP that the loader copied is not found in memory"));
}

static const u8 acpi_1[16] = {
	0x30, 0x2d, 0x9d, 0xeb, 0x88, 0x2d, 0xd3, 0x11, 0x9a, 0x16, 0, 0x90, 0x27, 0x3f, 0xc1, 0x4d
};
static const u8 acpi_2[16] = {
	0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11, 0xbc, 0x22, 0, 0x80, 0xc7, 0x3c, 0x88, 0x81
};
static const u8 other[16] = { 1, 2, 3 };

static u32 entry_count;

static void put_system_table(u32 width, u64 count, u64 tables)
{
	memcpy(fake_ram + SYSTEM_TABLE, "IBI SYST", 8);
	put(SYSTEM_TABLE + (width == 8 ? 104 : 64), count, width);
	put(SYSTEM_TABLE + (width == 8 ? 112 : 68), tables, width);
	info.efi_table = SYSTEM_TABLE;
	info.has_efi64_table = width == 8;
	info.has_efi32_table = width == 4;
}

static void put_entry(u32 width, const u8 *guid, u64 pointer)
{
	paddr_t at = TABLES + entry_count++ * (16 + width);

	memcpy(fake_ram + at, guid, 16);
	put(at + 16, pointer, width);
	put_system_table(width, entry_count, TABLES);
}

static void test_efi(void **state)
{
	for (u32 width = 4; width <= 8; width += 4) {
		setup(state);
		entry_count = 0;
		put_rsdp(0x170000, 0, 1);
		put_rsdp(0x170104, 2, 2);
		put_rsdp(0xf0000, 0, 3);
		put_entry(width, other, 0x170000);
		assert_true(bootinfo_find_rsdp(&info) == 0xf0000);
		put_entry(width, acpi_1, 0x170000);
		assert_true(bootinfo_find_rsdp(&info) == 0x170000);
		put_entry(width, acpi_2, 0x170104);
		assert_true(bootinfo_find_rsdp(&info) == 0x170104);
		put_entry(width, acpi_1, 0x170000);
		put_entry(width, acpi_2, width == 8 ? 0xffffffff00170104ull : 0xfff00104);
		assert_true(bootinfo_find_rsdp(&info) == 0x170104);
	}
}

/* With both tables given the 64-bit one is read. */
static void test_efi_both(void **state)
{
	(void)state;
	entry_count = 0;
	put_rsdp(0x170000, 2, 1);
	put_entry(8, acpi_2, 0x170000);
	info.has_efi32_table = true;
	assert_true(bootinfo_find_rsdp(&info) == 0x170000);
}

static void test_efi_nowhere(void **state)
{
	static const u64 counts[] = { 1025, 0x100000000ull, 0x0aaaaaaaaaaaaaabull, ~0ull };
	static const u64 places[] = { RAM, RAM - 23, ~0ull, ~0ull - 8, 0x100000000ull };

	(void)state;
	entry_count = 0;
	put_rsdp(0x170000, 2, 1);
	put_entry(8, acpi_2, 0x170000);
	for (size_t i = 0; i < ARRAY_COUNT(counts); i++) {
		fake_log_reset();
		put_system_table(8, counts[i], TABLES);
		assert_true(bootinfo_find_rsdp(&info) == 0);
		assert_true(fake_log_has("warning: EFI configuration tables out of reach at=0x190008 count="));
	}
	for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
		put_system_table(8, 1, places[i]);
		assert_true(bootinfo_find_rsdp(&info) == 0);
		put_system_table(8, 1, TABLES);
		info.efi_table = places[i];
		fake_log_reset();
		assert_true(bootinfo_find_rsdp(&info) == 0);
		assert_true(fake_log_has("warning: no EFI system table in reach at=0x"));
	}
	put_system_table(8, 0, TABLES);
	assert_true(bootinfo_find_rsdp(&info) == 0);
	put_system_table(8, 1024, TABLES);
	assert_true(bootinfo_find_rsdp(&info) == 0x170000);
	put_system_table(8, 1, TABLES);
	fake_ram[SYSTEM_TABLE] ^= 1;
	assert_true(bootinfo_find_rsdp(&info) == 0);
}

/* Tables that end with memory are read to their last byte and no further. */
static void test_efi_at_the_end(void **state)
{
	(void)state;
	put_rsdp(RAM - 36, 2, 1);
	memcpy(fake_ram + 0x1ff000, acpi_2, 16);
	put(0x1ff010, RAM - 36, 8);
	put_system_table(8, 1, 0x1ff000);
	assert_true(bootinfo_find_rsdp(&info) == RAM - 36);
	/* The first 20 bytes of one are there, the rest is not. */
	memmove(fake_ram + RAM - 20, fake_ram + RAM - 36, 20);
	put(0x1ff010, RAM - 20, 8);
	assert_true(bootinfo_find_rsdp(&info) == 0);
	memmove(fake_ram + RAM - 120, fake_ram + SYSTEM_TABLE, 120);
	info.efi_table = RAM - 120;
	put(0x1ff010, 0x170000, 8);
	put_rsdp(0x170000, 2, 1);
	assert_true(bootinfo_find_rsdp(&info) == 0x170000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_none), TEST(test_bios_places), TEST(test_revision_1), TEST(test_ebda_first),
		TEST(test_checksums), TEST(test_copies), TEST(test_efi), TEST(test_efi_both), TEST(test_efi_nowhere),
		TEST(test_efi_at_the_end), TEST(test_linux_place), TEST(test_keep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
