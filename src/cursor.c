/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "cursor.h"

void cursor_init(struct cursor *c, const void *data, u64 size)
{
	*c = (struct cursor){ .data = data, .size = size };
}

u64 cursor_left(const struct cursor *c)
{
	return c->size - c->at;
}

const void *cursor_bytes(struct cursor *c, u64 size)
{
	const u8 *bytes;

	if (c->failed || cursor_left(c) < size) {
		c->failed = true;
		return NULL;
	}
	bytes = c->data + c->at;
	c->at += size;
	return bytes;
}

/* Byte by byte: nothing about alignment is assumed. */
static u64 read_number(struct cursor *c, unsigned int size)
{
	const u8 *bytes = cursor_bytes(c, size);
	u64 value = 0;

	while (bytes && size--)
		value = value << 8 | bytes[size];
	return value;
}

u8 cursor_u8(struct cursor *c)
{
	return (u8)read_number(c, 1);
}

u16 cursor_u16(struct cursor *c)
{
	return (u16)read_number(c, 2);
}

u32 cursor_u32(struct cursor *c)
{
	return (u32)read_number(c, 4);
}

u64 cursor_u64(struct cursor *c)
{
	return read_number(c, 8);
}

void cursor_skip(struct cursor *c, u64 size)
{
	(void)cursor_bytes(c, size);
}

void cursor_seek(struct cursor *c, u64 at)
{
	if (at > c->size)
		c->failed = true;
	else
		c->at = at;
}

const char *cursor_string(struct cursor *c)
{
	u64 left = cursor_left(c), length = 0;

	while (length < left && c->data[c->at + length])
		length++;
	/* With the NUL one byte more, which is there unless the text ran to the end. */
	return cursor_bytes(c, length + 1);
}

struct cursor cursor_sub(struct cursor *c, u64 size)
{
	struct cursor sub = { .failed = true };
	const void *bytes = cursor_bytes(c, size);

	if (bytes)
		cursor_init(&sub, bytes, size);
	return sub;
}

/* Most places differ in the first byte. */
bool cursor_find_u32(struct cursor *c, u32 value, u32 step)
{
	u64 at = c->at;

	while (!c->failed && c->size - at >= sizeof(value)) {
		const u8 *bytes = c->data + at;

		if (bytes[0] == (u8)value && bytes[1] == (u8)(value >> 8) && bytes[2] == (u8)(value >> 16) && bytes[3] == value >> 24) {
			c->at = at;
			return true;
		}
		if (c->size - at < step)
			return false;
		at += step;
	}
	return false;
}
