/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SUSP 1.12 for the frame (SP, CE, ST), RRIP 1.12 for what is in it (NM, SL, CL, RE). */
#include "rock_ridge.h"

#include <string.h>

#include "cursor.h"
#include "log.h"

#define BLOCK_SHIFT 11
#define ENTRY_HEADER_SIZE 4
#define CONTINUATIONS_MAX 32		/* of one record; a circle of them has no end */
#define SIGNATURE(a, b) ((u16)((a) | (b) << 8))

enum { NAME_CURRENT = 2, NAME_PARENT = 4 };
enum { PART_CONTINUES = 1, PART_CURRENT = 2, PART_PARENT = 4, PART_ROOT = 8 };

struct continuation {
	u32 block, offset, size;
};

/* Where SL's text stands: a slash goes before the next part, but not between pieces of one. */
struct reader {
	struct rock_ridge *out;
	struct continuation next;
	bool is_open;			/* the last part goes on */
};

bool rock_ridge_begins(const u8 *area, u32 size, u8 *skip)
{
	static const u8 begin[] = { 'S', 'P', 7, 1, 0xbe, 0xef };

	if (size < 7 || memcmp(area, begin, sizeof(begin)))
		return false;
	*skip = area[6];
	return true;
}

static void append(char *text, bool *is_cut, const void *bytes, size_t size)
{
	size_t used = strlen(text);

	if (!bytes || memchr(bytes, '\0', size))
		return;
	if (size >= ROCK_RIDGE_TEXT - used) {
		*is_cut = true;
		return;
	}
	memcpy(text + used, bytes, size);
	text[used + size] = '\0';
}

static void take_name(struct reader *r, struct cursor c)
{
	u8 flags = cursor_u8(&c);
	u64 size = cursor_left(&c);

	if (!(flags & (NAME_CURRENT | NAME_PARENT)))
		append(r->out->name, &r->out->is_name_cut, cursor_bytes(&c, size), size);
}

static void take_part(struct reader *r, u8 flags, const void *text, size_t size)
{
	char *target = r->out->target;
	bool *is_cut = &r->out->is_target_cut;

	if (target[0] && !r->is_open && strcmp(target, "/"))
		append(target, is_cut, "/", 1);
	if (flags & PART_CURRENT)
		append(target, is_cut, ".", 1);
	else if (flags & PART_PARENT)
		append(target, is_cut, "..", 2);
	else if (flags & PART_ROOT)
		append(target, is_cut, "/", 1);
	else
		append(target, is_cut, text, size);
	r->is_open = flags & PART_CONTINUES;
}

static void take_link(struct reader *r, struct cursor c)
{
	cursor_skip(&c, 1);
	while (!c.failed && cursor_left(&c) >= 2) {
		u8 flags = cursor_u8(&c), size = cursor_u8(&c);
		const void *text = cursor_bytes(&c, size);

		if (!c.failed)
			take_part(r, flags, text, size);
	}
}

/* Numbers stand twice, little-endian first. */
static u32 both_endian(struct cursor *c)
{
	u32 value = cursor_u32(c);

	cursor_skip(c, 4);
	return value;
}

static void take_continuation(struct reader *r, struct cursor c)
{
	r->next.block = both_endian(&c);
	r->next.offset = both_endian(&c);
	r->next.size = both_endian(&c);
	if (c.failed)
		r->next.size = 0;
}

static void take_entry(struct reader *r, u16 signature, struct cursor c)
{
	switch (signature) {
	case SIGNATURE('N', 'M'):
		take_name(r, c);
		break;
	case SIGNATURE('S', 'L'):
		take_link(r, c);
		break;
	case SIGNATURE('C', 'E'):
		take_continuation(r, c);
		break;
	case SIGNATURE('C', 'L'):
		r->out->child = both_endian(&c);
		break;
	case SIGNATURE('R', 'E'):
		r->out->is_relocated = true;
		break;
	case SIGNATURE('Z', 'F'):
		r->out->is_packed = true;
		break;
	}
}

static void take_area(struct reader *r, const u8 *area, u32 size)
{
	struct cursor c;

	cursor_init(&c, area, size);
	while (cursor_left(&c) >= ENTRY_HEADER_SIZE) {
		u16 signature = cursor_u16(&c);
		u8 length = cursor_u8(&c);
		struct cursor entry;

		cursor_skip(&c, 1);
		if (length < ENTRY_HEADER_SIZE || signature == SIGNATURE('S', 'T'))
			break;
		entry = cursor_sub(&c, length - ENTRY_HEADER_SIZE);
		if (c.failed)
			break;
		take_entry(r, signature, entry);
	}
}

enum err rock_ridge_read(struct volume *volume, const u8 *area, u32 size, struct rock_ridge *out)
{
	struct reader r = { .out = out };
	u32 count = 0;

	memset(out, 0, sizeof(*out));
	take_area(&r, area, size);
	while (r.next.size) {
		struct continuation at = r.next;

		if (at.size > VOLUME_PEEK_MAX || ++count > CONTINUATIONS_MAX) {
			log_err("media",
				"%s: Rock Ridge continuation block=%u bytes=%u number=%u: limits are %u and %u",
				volume->name, at.block, at.size, count, VOLUME_PEEK_MAX, CONTINUATIONS_MAX);
			return ERR_VALUE;
		}
		area = volume_peek(volume, ((u64)at.block << BLOCK_SHIFT) + at.offset, at.size);
		if (!area)
			return ERR_DEVICE;
		r.next.size = 0;
		take_area(&r, area, at.size);
	}
	return ERR_OK;
}
