/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "cpio.h"

#include <string.h>

#include "log.h"
#include "number.h"

#define MAGIC_SIZE 6
#define FIELD_SIZE 8
#define HEADER_SIZE 110
#define ALIGNMENT 4
#define NAME_MAX 4096u			/* as Linux's longest path, with the NUL */
#define TYPE_MASK 0170000
#define TYPE_FILE 0100000

/* The header's numbers in their order, each of eight hex digits. */
enum field { FIELD_MODE = 1, FIELD_SIZE_OF_FILE = 6, FIELD_SIZE_OF_NAME = 11, FIELD_COUNT = 13 };

struct member {
	u64 at;				/* of the header */
	u32 mode, size, name_size, name_length;
	const char *name;
};

static bool is_magic(const void *bytes)
{
	return !memcmp(bytes, "070701", MAGIC_SIZE) || !memcmp(bytes, "070702", MAGIC_SIZE);
}

bool cpio_probe(const void *data, u64 size)
{
	return size >= HEADER_SIZE && is_magic(data);
}

static bool read_field(const char *header, enum field field, u32 *out)
{
	char digits[FIELD_SIZE + 1] = "";
	u64 number = 0;
	const char *end;

	memcpy(digits, header + MAGIC_SIZE + FIELD_SIZE * field, FIELD_SIZE);
	end = number_digits(digits, 16, 0xffffffff, &number);
	*out = (u32)number;
	return end == digits + FIELD_SIZE;
}

/* Zeros up to a multiple of four: behind a name, behind data, and any number of them between archives. */
static void skip_padding(struct cursor *c)
{
	cursor_skip(c, min_u64(-c->at % ALIGNMENT, cursor_left(c)));
}

static void skip_zeros(struct cursor *c)
{
	while (cursor_left(c) && !c->data[c->at])
		c->at++;
}

static enum err read_header(struct cursor *c, struct member *member)
{
	u64 left = cursor_left(c);
	const char *header = cursor_bytes(c, HEADER_SIZE);

	member->at = c->size - left;
	if (!header || !is_magic(header)) {
		log_err("cpio", "no member at offset %llu: %llu bytes left, wanted \"070701\" and %u bytes in all",
			member->at, left, HEADER_SIZE);
		return header ? ERR_MAGIC : ERR_TRUNCATED;
	}
	if (!read_field(header, FIELD_MODE, &member->mode) || !read_field(header, FIELD_SIZE_OF_FILE, &member->size) ||
	    !read_field(header, FIELD_SIZE_OF_NAME, &member->name_size)) {
		log_err("cpio", "member at offset %llu: mode or a size is no number of %u hex digits", member->at,
			FIELD_SIZE);
		return ERR_VALUE;
	}
	if (!member->name_size || member->name_size > NAME_MAX || member->name_size > cursor_left(c)) {
		log_err("cpio", "member at offset %llu: name size=%u, 1 to %llu possible", member->at,
			member->name_size, min_u64(NAME_MAX, cursor_left(c)));
		return ERR_TRUNCATED;
	}
	/* GRUB 2.06 does not count the NUL, and where the name ends at a multiple of four there is none. */
	member->name = cursor_bytes(c, member->name_size);
	member->name_length = (u32)strnlen(member->name, member->name_size);
	skip_padding(c);
	if (member->size > cursor_left(c)) {
		log_err("cpio", "member at offset %llu: %u bytes, but the archive has only %llu more", member->at,
			member->size, cursor_left(c));
		return ERR_TRUNCATED;
	}
	return ERR_OK;
}

enum err cpio_next(struct cursor *c, struct cpio_file *file)
{
	struct member member;
	enum err err;

	for (;;) {
		skip_zeros(c);
		if (!cursor_left(c))
			return ERR_NOT_FOUND;
		err = read_header(c, &member);
		if (err)
			return err;
		file->at = c->at;
		file->data = cursor_bytes(c, member.size);
		skip_padding(c);
		/* The trailer, too, is no regular file: it has no mode at all. */
		if ((member.mode & TYPE_MASK) != TYPE_FILE)
			continue;
		file->name = member.name;
		file->name_length = member.name_length;
		file->size = member.size;
		return ERR_OK;
	}
}
