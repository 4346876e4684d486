/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

/* Only the declarations of zlib that need no C library behind them. */
#define Z_SOLO
#include <zlib.h>

#include "cursor.h"
#include "log.h"
#include "partition.h"

#define HEADER_MIN 92u
#define CHECKSUM_AT 16
#define SECTOR_MAX 4096
#define ENTRY_MIN 128u
#define ENTRIES_SIZE_MAX KIB(512)

/* UEFI 2.9, table 5-5. */
struct gpt_header {
	u64 entries_lba;
	u32 entry_count, entry_size, entries_checksum;
};

/* What is wrong with a header that was read from `lba`, or NULL. */
static const char *parse_header(u8 *sector, u32 size, u64 lba, struct gpt_header *h)
{
	struct cursor c;
	u32 header_size, checksum;

	if (memcmp(sector, "EFI PART", 8))
		return "no signature";
	cursor_init(&c, sector, size);
	cursor_seek(&c, 12);
	header_size = cursor_u32(&c);
	checksum = cursor_u32(&c);
	cursor_skip(&c, 4);
	if (header_size < HEADER_MIN || header_size > size)
		return "impossible header size";
	if (cursor_u64(&c) != lba)
		return "it belongs elsewhere";
	cursor_seek(&c, 72);
	h->entries_lba = cursor_u64(&c);
	h->entry_count = cursor_u32(&c);
	h->entry_size = cursor_u32(&c);
	h->entries_checksum = cursor_u32(&c);
	/* The checksum was taken while its own field was 0. */
	memset(sector + CHECKSUM_AT, 0, 4);
	if (crc32(0, sector, header_size) != checksum)
		return "wrong checksum";
	if (h->entry_size < ENTRY_MIN || !is_power_of_two(h->entry_size) || h->entry_count > ENTRIES_SIZE_MAX / h->entry_size)
		return "impossible table size";
	return NULL;
}

static const char *read_table(struct disk *disk, u64 lba, struct gpt_header *h, u8 **entries)
{
	u64 sectors;
	const char *flaw;
	u8 *sector = malloc(SECTOR_MAX);

	if (!sector)
		return "heap is full";
	flaw = disk_read(disk, lba, 1, sector) ? "cannot be read" : parse_header(sector, disk_sector_size(disk), lba, h);
	free(sector);
	if (flaw)
		return flaw;
	sectors = align_up(h->entry_count * h->entry_size, disk_sector_size(disk)) >> disk->sector_shift;
	*entries = malloc((size_t)(sectors << disk->sector_shift) + 1);
	if (!*entries)
		return "heap is full";
	if (disk_read(disk, h->entries_lba, sectors, *entries))
		return "its table cannot be read";
	return crc32(0, *entries, h->entry_count * h->entry_size) == h->entries_checksum ? NULL : "wrong checksum of its table";
}

/* Table 5-6: two GUIDs, first and last sector. A type of zeros: not used. */
static enum err add_entry(struct partition_table *table, struct disk *disk, u32 number, const u8 *entry)
{
	struct cursor c;
	u64 type, first, last;

	cursor_init(&c, entry, ENTRY_MIN);
	type = cursor_u64(&c);
	type |= cursor_u64(&c);
	cursor_skip(&c, 16);
	first = cursor_u64(&c);
	last = cursor_u64(&c);
	if (!type)
		return ERR_OK;
	/* One that ends before it begins is empty, which is refused with a line; so is one whose size wraps to 0. */
	return partition_add(table, disk, number, first, last < first ? 0 : last - first + 1);
}

enum err partition_read_gpt(struct partition_table *table, struct disk *disk)
{
	u64 copies[] = { 1, disk->sectors - 1 };
	const char *flaw = "";
	enum err err = ERR_OK;

	for (u32 i = 0; i < ARRAY_COUNT(copies) && flaw; i++) {
		struct gpt_header h = { 0 };
		u8 *entries = NULL;

		flaw = read_table(disk, copies[i], &h, &entries);
		if (flaw)
			log_warn("media", "%s: %s GPT: %s lba=%llu", disk->name, i ? "second" : "first", flaw,
				 copies[i]);
		for (u32 n = 0; !flaw && !err && n < h.entry_count; n++)
			err = add_entry(table, disk, n + 1, entries + (size_t)n * h.entry_size);
		free(entries);
	}
	return flaw ? ERR_FORMAT : err;
}
