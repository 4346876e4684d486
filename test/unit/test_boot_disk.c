/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Boot sectors from disks: names, partitions with their entry, boot catalogs of CDs, damage of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boot_disk.h"
#include "fake.h"
#include "handover.h"

#define DISK_SIZE KIB(256)

static struct memory memory;
static struct disk disk;
static struct boot_disk want;
static u8 bytes[DISK_SIZE];
static u64 bad_lba;
static paddr_t data;
static u64 size;

static enum err transfer(struct disk *d, u64 lba, u32 count, void *buffer)
{
	if (bad_lba >= lba && bad_lba < lba + count) {
		d->status = 0x10;
		d->why = "bad sector";
		return ERR_DEVICE;
	}
	memcpy(buffer, bytes + (lba << d->sector_shift), (size_t)count << d->sector_shift);
	return ERR_OK;
}

static int setup(void **state)
{
	(void)state;
	fake_ram_init(MIB(4));
	fake_log_reset();
	memory_init(&memory);
	assert_int_equal(memmap_add(&memory.map, MIB(1), MIB(3), MEM_USABLE), ERR_OK);
	memset(bytes, 0, sizeof(bytes));
	for (u32 i = 0; i < DISK_SIZE / 512; i++)
		bytes[i * 512] = (u8)i;
	disk = (struct disk){
		.name = "disk 0x80", .sector_shift = 9, .sectors = DISK_SIZE / 512, .transfer_limit = 8,
		.transfer = transfer,
	};
	want = (struct boot_disk){ .memory = &memory };
	bad_lba = UINT64_MAX;
	return 0;
}

/* What was read is given back by the caller; a failure has taken nothing. */
static int teardown(void **state)
{
	(void)state;
	assert_int_equal(memory.claim_count, 0);
	memory_free(&memory);
	fake_ram_free();
	return 0;
}

static enum err read_disk(void)
{
	return boot_disk_read(&want, &disk, "sector", &data, &size);
}

static void drop(void)
{
	memory_release(&memory, data);
	if (want.table)
		memory_release(&memory, want.table);
}

static void add_partition(u32 number, u8 type, u32 start, u32 sectors)
{
	u32 at = 0x1be + (number - 1) * 16;

	bytes[at] = 0x80;
	bytes[at + 4] = type;
	handover_put(bytes, at + 8, 4, start);
	handover_put(bytes, at + 12, 4, sectors);
	bytes[510] = 0x55;
	bytes[511] = 0xaa;
}

static void test_names(void **state)
{
	const struct bootinfo info = { .has_boot_device = true, .boot_device = 0xe0 }, nothing = { 0 };
	static const struct { const char *name; u8 drive; u32 partition; } good[] = {
		{ "hd0", 0x80, 0 }, { "hd1,2", 0x81, 2 }, { "hd95,255", 0xdf, 255 }, { "fd0", 0, 0 }, { "fd1", 1, 0 },
		{ "cd0", 0xe0, 0 }, { "cd15", 0xef, 0 }, { "boot", 0xe0, 0 }, { "boot,1", 0xe0, 1 },
	};
	static const char *const bad[] = {
		"", "hd", "hd96", "cd16", "fd128", "hd0,", "hd0,0", "hd0,256", "hd0,1,2", "hd-1", "sda", "hd0 ",
		"boot0", "hd0x", ",1",
		"hd18446744073709551616", "hd0,18446744073709551617",
	};
	u32 partition;
	u8 drive = 7;

	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(good); i++) {
		assert_true(boot_disk_parse(good[i].name, &info, &drive, &partition));
		assert_int_equal(drive, good[i].drive);
		assert_int_equal(partition, good[i].partition);
	}
	for (u32 i = 0; i < ARRAY_COUNT(bad); i++)
		assert_false(boot_disk_parse(bad[i], &info, &drive, &partition));
	assert_true(boot_disk_parse("boot", &nothing, &drive, &partition) && drive == 0x80);
	drive = 7;
	assert_true(boot_disk_parse("boot", NULL, &drive, &partition) && drive == 7);
}

static void test_disk(void **state)
{
	(void)state;
	bytes[3] = 0x77;
	assert_int_equal(read_disk(), ERR_OK);
	assert_int_equal(size, 512);
	assert_memory_equal(fake_ram + data, bytes, 512);
	drop();
	want.sectors = 20;
	assert_int_equal(read_disk(), ERR_OK);
	assert_int_equal(size, 20 * 512);
	assert_memory_equal(fake_ram + data, bytes, 20 * 512);
	drop();
	assert_int_equal(want.table, 0);
}

/* Sectors of 4 KiB: what is loaded counts in 512 all the same. */
static void test_large_sectors(void **state)
{
	(void)state;
	disk.sector_shift = 12;
	disk.sectors = DISK_SIZE >> 12;
	want.sectors = 9;
	assert_int_equal(read_disk(), ERR_OK);
	assert_int_equal(size, 9 * 512);
	assert_memory_equal(fake_ram + data, bytes, 9 * 512);
	drop();
}

static void test_partition(void **state)
{
	(void)state;
	add_partition(1, 0x83, 8, 100);
	add_partition(3, 0x0c, 200, 100);
	want.partition = 3;
	assert_int_equal(read_disk(), ERR_OK);
	assert_memory_equal(fake_ram + data, bytes + 200 * 512, 512);
	assert_int_equal(want.entry_at, 0x1de);
	assert_memory_equal(fake_ram + want.table, bytes, 512);
	drop();
}

/* A logical partition has its entry elsewhere, counted from elsewhere: it gets one of its own. */
static void test_logical(void **state)
{
	u32 extended = 100 * 512;

	(void)state;
	add_partition(2, 0x05, 100, 200);
	bytes[extended + 0x1be + 4] = 0x83;
	handover_put(bytes + extended, 0x1be + 8, 4, 10);
	handover_put(bytes + extended, 0x1be + 12, 4, 50);
	bytes[extended + 510] = 0x55;
	bytes[extended + 511] = 0xaa;
	want.partition = 5;
	assert_int_equal(read_disk(), ERR_OK);
	assert_memory_equal(fake_ram + data, bytes + 110 * 512, 512);
	assert_int_equal(want.entry_at, 0x1be);
	assert_int_equal(handover_get(fake_ram + want.table, 0x1be + 8, 4), 110);
	assert_int_equal(handover_get(fake_ram + want.table, 0x1be + 12, 4), 50);
	assert_int_equal(fake_ram[want.table + 0x1be], 0x80);
	drop();
}

static void refused(enum err wanted, const char *message)
{
	enum err err = read_disk();

	if (err != wanted || !fake_log_has(message))
		print_error("wanted %s and \"%s\", got %s and:\n%s\n", err_text(wanted), message, err_text(err),
			    fake_log_text());
	assert_int_equal(err, wanted);
	assert_true(fake_log_has(message));
	assert_int_equal(fake_log_errors(), 1);
	assert_int_equal(memory.claim_count, 0);
	fake_log_reset();
	want.table = 0;
}

static void test_refused(void **state)
{
	(void)state;
	add_partition(1, 0x83, 8, 100);
	want.partition = 2;
	refused(ERR_NOT_FOUND, "sector: disk 0x80 has no partition 2 partitions=1");
	want.partition = 1;
	bad_lba = 8;
	refused(ERR_DEVICE, "lba=8");
	bad_lba = UINT64_MAX;
	want.sectors = 1200;
	refused(ERR_TRUNCATED, "disk 0x80");
	want.sectors = 1;
	memory_free(&memory);
	memory_init(&memory);
	refused(ERR_NO_ROOM, "sector: no room for sectors bytes=512");
}

static void make_cd(void)
{
	static const char record[] = "\0CD001\1EL TORITO SPECIFICATION";
	u8 *catalog = bytes + 20 * 2048;
	u16 sum = 0;

	disk.sector_shift = 11;
	disk.sectors = DISK_SIZE >> 11;
	memcpy(bytes + 17 * 2048, record, sizeof(record));
	handover_put(bytes, 17 * 2048 + 0x47, 4, 20);
	memset(catalog, 0, 64);
	catalog[0] = 1;
	catalog[30] = 0x55;
	catalog[31] = 0xaa;
	for (u32 i = 0; i < 32; i += 2)
		sum = (u16)(sum + catalog[i] + (catalog[i + 1] << 8));
	handover_put(catalog, 28, 2, (u16)-sum);
	catalog[32] = 0x88;
	handover_put(catalog, 38, 2, 4);
	handover_put(catalog, 40, 4, 30);
	want.is_cd = true;
}

static void test_cd(void **state)
{
	(void)state;
	make_cd();
	assert_int_equal(read_disk(), ERR_OK);
	assert_int_equal(size, 2048);
	assert_int_equal(want.load, 0);
	assert_memory_equal(fake_ram + data, bytes + 30 * 2048, 2048);
	drop();
	handover_put(bytes, 20 * 2048 + 34, 2, 0x1000);
	want.sectors = 9;
	assert_int_equal(read_disk(), ERR_OK);
	assert_int_equal(size, 9 * 512);
	assert_int_equal(want.load, 0x10000);
	drop();
}

static void test_cd_refused(void **state)
{
	u8 *catalog = bytes + 20 * 2048;

	(void)state;
	want.is_cd = true;
	refused(ERR_FORMAT, "sector: disk 0x80: not a CD, bytes of a sector: 0x200");
	make_cd();
	bytes[17 * 2048 + 7] = 'e';
	refused(ERR_FORMAT, "no El Torito boot record in sector: 0x11");
	make_cd();
	catalog[4]++;
	refused(ERR_VALUE, "the boot catalog is damaged, checksum: 0x1");
	make_cd();
	catalog[30] = 0;
	refused(ERR_VALUE, "the boot catalog is damaged, checksum: 0xffab");
	make_cd();
	catalog[32] = 0;
	refused(ERR_VALUE, "the catalog's default entry is not bootable, indicator: 0x0");
	make_cd();
	catalog[33] = 2;
	refused(ERR_UNSUPPORTED, "emulation of a disk is not supported, media type: 0x2");
	make_cd();
	catalog[38] = 0;
	refused(ERR_VALUE, "the catalog's default entry loads no sectors: 0x0");
	make_cd();
	handover_put(bytes, 17 * 2048 + 0x47, 4, 0xffffffff);
	refused(ERR_TRUNCATED, "disk 0x80");
	make_cd();
	handover_put(catalog, 40, 4, 0xffffffff);
	refused(ERR_TRUNCATED, "disk 0x80");
	make_cd();
	handover_put(catalog, 38, 2, 0xffff);
	refused(ERR_NO_ROOM, "sector: no room for sectors bytes=33553920");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names), TEST(test_disk), TEST(test_large_sectors), TEST(test_partition), TEST(test_logical),
		TEST(test_refused),
		TEST(test_cd), TEST(test_cd_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
