/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The boot sector, the table, and paths; directories are in fat_directory.c. */
#include "fat.h"

#include <string.h>

#include "cursor.h"
#include "fat_directory.h"
#include "log.h"
#include "volume.h"

#define BOOT_SIZE 512
#define BOOT_SIGNATURE 0xaa55
#define DIRECTORY_LIMIT MIB(2)		/* 65536 entries (section 6) */
#define LABEL_SIZE 11
#define FAT12_CLUSTERS 4085		/* fewer: FAT12 (section 3.5) */
#define FAT12_TABLE_SIZE KIB(6)		/* for 4096 entries */
#define FIRST_CLUSTER 2
#define MIRRORING_OFF 0x80	/* in the flags of FAT32: bits 0 to 3 number the table that counts */

/* The boot sector's fields (sections 3.1 to 3.3), in sectors unless they say otherwise. */
struct boot_sector {
	u16 sector_size, reserved, root_entries;
	u8 cluster_sectors, tables, media;
	u32 sectors, table_sectors;
	bool is_fat32;
	u16 flags, version;		/* FAT32 */
	u32 root_cluster;
	const char *label;		/* in place, LABEL_SIZE bytes; NULL: none */
};

static void read_label(struct boot_sector *b, const u8 *data)
{
	u32 at = b->is_fat32 ? 66 : 38;

	b->label = data[at] == 0x29 ? (const char *)data + at + 5 : NULL;
}

static bool read_boot_sector(struct boot_sector *b, const u8 *data)
{
	struct cursor c;

	cursor_init(&c, data, BOOT_SIZE);
	cursor_skip(&c, 11);
	b->sector_size = cursor_u16(&c);
	b->cluster_sectors = cursor_u8(&c);
	b->reserved = cursor_u16(&c);
	b->tables = cursor_u8(&c);
	b->root_entries = cursor_u16(&c);
	b->sectors = cursor_u16(&c);
	b->media = cursor_u8(&c);
	b->table_sectors = cursor_u16(&c);
	cursor_seek(&c, 32);
	b->sectors = b->sectors ? b->sectors : cursor_u32(&c);
	b->is_fat32 = !b->table_sectors;
	cursor_seek(&c, 36);
	if (b->is_fat32) {
		b->table_sectors = cursor_u32(&c);
		b->flags = cursor_u16(&c);
		b->version = cursor_u16(&c);
		b->root_cluster = cursor_u32(&c);
	}
	read_label(b, data);
	cursor_seek(&c, 510);
	return cursor_u16(&c) == BOOT_SIGNATURE;
}

/* Other boot sectors have code or zeros where these are. */
static bool is_fat(const struct boot_sector *b)
{
	return is_power_of_two(b->sector_size) && b->sector_size >= 512 && b->sector_size <= VOLUME_PEEK_MAX &&
	       is_power_of_two(b->cluster_sectors) && b->reserved && b->tables && (b->media == 0xf0 || b->media >= 0xf8) &&
	       b->sectors && b->table_sectors && !b->version;
}

static enum err lay_out(struct volume *volume, const struct boot_sector *b)
{
	struct fat *fat = &volume->fat;
	u32 shift = (u32)__builtin_ctz(b->sector_size), active = b->flags & MIRRORING_OFF ? b->flags & 15 : 0;
	u64 table_size = (u64)b->table_sectors << shift, end = (u64)b->sectors << shift, clusters, entries;

	fat->cluster_shift = (u8)(shift + (u32)__builtin_ctz(b->cluster_sectors));
	fat->root = ((u64)b->reserved << shift) + b->tables * table_size;
	fat->root_size = b->root_entries * FAT_ENTRY_SIZE;
	fat->root_cluster = b->root_cluster;
	fat->data = align_up(fat->root + fat->root_size, b->sector_size);
	if (active >= b->tables || fat->data > end || end > volume->size) {
		log_warn("media", "%s: FAT boot sector is damaged: table=%u of %u, data=%llu bytes=%llu volume=%llu",
			 volume->name, active, b->tables, fat->data, end, volume->size);
		return ERR_VALUE;
	}
	fat->table = ((u64)b->reserved << shift) + active * table_size;
	clusters = (end - fat->data) >> fat->cluster_shift;
	fat->bits = b->is_fat32 ? 32 : clusters < FAT12_CLUSTERS ? 12 : 16;
	/* Clusters that the table has no entry for cannot be in any chain. */
	entries = fat->bits == 12 ? (u32)min_u64(table_size, FAT12_TABLE_SIZE) * 2 / 3 : table_size >> (fat->bits == 16 ? 1 : 2);
	fat->cluster_end = (u32)min_u64(clusters + FIRST_CLUSTER, entries);
	return ERR_OK;
}

static enum err mount(struct volume *volume)
{
	const u8 *data = volume->size < BOOT_SIZE ? NULL : volume_peek(volume, 0, BOOT_SIZE);
	struct boot_sector b = { 0 };
	size_t length = LABEL_SIZE;
	enum err err;

	if (!data)
		return volume->size < BOOT_SIZE ? ERR_FORMAT : ERR_DEVICE;
	if (!read_boot_sector(&b, data) || !is_fat(&b))
		return ERR_FORMAT;
	err = lay_out(volume, &b);
	while (b.label && length && b.label[length - 1] == ' ')
		length--;
	memcpy(volume->label, b.label ? b.label : "", b.label ? length : 0);
	volume->label[b.label ? length : 0] = '\0';
	volume->flavour = volume->fat.bits == 12 ? "FAT12" : volume->fat.bits == 16 ? "FAT16" : "FAT32";
	return err;
}

/* The entry of a cluster: the next one's number, or what is above all numbers at the end. False: cannot be read. */
static bool next_cluster(struct volume *volume, u32 *cluster)
{
	const struct fat *fat = &volume->fat;
	u64 at = fat->bits == 12 ? *cluster + *cluster / 2 : (u64)*cluster * (fat->bits / 8);
	u32 size = fat->bits == 32 ? 4 : 2;
	const void *entry = volume_peek(volume, fat->table + at, size);
	struct cursor c;

	if (!entry)
		return false;
	cursor_init(&c, entry, size);
	if (fat->bits == 32)
		*cluster = cursor_u32(&c) & 0x0fffffff;
	else if (fat->bits == 16)
		*cluster = cursor_u16(&c);
	else
		*cluster = (u32)cursor_u16(&c) >> (*cluster & 1 ? 4 : 0) & 0xfff;
	return true;
}

static bool is_end(const struct fat *fat, u32 cluster)
{
	return cluster >= (0x0ffffff8u & ((1u << (fat->bits == 32 ? 28 : fat->bits)) - 1));
}

static enum err refuse_chain(struct volume *volume, const char *what, u32 cluster, const struct file *file)
{
	log_err("media", "%s: the FAT is damaged: %s cluster=%u limit=%u bytes=%llu", volume->name, what, cluster,
		volume->fat.cluster_end, file->size);
	return ERR_VALUE;
}

/* Append the next cluster of a chain, or its first `size` bytes, and go on to the one behind. */
static enum err add_cluster(struct volume *volume, struct file *file, u32 *cluster, u64 size)
{
	const struct fat *fat = &volume->fat;
	enum err err;

	if (is_end(fat, *cluster))
		return refuse_chain(volume, "a chain ends before its file", *cluster, file);
	if (*cluster < FIRST_CLUSTER || *cluster >= fat->cluster_end)
		return refuse_chain(volume, "a chain leaves the volume", *cluster, file);
	err = file_add(volume, file, fat->data + ((u64)(*cluster - FIRST_CLUSTER) << fat->cluster_shift), size);
	if (!err && !next_cluster(volume, cluster))
		err = ERR_DEVICE;
	return err;
}

/* A chain with a loop in it has no end, so it is found by counting. */
static enum err open_file(struct volume *volume, const struct fat_entry *entry, struct file *file)
{
	u64 cluster_size = 1ull << volume->fat.cluster_shift;
	u32 cluster = entry->cluster;
	enum err err = ERR_OK;

	while (file->size < entry->size && !err)
		err = add_cluster(volume, file, &cluster, min_u64(entry->size - file->size, cluster_size));
	if (!err && entry->size && !is_end(&volume->fat, cluster))
		err = refuse_chain(volume, "a chain goes on behind its file, or in a circle", cluster, file);
	return err;
}

static enum err open_directory(struct volume *volume, const struct fat_entry *entry, struct file *file)
{
	const struct fat *fat = &volume->fat;
	u32 cluster = entry->cluster;
	enum err err = ERR_OK;

	if (!cluster)
		return file_add(volume, file, fat->root, fat->root_size);
	do {
		err = add_cluster(volume, file, &cluster, 1ull << fat->cluster_shift);
		if (!err && file->size > DIRECTORY_LIMIT)
			err = refuse_chain(volume, "a directory is too long, or goes in a circle", cluster, file);
	} while (!err && !is_end(fat, cluster));
	return err;
}

static enum err find(struct volume *volume, const char *path, struct file *file)
{
	struct fat_entry entry = { .cluster = volume->fat.root_cluster, .is_directory = true };
	const char *part;
	size_t length;
	enum err err = ERR_OK;

	while (!err && (length = path_part(&path, &part))) {
		struct file directory = { 0 };

		if (!entry.is_directory)
			return ERR_NOT_FOUND;
		err = open_directory(volume, &entry, &directory);
		if (!err)
			err = fat_find_entry(volume, &directory, part, length, &entry);
		file_free(&directory);
	}
	if (!err && entry.is_directory)
		err = ERR_NOT_FOUND;
	return err ? err : open_file(volume, &entry, file);
}

const struct filesystem filesystem_fat = { "FAT", mount, find };
