/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "partition.h"

#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "log.h"

#define TABLE_AT 446
#define ENTRY_SIZE 16u
#define ENTRIES 4u
#define SIGNATURE 0xaa55
#define FIRST_LOGICAL 5u
#define LOGICAL_MAX 128u		/* a chain that goes in a circle has no end */
#define SECTOR_MAX 4096

enum { TYPE_EMPTY = 0x00, TYPE_EXTENDED = 0x05, TYPE_EXTENDED_LBA = 0x0f, TYPE_EXTENDED_LINUX = 0x85, TYPE_GPT = 0xee };

struct mbr_entry {
	u8 type;
	u32 start, sectors;
};

enum err partition_add(struct partition_table *table, const struct disk *disk, u32 number, u64 start, u64 sectors)
{
	struct partition *partitions = table->partitions;
	u32 capacity = table->capacity ? 2 * table->capacity : 8;

	if (!sectors || start >= disk->sectors || sectors > disk->sectors - start) {
		log_warn("media",
			 "%s: partition %u leaves the disk and is left out: lba=%llu sectors=%llu, the disk has %llu",
			 disk->name, number, start, sectors, disk->sectors);
		return ERR_OK;
	}
	if (table->count == table->capacity) {
		partitions = realloc(partitions, capacity * sizeof(*partitions));
		if (!partitions) {
			log_err("media", "heap is full partitions=%u", capacity);
			return ERR_MEMORY;
		}
		table->partitions = partitions;
		table->capacity = capacity;
	}
	partitions[table->count++] = (struct partition){ number, start, sectors };
	return ERR_OK;
}

static enum err read_entries(struct disk *disk, u64 lba, struct mbr_entry *entries)
{
	u8 *sector = malloc(SECTOR_MAX);
	struct cursor c;
	enum err err = sector ? disk_read(disk, lba, 1, sector) : ERR_MEMORY;

	cursor_init(&c, sector, err ? 0 : SECTOR_MAX);
	cursor_seek(&c, TABLE_AT);
	for (u32 i = 0; i < ENTRIES; i++) {
		cursor_skip(&c, 4);
		entries[i].type = cursor_u8(&c);
		cursor_skip(&c, 3);
		entries[i].start = cursor_u32(&c);
		entries[i].sectors = cursor_u32(&c);
	}
	if (!err && cursor_u16(&c) != SIGNATURE)
		err = ERR_FORMAT;
	free(sector);
	return err;
}

static bool is_extended(const struct mbr_entry *entry)
{
	return entry->type == TYPE_EXTENDED || entry->type == TYPE_EXTENDED_LBA || entry->type == TYPE_EXTENDED_LINUX;
}

/*
 * Each sector of the chain has a partition, counted from itself, and the next one's place, counted from the chain's
 * beginning.
 */
static enum err read_chain(struct partition_table *table, struct disk *disk, u64 base)
{
	struct mbr_entry entries[ENTRIES];
	u64 at = base;
	u32 number = FIRST_LOGICAL;
	enum err err = ERR_OK;

	for (u32 links = 0; !err; links++) {
		if (links == LOGICAL_MAX) {
			log_warn("media",
				 "%s: the chain of logical partitions has more than %u links or goes in a circle lba=%llu",
				 disk->name, LOGICAL_MAX, at);
			break;
		}
		err = read_entries(disk, at, entries);
		if (err == ERR_FORMAT || err == ERR_TRUNCATED) {
			log_warn("media", "%s: the chain of logical partitions breaks off lba=%llu", disk->name, at);
			return ERR_OK;
		}
		if (!err && entries[0].type != TYPE_EMPTY)
			err = partition_add(table, disk, number++, at + entries[0].start, entries[0].sectors);
		if (err || !is_extended(&entries[1]))
			break;
		at = base + entries[1].start;
	}
	return err;
}

enum err partition_read(struct partition_table *table, struct disk *disk)
{
	struct mbr_entry entries[ENTRIES];
	enum err err = read_entries(disk, 0, entries);

	memset(table, 0, sizeof(*table));
	for (u32 i = 0; i < ENTRIES && !err; i++)
		if (entries[i].type == TYPE_GPT)
			return partition_read_gpt(table, disk);
	for (u32 i = 0; i < ENTRIES && !err; i++)
		if (entries[i].type != TYPE_EMPTY && !is_extended(&entries[i]))
			err = partition_add(table, disk, i + 1, entries[i].start, entries[i].sectors);
	for (u32 i = 0; i < ENTRIES && !err; i++)
		if (is_extended(&entries[i]))
			err = read_chain(table, disk, entries[i].start);
	return err;
}

void partition_free(struct partition_table *table)
{
	free(table->partitions);
	memset(table, 0, sizeof(*table));
}
