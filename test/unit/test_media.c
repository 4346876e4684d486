/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Files on the disks of a BIOS: INT 13h is answered out of images; which volumes are searched, in which order, and
 * what is read.
 */
#include "media_fixture.h"

#include "bios.h"
#include "disk_bios.h"
#include "fake_bios.h"
#include "media.h"

#define DRIVES 4
#define LOW_END 0x9f000

struct drive_image {
	u8 number;
	int file;
	u8 sector_shift;
	bool has_extensions;
	u64 bad;			/* this sector fails */
};

static struct drive_image drives_there[DRIVES];
static struct memory memory;
static struct media media;
static struct source_list sources;
static struct bootinfo info;
static u32 reads, resets;

static struct drive_image *find_drive(u8 number)
{
	for (u32 i = 0; i < DRIVES; i++)
		if (drives_there[i].file > 0 && drives_there[i].number == number)
			return &drives_there[i];
	return NULL;
}

static bool give(const struct drive_image *d, u64 lba, u32 count, paddr_t to)
{
	size_t size = (size_t)count << d->sector_shift;

	reads++;
	assert_true(count && count <= 127 && size <= KIB(64) && to + size <= LOW_END && to >> 16 == (to + size - 1) >> 16);
	if (d->bad >= lba && d->bad < lba + count)
		return false;
	return pread(d->file, fake_ram + to, size, (off_t)(lba << d->sector_shift)) == (ssize_t)size;
}

static bool read_extended(const struct drive_image *d, const struct bios_regs *regs)
{
	const u8 *packet = fake_ram + bios_linear(regs->ds, (u16)regs->esi);
	u64 lba;

	assert_int_equal(packet[0], 16);
	memcpy(&lba, packet + 8, 8);
	return give(d, lba, packet[2], bios_linear((u16)(packet[6] | packet[7] << 8), (u16)(packet[4] | packet[5] << 8)));
}

/* A floppy disk of 2 heads and 18 sectors. */
static bool read_chs(const struct drive_image *d, const struct bios_regs *regs)
{
	u32 sector = regs->ecx & 63, cylinder = (regs->ecx >> 8 & 0xff) | (regs->ecx & 0xc0) << 2, head = regs->edx >> 8 & 0xff;
	u32 count = regs->eax & 0xff;

	assert_true(sector >= 1 && sector - 1 + count <= 18 && head < 2);
	return give(d, (cylinder * 2 + head) * 18 + sector - 1, count, bios_linear(regs->es, (u16)regs->ebx));
}

static bool tell_size(const struct drive_image *d, const struct bios_regs *regs)
{
	u8 *parameters = fake_ram + bios_linear(regs->ds, (u16)regs->esi);
	u64 sectors = (u64)lseek(d->file, 0, SEEK_END) >> d->sector_shift;
	u16 size = (u16)(1u << d->sector_shift);

	if (d->sector_shift == 11)
		sectors = ~0ull;		/* as some BIOSes have it for CDs */
	memcpy(parameters + 16, &sectors, 8);
	memcpy(parameters + 24, &size, 2);
	return true;
}

static bool tell_geometry(const struct drive_image *d, struct bios_regs *regs)
{
	regs->ecx = 79 << 8 | 18;
	regs->edx = 1 << 8 | 2;
	regs->es = 0xf000;
	return d->number < 0x80 || d->has_extensions;
}

static bool answer(u8 function, const struct drive_image *d, struct bios_regs *regs)
{
	switch (function) {
	case 0x00:
		resets++;
		return true;
	case 0x02:
		return read_chs(d, regs);
	case 0x08:
		return tell_geometry(d, regs);
	case 0x41:
		regs->ebx = 0xaa55;
		regs->ecx = 1;
		return d->has_extensions;
	case 0x42:
		return read_extended(d, regs);
	case 0x48:
		return tell_size(d, regs);
	}
	return false;
}

static void serve(const struct arch_bios_target *target, struct bios_regs *regs)
{
	struct drive_image *d = find_drive((u8)regs->edx);
	u8 function = (u8)(regs->eax >> 8);
	bool done = d && answer(function, d, regs);

	(void)target;
	regs->eflags = done ? 0 : BIOS_FLAG_CF;
	regs->eax = done ? 0 : (function == 0x42 || function == 0x02 ? 0x1000 : 0x0100);
}

static void attach(u32 slot, u8 number, const char *image, u32 sector_shift)
{
	drives_there[slot] = (struct drive_image){
		.number = number, .file = media_open(image, O_RDONLY), .sector_shift = (u8)sector_shift,
		.has_extensions = number >= 0x80, .bad = NO_SECTOR
	};
}

static void boot_from(int drive)
{
	info.has_boot_device = drive >= 0;
	info.boot_device = (u32)drive;
}

static int setup(void **state)
{
	media_setup(state);
	fake_ram_init(MIB(8));
	memory_init(&memory);
	assert_int_equal(memmap_add(&memory.map, 0, LOW_END, MEM_USABLE), ERR_OK);
	assert_int_equal(memmap_add(&memory.map, MIB(1), MIB(7), MEM_USABLE), ERR_OK);
	assert_int_equal(memmap_sanitise(&memory.map), ERR_OK);
	fake_bios_vectors();
	fake_bios = serve;
	bios_start(&memory, false);
	media_init(&media, &memory, disk_bios_open, &info);
	sources.first = NULL;
	source_add(&sources, &media.source);
	reads = resets = 0;
	fake_log_reset();
	return 0;
}

static int teardown(void **state)
{
	for (u32 i = 0; i < DRIVES; i++)
		if (drives_there[i].file > 0)
			close(drives_there[i].file);
	memset(drives_there, 0, sizeof(drives_there));
	media_free(&media);
	memory_free(&memory);
	fake_ram_free();
	return media_teardown(state);
}

#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void make_iso(const char *name, const char *label, const char *text)
{
	media_run("rm -rf t && mkdir -p t/sub && printf '%s' > t/sub/file && seq 40000 > t/large && "
		  "xorriso -report_about FATAL -as mkisofs -quiet -V %s -r -o %s t", text, label, name);
}

/* A disk with an unformatted partition, and one with FAT that has this file. */
static void make_disk(const char *name, const char *label, const char *text)
{
	media_run("printf '%s' > text; truncate -s 3M %s; printf 'start=64, size=64\\nstart=2048, size=2880, type=1\\n' | "
		  "/usr/sbin/sfdisk -q %s > /dev/null 2>&1; "
		  "/usr/sbin/mkfs.fat -F 12 --offset 2048 -n %s %s 1440 > /dev/null && mmd -i %s@@1M sub && "
		  "mcopy -i %s@@1M text ::sub/file", text, name, name, label, name, name, name);
}

static void assert_text(const char *path, const char *origin, const char *text)
{
	u32 claims = memory.claim_count;
	struct blob blob;

	assert_int_equal(source_find(&sources, path, &blob), ERR_OK);
	assert_string_equal(blob.origin, origin);
	assert_int_equal(blob.size, strlen(text));
	assert_null(blob.data);
	assert_int_equal(source_load(&blob, NULL, NULL), ERR_OK);
	assert_memory_equal(blob.data, text, strlen(text));
	assert_true(blob.paddr % PAGE_SIZE == 0 && blob.paddr >= MIB(1));
	source_release(&blob);
	assert_null(blob.source);
	/* The BIOS's two buffers are taken once, and kept. */
	assert_true(memory.claim_count <= claims + 2);
}

static void test_cd(void **state)
{
	struct blob blob;

	(void)state;
	make_iso("cd.iso", "ANYTHING", "on the cd");
	attach(0, 0xe0, "cd.iso", 11);
	boot_from(0xe0);
	assert_text("/sub/file", "cd 0xe0", "on the cd");
	assert_text("sub/file", "cd 0xe0", "on the cd");
	assert_true(fake_log_has("cd 0xe0: ISO 9660, Rock Ridge label=\"ANYTHING\" bytes="));
	assert_int_equal(source_find(&sources, "nowhere", &blob), ERR_NOT_FOUND);
	assert_true(fake_log_has("\"nowhere\" not found asked=\"medium\""));
}

/* 228894 bytes are 112 sectors: as many calls as 32 sectors each take. */
static void test_calls(void **state)
{
	struct blob blob;

	(void)state;
	make_iso("cd.iso", "TRAPEZE", "x");
	attach(0, 0xe0, "cd.iso", 11);
	boot_from(0xe0);
	assert_int_equal(source_find(&sources, "large", &blob), ERR_OK);
	reads = 0;
	assert_int_equal(source_load(&blob, NULL, NULL), ERR_OK);
	assert_int_equal(blob.size, 228894);
	assert_int_equal(reads, 4 + 1);
	assert_true(fake_log_has("\"large\" read bytes=228894 "));
	source_release(&blob);
}

static void test_order(void **state)
{
	struct blob blob;

	(void)state;
	make_iso("cd.iso", "TRAPEZE", "labelled cd");
	make_disk("boot.img", "SYSTEM", "boot disk");
	make_disk("other.img", "TRAPEZE", "labelled disk");
	make_disk("foreign.img", "DATA", "foreign disk");
	attach(0, 0x82, "boot.img", 9);
	attach(1, 0x81, "foreign.img", 9);
	attach(2, 0x80, "other.img", 9);
	attach(3, 0xe1, "cd.iso", 11);
	boot_from(0x82);
	assert_text("sub/file", "disk 0x82,2", "boot disk");
	assert_int_equal(source_try(&sources, "large", &blob), ERR_OK);
	assert_string_equal(blob.origin, "cd 0xe1");
	source_release(&blob);
}

static void test_label(void **state)
{
	(void)state;
	make_disk("other.img", "TRAPEZE", "labelled disk");
	make_disk("foreign.img", "DATA", "foreign disk");
	attach(0, 0x80, "foreign.img", 9);
	attach(1, 0x81, "other.img", 9);
	boot_from(-1);
	assert_text("sub/file", "disk 0x81,2", "labelled disk");
	assert_true(fake_log_has("does not tell the boot drive"));
	assert_true(fake_log_has("disk 0x80,2: FAT, FAT12; not searched: another disk, another label label=\"DATA\""));
	/* The drive that is not there any more. */
	media.is_open = false;
	media_free(&media);
	boot_from(0x9f);
	assert_text("sub/file", "disk 0x81,2", "labelled disk");
	assert_true(fake_log_has("drive 0x9f: the BIOS does not tell its size"));
}

/* Without the extensions: every track by itself. */
static void test_floppy(void **state)
{
	struct blob blob;

	(void)state;
	media_run("printf floppy > text && mformat -C -i floppy.img -f 1440 -v BOOT :: && mmd -i floppy.img sub && "
		  "mcopy -i floppy.img text ::sub/file && seq 40000 > large && mcopy -i floppy.img large ::");
	attach(0, 0x00, "floppy.img", 9);
	boot_from(0x00);
	assert_text("sub/file", "floppy 0x0", "floppy");
	assert_int_equal(source_find(&sources, "large", &blob), ERR_OK);
	assert_int_equal(source_load(&blob, NULL, NULL), ERR_OK);
	assert_memory_equal(blob.data, "1\n2\n3\n", 6);
	assert_memory_equal((const char *)blob.data + blob.size - 6, "40000\n", 6);
	source_release(&blob);
}

/* A drive that is there, and has nothing in it. */
static void test_no_medium(void **state)
{
	(void)state;
	make_iso("cd.iso", "TRAPEZE", "on the second cd");
	attach(0, 0xe0, "cd.iso", 11);
	attach(1, 0xe1, "cd.iso", 11);
	drives_there[0].bad = 16;
	boot_from(0xe0);
	assert_text("sub/file", "cd 0xe1", "on the second cd");
	assert_true(fake_log_has("cd 0xe0: no medium, or it cannot be read: "));
	assert_int_equal(fake_log_errors(), 0);
}

static u64 sector_of(const char *path)
{
	struct file file = { 0 };
	u64 start;

	assert_int_equal(media.volumes->filesystem->find(media.volumes, path, &file), ERR_OK);
	start = file.extents[0].start;
	file_free(&file);
	return start >> 11;
}

static void test_bad_sector(void **state)
{
	u32 claims;
	struct blob blob;

	(void)state;
	make_iso("cd.iso", "TRAPEZE", "x");
	attach(0, 0xe0, "cd.iso", 11);
	boot_from(0xe0);
	assert_int_equal(source_find(&sources, "large", &blob), ERR_OK);
	claims = memory.claim_count;
	drives_there[0].bad = sector_of("large") + 50;
	assert_int_equal(source_load(&blob, NULL, NULL), ERR_DEVICE);
	assert_int_equal(memory.claim_count, claims);
	assert_int_equal(resets, 1 + DISK_ATTEMPTS);
	assert_int_equal(fake_log_errors(), 2);
	assert_true(fake_log_has("cd 0xe0: cannot be read: "));
	assert_true(fake_log_has("status=0x10 attempts=3"));
	assert_true(fake_log_has("large: not read from cd 0xe0: device does not answer"));
	source_release(&blob);
}

static void test_no_room(void **state)
{
	struct blob blob;

	(void)state;
	make_iso("cd.iso", "TRAPEZE", "x");
	media_run("truncate -s 9M t/huge && xorriso -report_about FATAL -as mkisofs -quiet -r -o huge.iso t");
	attach(0, 0xe0, "huge.iso", 11);
	boot_from(0xe0);
	assert_int_equal(source_find(&sources, "huge", &blob), ERR_OK);
	assert_int_equal(source_load(&blob, NULL, NULL), ERR_NO_ROOM);
	assert_true(fake_log_has("huge: no room for the file bytes=9437184"));
	source_release(&blob);
}

static void test_empty_file(void **state)
{
	struct blob blob;

	(void)state;
	make_iso("cd.iso", "TRAPEZE", "");
	attach(0, 0xe0, "cd.iso", 11);
	boot_from(0xe0);
	assert_int_equal(source_find(&sources, "sub/file", &blob), ERR_TRUNCATED);
	assert_true(fake_log_has("cd 0xe0: \"sub/file\" is empty"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cd), TEST(test_calls), TEST(test_order), TEST(test_label), TEST(test_floppy), TEST(test_no_medium),
		TEST(test_bad_sector), TEST(test_no_room), TEST(test_empty_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
