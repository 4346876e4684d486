/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The header of format 2 (3.1) and its tags. A tag that is not known is refused unless it says that it is optional. */
#include "cursor.h"
#include "log.h"
#include "multiboot.h"

#define AREA "multiboot2"
#define HEADER_MAGIC 0xe85250d6u
#define SEARCHED 32768u
#define HEADER_SIZE 16u
#define ARCHITECTURE_I386 0
#define TAG_SIZE 8u
#define TAG_OPTIONAL 0x1u
/* What of the information block can be asked for: numbers 0 to 21 (3.6). */
#define INFORMATION_COUNT 22u

struct tag {
	u32 type, size;
	bool optional;
	u64 at;				/* in the file */
};

struct reader {
	const struct blob *blob;
	struct multiboot_header *header;
	struct tag tag;
	struct cursor c;		/* the tag's payload */
};

static bool find_header(const void *data, u64 size, u64 *offset, bool *magic_only)
{
	struct cursor c;

	*magic_only = false;
	cursor_init(&c, data, min_u64(size, SEARCHED));
	while (cursor_find_u32(&c, HEADER_MAGIC, 8) && cursor_left(&c) >= HEADER_SIZE) {
		u32 sum = 0;

		*offset = c.at;
		for (u32 i = 0; i < 4; i++)
			sum += cursor_u32(&c);
		if (!sum)
			return true;
		*magic_only = true;
		cursor_seek(&c, *offset + 8);
	}
	return false;
}

const char *multiboot2_probe_bytes(const void *data, u64 size)
{
	bool magic_only;
	u64 offset;

	if (find_header(data, size, &offset, &magic_only))
		return NULL;
	return magic_only ? "0xe85250d6 in the first 32 KiB, but the header's checksum is wrong"
			  : "no 0xe85250d6 at a multiple of 8 in the first 32 KiB";
}

static enum err refuse(const struct reader *r, const char *field, u64 value, const char *wanted)
{
	log_err(AREA, "%s: header tag %u: %s=0x%llx: %s", r->blob->name, r->tag.type, field, value, wanted);
	return ERR_VALUE;
}

static enum err read_request(struct reader *r)
{
	while (cursor_left(&r->c) >= 4) {
		u32 type = cursor_u32(&r->c);

		if (type < INFORMATION_COUNT)
			continue;
		if (!r->tag.optional)
			return refuse(r, "requested information", type, "not known; 0 to 21 are");
		log_info(AREA, "%s: asks for information %u, which is not known", r->blob->name, type);
	}
	return ERR_OK;
}

static enum err read_address(struct reader *r)
{
	r->header->has_address = true;
	r->header->header_addr = cursor_u32(&r->c);
	r->header->load_addr = cursor_u32(&r->c);
	r->header->load_end = cursor_u32(&r->c);
	r->header->bss_end = cursor_u32(&r->c);
	return ERR_OK;
}

static enum err read_entry(struct reader *r)
{
	r->header->has_entry = true;
	r->header->entry = cursor_u32(&r->c);
	return ERR_OK;
}

/* 3.1.8: bit 0 a console must be there, bit 1 EGA text can be dealt with. */
static enum err read_console(struct reader *r)
{
	r->header->needs_console = (cursor_u32(&r->c) & 1) && !r->tag.optional;
	return ERR_OK;
}

static enum err read_framebuffer(struct reader *r)
{
	r->header->wants_screen = true;
	r->header->width = cursor_u32(&r->c);
	r->header->height = cursor_u32(&r->c);
	r->header->depth = cursor_u32(&r->c);
	return ERR_OK;
}

/* Modules are on page boundaries anyway. */
static enum err read_nothing(struct reader *r)
{
	(void)r;
	return ERR_OK;
}

static enum err read_boot_services(struct reader *r)
{
	if (r->tag.optional) {
		log_info(AREA, "%s: would take EFI boot services, which have ended", r->blob->name);
		return ERR_OK;
	}
	log_err(AREA, "%s: header tag 7: requires EFI boot services, and they have ended: the boot loader before us "
		"left them", r->blob->name);
	return ERR_UNSUPPORTED;
}

/* 3.1.10, 3.1.11: the entries count only together with boot services. */
static enum err read_efi_entry(struct reader *r)
{
	log_debug(AREA, "%s: EFI entry 0x%x is left alone: boot services have ended", r->blob->name, cursor_u32(&r->c));
	return ERR_OK;
}

static enum err read_relocatable(struct reader *r)
{
	struct multiboot_header *h = r->header;

	h->relocatable = true;
	h->min = cursor_u32(&r->c);
	h->max = cursor_u32(&r->c);
	h->align = cursor_u32(&r->c);
	h->preference = cursor_u32(&r->c);
	if (!is_power_of_two(h->align))
		return refuse(r, "align", h->align, "no power of two");
	if (h->min > h->max)
		return refuse(r, "min_addr", h->min, "above max_addr");
	if (h->preference > MULTIBOOT_PREFER_HIGH)
		return refuse(r, "preference", h->preference, "not known; 0 to 2 are");
	return ERR_OK;
}

struct kind {
	enum err (*read)(struct reader *r);
	u32 size;			/* at least; the tag's head included */
};

static const struct kind kinds[] = {
	[1] = { read_request, 8 },	 [2] = { read_address, 24 },	 [3] = { read_entry, 12 },
	[4] = { read_console, 12 },	 [5] = { read_framebuffer, 20 }, [6] = { read_nothing, 8 },
	[7] = { read_boot_services, 8 }, [8] = { read_efi_entry, 12 },	 [9] = { read_efi_entry, 12 },
	[10] = { read_relocatable, 24 },
};

static enum err read_tag(struct reader *r, u32 *seen)
{
	const struct kind *kind = r->tag.type < ARRAY_COUNT(kinds) ? &kinds[r->tag.type] : NULL;

	if (!kind || !kind->read) {
		if (!r->tag.optional) {
			log_err(AREA, "%s: header tag %u is required and not known", r->blob->name, r->tag.type);
			return ERR_UNSUPPORTED;
		}
		log_info(AREA, "%s: header tag %u is not known and optional: ignored", r->blob->name, r->tag.type);
		return ERR_OK;
	}
	if (r->tag.size < kind->size) {
		log_err(AREA, "%s: header tag %u: size=%u is below %u", r->blob->name, r->tag.type, r->tag.size,
			kind->size);
		return ERR_VALUE;
	}
	if (*seen >> r->tag.type & 1) {
		log_err(AREA, "%s: header tag %u is there twice", r->blob->name, r->tag.type);
		return ERR_DUPLICATE;
	}
	*seen |= 1u << r->tag.type;
	return kind->read(r);
}

/* The next tag within the header's `length` bytes; sizes below the tag's own head would lead nowhere. */
static enum err next_tag(struct reader *r, struct cursor *tags, u64 length)
{
	struct tag *tag = &r->tag;
	u32 flags;

	tag->at = align_up(tags->at, 8);
	cursor_seek(tags, tag->at);
	if (cursor_left(tags) < TAG_SIZE) {
		log_err(AREA, "%s: the header's %llu bytes end without an end tag", r->blob->name, length);
		return ERR_TRUNCATED;
	}
	tag->type = cursor_u16(tags);
	flags = cursor_u16(tags);
	tag->size = cursor_u32(tags);
	tag->optional = flags & TAG_OPTIONAL;
	if (tag->size < TAG_SIZE || tag->size - TAG_SIZE > cursor_left(tags)) {
		log_err(AREA, "%s: header tag %u at 0x%llx: size=%u is not within 8..%llu", r->blob->name, tag->type,
			r->header->offset + tag->at, tag->size, cursor_left(tags) + TAG_SIZE);
		return ERR_VALUE;
	}
	r->c = cursor_sub(tags, tag->size - TAG_SIZE);
	return ERR_OK;
}

static enum err read_tags(struct reader *r, u32 length)
{
	struct cursor tags;
	u32 seen = 0;
	enum err err;

	cursor_init(&tags, (const u8 *)r->blob->data + r->header->offset, length);
	cursor_seek(&tags, HEADER_SIZE);
	for (;;) {
		err = next_tag(r, &tags, length);
		if (err || !r->tag.type)
			return err;
		err = read_tag(r, &seen);
		if (err)
			return err;
	}
}

static enum err check_head(const struct blob *blob, const struct multiboot_header *header, u32 *length)
{
	u64 limit = min_u64(blob->size, SEARCHED) - header->offset;
	u32 architecture;
	struct cursor c;

	cursor_init(&c, blob->data, blob->size);
	cursor_seek(&c, header->offset + 4);
	architecture = cursor_u32(&c);
	*length = cursor_u32(&c);
	if (architecture != ARCHITECTURE_I386) {
		log_err(AREA, "%s: architecture=%u is not i386 (0)", blob->name, architecture);
		return ERR_UNSUPPORTED;
	}
	if (*length >= HEADER_SIZE && *length <= limit)
		return ERR_OK;
	log_err(AREA, "%s: header_length=%u is not within %u..%llu", blob->name, *length, HEADER_SIZE, limit);
	return ERR_TRUNCATED;
}

enum err multiboot2_parse(const struct blob *blob, struct multiboot_header *header)
{
	struct reader r = { .blob = blob, .header = header };
	bool magic_only;
	u32 length;
	enum err err;

	*header = (struct multiboot_header){ 0 };
	if (!find_header(blob->data, blob->size, &header->offset, &magic_only)) {
		log_err(AREA, "%s: %s", blob->name, multiboot2_probe_bytes(blob->data, blob->size));
		return ERR_MAGIC;
	}
	err = check_head(blob, header, &length);
	if (!err)
		err = read_tags(&r, length);
	if (!err && header->has_address && !header->has_entry) {
		log_err(AREA, "%s: header tag 2 gives addresses, and no tag 3 the entry", blob->name);
		return ERR_NOT_FOUND;
	}
	return err;
}
