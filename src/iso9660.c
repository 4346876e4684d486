/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Volume descriptors and directories (ECMA-119, clauses 8 and 9); paths and files are in iso9660_path.c. */
#include "iso9660.h"

#include <string.h>

#include "cursor.h"
#include "iso9660_directory.h"
#include "log.h"

#define DESCRIPTORS_MAX 32
#define FIRST_DESCRIPTOR 16u
#define LABEL_AT 40
#define LABEL_SIZE 32
#define BLOCKS_AT 80
#define ESCAPES_AT 88
#define BLOCK_SIZE_AT 128
#define ROOT_AT 156

enum { DESCRIPTOR_PRIMARY = 1, DESCRIPTOR_SUPPLEMENTARY = 2, DESCRIPTOR_END = 255 };

static u32 both_endian(struct cursor *c)
{
	u32 value = cursor_u32(c);

	cursor_skip(c, 4);
	return value;
}

/* 9.1, of a record that lies whole within `size` bytes. */
static bool read_record(const u8 *data, u32 size, struct iso9660_record *record)
{
	struct cursor c;
	u32 area;

	cursor_init(&c, data, size);
	record->size = cursor_u8(&c);
	record->block = cursor_u8(&c);
	record->block += both_endian(&c);
	record->bytes = both_endian(&c);
	cursor_skip(&c, 7);
	record->flags = cursor_u8(&c);
	record->unit = cursor_u8(&c);
	cursor_skip(&c, 5);
	record->id_size = cursor_u8(&c);
	area = ISO9660_RECORD_MIN - 1 + record->id_size + !(record->id_size & 1);
	if (c.failed || !record->id_size || record->size > size || area > record->size + 1u)
		return false;
	memcpy(record->data, data, record->size);
	record->id = record->data + ISO9660_RECORD_MIN - 1;
	record->area = record->data + area;
	record->area_size = area < record->size ? record->size - area : 0;
	return true;
}

enum err iso9660_next(struct volume *volume, struct iso9660_walk *walk, struct iso9660_record *record)
{
	while (walk->at < walk->size) {
		u32 left = ISO9660_BLOCK - (walk->at & (ISO9660_BLOCK - 1));
		const u8 *data = volume_peek(volume, ((u64)walk->block << ISO9660_BLOCK_SHIFT) + walk->at, left);

		if (!data)
			return ERR_DEVICE;
		if (!data[0]) {		/* records do not cross blocks (6.8.1.1) */
			walk->at += left;
			continue;
		}
		if (data[0] < ISO9660_RECORD_MIN || !read_record(data, left, record)) {
			log_err("media", "%s: damaged directory record block=%u offset=%u bytes=%u", volume->name,
				walk->block, walk->at, data[0]);
			return ERR_VALUE;
		}
		walk->at += record->size;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

enum err iso9660_open_directory(struct volume *volume, u32 block, u32 size, struct iso9660_walk *walk)
{
	struct iso9660_record self;
	enum err err;

	*walk = (struct iso9660_walk){ block, size ? size : ISO9660_BLOCK, 0 };
	if (size)
		return ERR_OK;
	/* Its own first record knows how long it is. */
	err = iso9660_next(volume, walk, &self);
	*walk = (struct iso9660_walk){ block, err ? 0 : self.bytes, 0 };
	return err;
}

/* Joliet: UCS-2 of level 1, 2 or 3. */
static bool is_joliet(const u8 *escapes)
{
	return escapes[0] == '%' && escapes[1] == '/' && (escapes[2] == '@' || escapes[2] == 'C' || escapes[2] == 'E');
}

static void take_root(struct volume *volume, const u8 *descriptor, enum iso9660_names names)
{
	struct iso9660_record root;

	if (!read_record(descriptor + ROOT_AT, ISO9660_RECORD_MIN, &root))
		return;
	volume->iso9660.names = names;
	volume->iso9660.root_block = root.block;
	volume->iso9660.root_size = root.bytes;
}

static enum err take_primary(struct volume *volume, const u8 *descriptor)
{
	u32 block = descriptor[BLOCK_SIZE_AT] | (u32)descriptor[BLOCK_SIZE_AT + 1] << 8;
	size_t length = LABEL_SIZE;
	struct cursor c;

	cursor_init(&c, descriptor, ISO9660_BLOCK);
	cursor_seek(&c, BLOCKS_AT);
	/* Drives for CDs do not always know how many sectors there are. */
	volume->size = min_u64(volume->size, (u64)cursor_u32(&c) << ISO9660_BLOCK_SHIFT);
	if (block != ISO9660_BLOCK) {
		log_warn("media", "%s: ISO 9660 with blocks of %u bytes, %u are supported", volume->name, block,
			 ISO9660_BLOCK);
		return ERR_UNSUPPORTED;
	}
	while (length && descriptor[LABEL_AT + length - 1] == ' ')
		length--;
	memcpy(volume->label, descriptor + LABEL_AT, length);
	volume->label[length] = '\0';
	take_root(volume, descriptor, ISO9660_PLAIN);
	return ERR_OK;
}

static enum err find_rock_ridge(struct volume *volume)
{
	struct iso9660 *iso = &volume->iso9660;
	struct iso9660_record self;
	struct iso9660_walk walk;
	enum err err = iso9660_open_directory(volume, iso->root_block, iso->root_size, &walk);

	if (!err)
		err = iso9660_next(volume, &walk, &self);
	if (!err && rock_ridge_begins(self.area, self.area_size, &iso->skip))
		iso->names = ISO9660_ROCK_RIDGE;
	return err;
}

/* Rock Ridge hangs on the primary descriptor's tree, Joliet has one of its own; the former keeps names as they were. */
static enum err mount(struct volume *volume)
{
	static const char *const flavours[] = {
		[ISO9660_PLAIN] = "plain names", [ISO9660_ROCK_RIDGE] = "Rock Ridge", [ISO9660_JOLIET] = "Joliet"
	};
	enum err err = ERR_FORMAT;

	for (u32 i = 0; i < DESCRIPTORS_MAX && volume->iso9660.names == ISO9660_PLAIN; i++) {
		u64 at = (u64)(FIRST_DESCRIPTOR + i) << ISO9660_BLOCK_SHIFT;
		const u8 *d = at + ISO9660_BLOCK <= volume->size ? volume_peek(volume, at, ISO9660_BLOCK) : NULL;

		if (!d)
			return at + ISO9660_BLOCK <= volume->size ? ERR_DEVICE : ERR_FORMAT;
		if (memcmp(d + 1, "CD001", 5) || d[0] == DESCRIPTOR_END)
			break;
		if (d[0] == DESCRIPTOR_PRIMARY && err == ERR_FORMAT) {
			err = take_primary(volume, d);
			if (!err)
				err = find_rock_ridge(volume);
		} else if (d[0] == DESCRIPTOR_SUPPLEMENTARY && !err && is_joliet(d + ESCAPES_AT)) {
			take_root(volume, d, ISO9660_JOLIET);
		}
	}
	volume->flavour = flavours[volume->iso9660.names];
	return err;
}

const struct filesystem filesystem_iso9660 = { "ISO 9660", mount, iso9660_find };
