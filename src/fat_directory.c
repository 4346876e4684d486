/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Entries of a FAT directory (section 6), long names (section 7). Names that are asked for are ASCII. */
#include "fat_directory.h"

#include <string.h>

#include "cursor.h"

#define SHORT_SIZE 11
#define BASE_SIZE 8
#define PART_UNITS 13			/* UTF-16 units of a long name that one entry holds */
#define LONG_LAST 0x40
#define LONG_ORDER 0x3f

enum { ATTRIBUTE_VOLUME = 0x08, ATTRIBUTE_DIRECTORY = 0x10, ATTRIBUTE_LONG = 0x0f, ATTRIBUTE_MASK = 0x3f };
enum { ENTRY_END = 0x00, ENTRY_FREE = 0xe5 };

/* The entries of a long name come in reverse order, directly before the short one, and carry its checksum. */
struct long_name {
	bool matches;			/* so far */
	u8 next;			/* order of the entry that must follow; 0: the short one */
	u8 checksum;
};

static u8 short_checksum(const u8 *name)
{
	u8 sum = 0;

	for (u32 i = 0; i < SHORT_SIZE; i++)
		sum = (u8)((u8)(sum << 7 | sum >> 1) + name[i]);
	return sum;
}

/* Does the entry of that order hold its part of the name? A NUL ends the name unless it fills the part. */
static bool part_matches(const u8 *entry, u32 order, const char *name, size_t length)
{
	static const u8 places[PART_UNITS] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };
	size_t from = (order - 1) * PART_UNITS;

	for (u32 i = 0; i < PART_UNITS && from + i <= length; i++) {
		u32 unit = entry[places[i]] | (u32)entry[places[i] + 1] << 8;

		if (!path_same_letter(unit, from + i < length ? (u8)name[from + i] : 0))
			return false;
	}
	return true;
}

static void take_long(struct long_name *l, const u8 *entry, const char *name, size_t length)
{
	u8 order = entry[0] & LONG_ORDER, checksum = entry[13];

	if (entry[0] & LONG_LAST)
		*l = (struct long_name){
			.matches = order == (length + PART_UNITS - 1) / PART_UNITS, .next = order, .checksum = checksum
		};
	if (!order || order != l->next || checksum != l->checksum)
		l->matches = false;
	if (l->matches)
		l->matches = part_matches(entry, order, name, length);
	l->next = (u8)(order - 1);
}

static size_t trimmed(const u8 *text, size_t size)
{
	while (size && text[size - 1] == ' ')
		size--;
	return size;
}

static bool short_matches(const u8 *entry, const char *name, size_t length)
{
	size_t base = trimmed(entry, BASE_SIZE), extension = trimmed(entry + BASE_SIZE, SHORT_SIZE - BASE_SIZE);
	char text[SHORT_SIZE + 1];
	size_t size = base;

	memcpy(text, entry, base);
	if (extension) {
		text[size++] = '.';
		memcpy(text + size, entry + BASE_SIZE, extension);
		size += extension;
	}
	if (size != length)
		return false;
	for (size_t i = 0; i < size; i++)
		if (!path_same_letter((u8)text[i], (u8)name[i]))
			return false;
	return true;
}

/* Before FAT32 the high half of the cluster's number was somebody else's. */
static void read_entry(const u8 *entry, bool is_fat32, struct fat_entry *out)
{
	struct cursor c;
	u32 high;

	cursor_init(&c, entry, FAT_ENTRY_SIZE);
	cursor_seek(&c, 20);
	high = cursor_u16(&c);
	cursor_seek(&c, 26);
	out->cluster = (is_fat32 ? high << 16 : 0) | cursor_u16(&c);
	out->size = cursor_u32(&c);
	out->is_directory = entry[SHORT_SIZE] & ATTRIBUTE_DIRECTORY;
}

enum err fat_find_entry(struct volume *volume, const struct file *directory, const char *name, size_t length,
			struct fat_entry *out)
{
	struct long_name l = { 0 };

	for (u64 at = 0; at < directory->size; at += FAT_ENTRY_SIZE) {
		const u8 *entry = file_peek(volume, directory, at, FAT_ENTRY_SIZE);

		if (!entry)
			return ERR_DEVICE;
		if (entry[0] == ENTRY_END)
			break;
		if (entry[0] != ENTRY_FREE && (entry[SHORT_SIZE] & ATTRIBUTE_MASK) == ATTRIBUTE_LONG) {
			take_long(&l, entry, name, length);
			continue;
		}
		/* "." and "..": nobody needs them here. */
		if (entry[0] != ENTRY_FREE && entry[0] != '.' && !(entry[SHORT_SIZE] & ATTRIBUTE_VOLUME) &&
		    ((l.matches && !l.next && l.checksum == short_checksum(entry)) || short_matches(entry, name, length))) {
			read_entry(entry, volume->fat.bits == 32, out);
			return ERR_OK;
		}
		l.matches = false;
	}
	return ERR_NOT_FOUND;
}
