/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The header of format 1 (3.1): found by magic number and checksum, then every field that its flags promise. */
#include "cursor.h"
#include "log.h"
#include "multiboot.h"

#define AREA "multiboot"
#define HEADER_MAGIC 0x1badb002u
#define SEARCHED 8192u
#define HEADER_SIZE 12u
#define ADDRESSES_AT 12u
#define ADDRESSES_SIZE 20u
#define VIDEO_AT 32u
#define VIDEO_SIZE 16u

/* Bits 0 to 15 are requirements, the others offers (3.1.2). */
#define FLAG_VIDEO 0x4u
#define FLAGS_KNOWN 0x7u
#define FLAGS_REQUIRED 0xffffu
#define FLAG_ADDRESSES 0x10000u

static bool find_header(const void *data, u64 size, u64 *offset, bool *magic_only)
{
	struct cursor c;

	*magic_only = false;
	cursor_init(&c, data, min_u64(size, SEARCHED));
	while (cursor_find_u32(&c, HEADER_MAGIC, 4) && cursor_left(&c) >= HEADER_SIZE) {
		u32 sum = 0;

		*offset = c.at;
		for (u32 i = 0; i < 3; i++)
			sum += cursor_u32(&c);
		if (!sum)
			return true;
		*magic_only = true;
		cursor_seek(&c, *offset + 4);
	}
	return false;
}

const char *multiboot1_probe_bytes(const void *data, u64 size)
{
	bool magic_only;
	u64 offset;

	if (find_header(data, size, &offset, &magic_only))
		return NULL;
	return magic_only ? "0x1badb002 in the first 8 KiB, but the header's checksum is wrong"
			  : "no 0x1badb002 at a multiple of 4 in the first 8 KiB";
}

static enum err check_room(const struct blob *blob, u64 offset, u32 at, u32 size, const char *what)
{
	u64 limit = min_u64(blob->size, SEARCHED);

	if (limit - offset >= at + size)
		return ERR_OK;
	log_err(AREA, "%s: the header's %s end at 0x%llx: limit=0x%llx", blob->name, what, offset + at + size, limit);
	return ERR_TRUNCATED;
}

static enum err read_addresses(const struct blob *blob, struct cursor *c, struct multiboot_header *header)
{
	enum err err = check_room(blob, header->offset, ADDRESSES_AT, ADDRESSES_SIZE, "address fields");

	if (err)
		return err;
	cursor_seek(c, header->offset + ADDRESSES_AT);
	header->has_address = header->has_entry = true;
	header->header_addr = cursor_u32(c);
	header->load_addr = cursor_u32(c);
	header->load_end = cursor_u32(c);
	header->bss_end = cursor_u32(c);
	header->entry = cursor_u32(c);
	return ERR_OK;
}

static enum err read_video(const struct blob *blob, struct cursor *c, struct multiboot_header *header)
{
	enum err err = check_room(blob, header->offset, VIDEO_AT, VIDEO_SIZE, "video fields");
	u32 mode;

	if (err)
		return err;
	cursor_seek(c, header->offset + VIDEO_AT);
	mode = cursor_u32(c);
	if (mode > 1) {
		log_err(AREA, "%s: mode_type=%u is neither a linear framebuffer (0) nor text (1)", blob->name, mode);
		return ERR_VALUE;
	}
	header->wants_screen = true;
	header->wants_text = mode == 1;
	header->width = cursor_u32(c);
	header->height = cursor_u32(c);
	header->depth = cursor_u32(c);
	return ERR_OK;
}

enum err multiboot1_parse(const struct blob *blob, struct multiboot_header *header)
{
	struct cursor c;
	bool magic_only;
	u32 unknown;
	enum err err;

	*header = (struct multiboot_header){ 0 };
	if (!find_header(blob->data, blob->size, &header->offset, &magic_only)) {
		log_err(AREA, "%s: %s", blob->name, multiboot1_probe_bytes(blob->data, blob->size));
		return ERR_MAGIC;
	}
	cursor_init(&c, blob->data, blob->size);
	cursor_seek(&c, header->offset + 4);
	header->flags = cursor_u32(&c);
	unknown = header->flags & FLAGS_REQUIRED & ~FLAGS_KNOWN;
	if (unknown) {
		log_err(AREA, "%s: flags=0x%08x: requirement %u is not known", blob->name, header->flags,
			(u32)__builtin_ctz(unknown));
		return ERR_UNSUPPORTED;
	}
	err = header->flags & FLAG_ADDRESSES ? read_addresses(blob, &c, header) : ERR_OK;
	if (!err && header->flags & FLAG_VIDEO)
		err = read_video(blob, &c, header);
	return err;
}
