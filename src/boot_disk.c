/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "boot_disk.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "bios.h"
#include "cursor.h"
#include "disk_bios.h"
#include "handover.h"
#include "log.h"
#include "number.h"
#include "partition.h"

#define FIRST_DISK 0x80
#define FIRST_CD 0xe0			/* where BIOSes have the CDs that they boot from */
#define PARTITION_MAX 255
/* The MBR: four entries, and where in each the first sector stands (UEFI 2.9, table 5-2). */
#define MBR_ENTRIES 0x1be
#define MBR_ENTRY_COUNT 4
#define ENTRY_START 8
#define ENTRY_SECTORS 12
#define ENTRY_ACTIVE 0x80
/* El Torito 1.0, figures 2 to 4 and 7. */
#define CD_SECTOR 2048u
#define BOOT_RECORD_LBA 17
#define BOOT_RECORD_CATALOG 0x47
#define CATALOG_SIZE 64u
#define VALIDATION_KEY_AT 30
#define VALIDATION_KEY 0xaa55
#define DEFAULT_ENTRY 32
#define BOOTABLE 0x88
#define MEDIA_TYPE_MASK 0x0f

static const char boot_record[] = "\0CD001\1EL TORITO SPECIFICATION";

/* --- names --- */

static bool parse_unit(const char *text, size_t length, u8 first, u8 count, u8 *drive)
{
	u64 unit;

	if (!number_word(text, length, &unit) || unit >= count)
		return false;
	*drive = (u8)(first + unit);
	return true;
}

static bool parse_drive(const char *name, size_t length, const struct bootinfo *info, u8 *drive)
{
	if (length == 4 && !strncmp(name, "boot", 4)) {
		if (info)
			*drive = info->has_boot_device ? (u8)info->boot_device : FIRST_DISK;
		return true;
	}
	if (length < 3)
		return false;
	if (!strncmp(name, "hd", 2))
		return parse_unit(name + 2, length - 2, FIRST_DISK, FIRST_CD - FIRST_DISK, drive);
	if (!strncmp(name, "fd", 2))
		return parse_unit(name + 2, length - 2, 0, FIRST_DISK, drive);
	return !strncmp(name, "cd", 2) && parse_unit(name + 2, length - 2, FIRST_CD, 16, drive);
}

bool boot_disk_parse(const char *name, const struct bootinfo *info, u8 *drive, u32 *partition)
{
	size_t length = strcspn(name, ",");
	u64 number = 0;

	if (name[length] && (!number_word(name + length + 1, strlen(name + length + 1), &number) || !number ||
			     number > PARTITION_MAX))
		return false;
	*partition = (u32)number;
	return parse_drive(name, length, info, drive);
}

/* --- sectors --- */

/* Whole sectors of the disk for `size` bytes; the buffer has room for them. */
static enum err read_bytes(struct disk *disk, u64 lba, u64 size, void *buffer)
{
	return disk_read(disk, lba, align_up(size, disk_sector_size(disk)) >> disk->sector_shift, buffer);
}

static enum err take(struct boot_disk *b, struct disk *disk, const char *name, u64 size, paddr_t *paddr)
{
	const struct memory_where where = { .min = MIB(1), .max = GIB(4) };
	enum err err = memory_alloc(b->memory, align_up(size, disk_sector_size(disk)), &where, OWNER_STAGE, "sectors",
				    paddr);

	if (err)
		log_err("bootsector", "%s: no room for sectors bytes=%llu", name, size);
	return err;
}

static enum err take_and_read(struct boot_disk *b, struct disk *disk, const char *name, u64 lba, u64 size,
			      paddr_t *paddr)
{
	enum err err = take(b, disk, name, size, paddr);

	if (err)
		return err;
	err = read_bytes(disk, lba, size, arch_phys(*paddr, size));
	if (err)
		memory_release(b->memory, *paddr);
	return err;
}

/* --- partitions --- */

static enum err find_partition(const struct boot_disk *b, struct disk *disk, const char *name, struct partition *found)
{
	struct partition_table table;
	enum err err = partition_read(&table, disk);

	for (u32 i = 0; i < table.count && !found->sectors; i++)
		if (table.partitions[i].number == b->partition)
			*found = table.partitions[i];
	if (!found->sectors) {
		log_err("bootsector", "%s: %s has no partition %u partitions=%u", name, disk->name, b->partition,
			table.count);
		err = ERR_NOT_FOUND;
	}
	partition_free(&table);
	return found->sectors ? ERR_OK : err;
}

/*
 * The MBR as it is where its entry is the partition's. Others (logical ones, GPT) get a table with one entry of our
 * own, which has what boot sectors look at: the first sector.
 */
static void make_table(struct boot_disk *b, u8 *table, const struct partition *p)
{
	b->entry_at = MBR_ENTRIES + (p->number - 1) % MBR_ENTRY_COUNT * BOOT_DISK_ENTRY_SIZE;
	if (p->number <= MBR_ENTRY_COUNT && handover_get(table, b->entry_at + ENTRY_START, 4) == p->start)
		return;
	memset(table, 0, BOOT_DISK_SECTOR);
	b->entry_at = MBR_ENTRIES;
	table[b->entry_at] = ENTRY_ACTIVE;
	handover_put(table, b->entry_at + ENTRY_START, 4, min_u64(p->start, UINT32_MAX));
	handover_put(table, b->entry_at + ENTRY_SECTORS, 4, min_u64(p->sectors, UINT32_MAX));
}

static enum err read_partition(struct boot_disk *b, struct disk *disk, const char *name, paddr_t *data, u64 size)
{
	struct partition found = { 0 };
	enum err err = find_partition(b, disk, name, &found);

	if (!err)
		err = take_and_read(b, disk, name, found.start, size, data);
	if (err)
		return err;
	err = take_and_read(b, disk, name, 0, BOOT_DISK_SECTOR, &b->table);
	if (err)
		memory_release(b->memory, *data);
	else
		make_table(b, arch_phys(b->table, BOOT_DISK_SECTOR), &found);
	return err;
}

/* --- CDs --- */

static enum err refuse_cd(const struct disk *disk, const char *name, enum err err, const char *why, u32 value)
{
	log_err("bootsector", "%s: %s: %s: 0x%x", name, disk->name, why, value);
	return err;
}

static enum err find_catalog(struct disk *disk, const char *name, u8 *sector, u32 *lba)
{
	enum err err = disk_read(disk, BOOT_RECORD_LBA, 1, sector);

	if (err)
		return err;
	*lba = (u32)handover_get(sector, BOOT_RECORD_CATALOG, 4);
	if (memcmp(sector, boot_record, sizeof(boot_record) - 1))
		return refuse_cd(disk, name, ERR_FORMAT, "no El Torito boot record in sector", BOOT_RECORD_LBA);
	return ERR_OK;
}

static enum err check_catalog(const struct disk *disk, const char *name, const u8 *catalog)
{
	u16 sum = 0;

	for (u32 i = 0; i < DEFAULT_ENTRY; i += 2)
		sum = (u16)(sum + handover_get(catalog, i, 2));
	if (sum || catalog[0] != 1 || handover_get(catalog, VALIDATION_KEY_AT, 2) != VALIDATION_KEY)
		return refuse_cd(disk, name, ERR_VALUE, "the boot catalog is damaged, checksum", sum);
	if (catalog[DEFAULT_ENTRY] != BOOTABLE)
		return refuse_cd(disk, name, ERR_VALUE, "the catalog's default entry is not bootable, indicator",
				 catalog[DEFAULT_ENTRY]);
	if (catalog[DEFAULT_ENTRY + 1] & MEDIA_TYPE_MASK)
		return refuse_cd(disk, name, ERR_UNSUPPORTED, "emulation of a disk is not supported, media type",
				 catalog[DEFAULT_ENTRY + 1] & MEDIA_TYPE_MASK);
	return ERR_OK;
}

static enum err read_cd(struct boot_disk *b, struct disk *disk, const char *name, paddr_t *data, u64 *size)
{
	u8 *catalog;
	u32 lba, sectors;
	enum err err;

	if (disk_sector_size(disk) != CD_SECTOR)
		return refuse_cd(disk, name, ERR_FORMAT, "not a CD, bytes of a sector", disk_sector_size(disk));
	catalog = calloc(1, CD_SECTOR);
	if (!catalog)
		return refuse_cd(disk, name, ERR_MEMORY, "heap is full, bytes", CD_SECTOR);
	err = find_catalog(disk, name, catalog, &lba);
	if (!err)
		err = disk_read(disk, lba, 1, catalog);
	if (!err)
		err = check_catalog(disk, name, catalog);
	sectors = b->sectors ? b->sectors : (u32)handover_get(catalog, DEFAULT_ENTRY + 6, 2);
	b->load = handover_get(catalog, DEFAULT_ENTRY + 2, 2) << 4;
	lba = (u32)handover_get(catalog, DEFAULT_ENTRY + 8, 4);
	free(catalog);
	if (!err && !sectors)
		err = refuse_cd(disk, name, ERR_VALUE, "the catalog's default entry loads no sectors", sectors);
	*size = (u64)sectors * BOOT_DISK_SECTOR;
	return err ? err : take_and_read(b, disk, name, lba, *size, data);
}

enum err boot_disk_read(struct boot_disk *b, struct disk *disk, const char *name, paddr_t *data, u64 *size)
{
	if (b->is_cd)
		return read_cd(b, disk, name, data, size);
	*size = (u64)(b->sectors ? b->sectors : 1) * BOOT_DISK_SECTOR;
	return b->partition ? read_partition(b, disk, name, data, *size) : take_and_read(b, disk, name, 0, *size, data);
}

/* --- the source --- */

static enum err load(struct blob *blob, source_progress progress, void *ctx)
{
	struct boot_disk *b = blob->handle;
	struct disk *disk;
	const char *why;
	enum err err;

	(void)progress;
	(void)ctx;
	if (!bios_present(&why)) {
		log_err("bootsector", "%s: disks are read by the BIOS: %s", blob->name, why);
		return ERR_UNSUPPORTED;
	}
	disk = disk_bios_drive(b->drive);
	if (!disk) {
		log_err("bootsector", "%s: drive 0x%x: the BIOS has no such drive", blob->name, b->drive);
		return ERR_DEVICE;
	}
	err = boot_disk_read(b, disk, blob->name, &blob->paddr, &blob->size);
	if (!err) {
		blob->data = arch_phys(blob->paddr, blob->size);
		log_info("bootsector", "%s: read from %s partition=%u bytes=%llu", blob->name, disk->name, b->partition,
			 blob->size);
	}
	return err;
}

static void release(struct blob *blob)
{
	struct boot_disk *b = blob->handle;

	if (blob->data)
		memory_release(b->memory, blob->paddr);
	if (b->table)
		memory_release(b->memory, b->table);
	free(b);
}

static struct source source = { .origin = "disk", .load = load, .release = release };

const struct boot_disk *boot_disk_of(const struct blob *blob)
{
	return blob->source == &source ? blob->handle : NULL;
}

enum err boot_disk_find(struct memory *memory, const struct bootinfo *info, const struct manifest_image *image,
			struct blob *out)
{
	struct boot_disk *b = calloc(1, sizeof(*b));

	if (!b) {
		log_err("bootsector", "heap is full bytes=%zu", sizeof(*b));
		return ERR_MEMORY;
	}
	b->memory = memory;
	b->sectors = image->sectors;
	b->is_cd = !strcmp(image->os, "eltorito") || !strcmp(image->type, "eltorito");
	/* The manifest's reader has seen that it is understood. */
	(void)boot_disk_parse(image->disk, info, &b->drive, &b->partition);
	*out = (struct blob){
		.name = image->name, .origin = image->disk, .size = BOOT_DISK_SECTOR, .source = &source, .handle = b,
	};
	return ERR_OK;
}
