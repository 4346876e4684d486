/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The checked cursor: the only way to read untrusted bytes. A read past the end gives zero and sets `failed`, which stays
 * set; check it once after a group of reads. Numbers are little-endian unless the name says be.
 */
#ifndef TRAPEZE_CURSOR_H
#define TRAPEZE_CURSOR_H

#include "types.h"

struct cursor {
	const u8 *data;
	u64 size, at;			/* at <= size always */
	bool failed;
};

void cursor_init(struct cursor *c, const void *data, u64 size);
u64 cursor_left(const struct cursor *c);
u8 cursor_u8(struct cursor *c);
u16 cursor_u16(struct cursor *c);
u32 cursor_u32(struct cursor *c);
u64 cursor_u64(struct cursor *c);
void cursor_skip(struct cursor *c, u64 size);
void cursor_seek(struct cursor *c, u64 at);
/* Go on, in steps of `step` bytes from here, to where this number stands; false, and not moved: nowhere. */
bool cursor_find_u32(struct cursor *c, u32 value, u32 step);
/* `size` bytes in place, or NULL (and failed). */
const void *cursor_bytes(struct cursor *c, u64 size);
/* A NUL-terminated string in place that ends within the cursor, or NULL (and failed). */
const char *cursor_string(struct cursor *c);
/* A part of what is left as a cursor of its own: [at, at + size); the outer one moves behind it. */
struct cursor cursor_sub(struct cursor *c, u64 size);

#endif
