/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A multiboot2 information block, put together tag by tag. What it was put into ends where malloc's buffer does. */
#ifndef TEST_MB2_H
#define TEST_MB2_H

#include <stdlib.h>
#include <string.h>

#include "types.h"

struct mb2 {
	u8 *data;
	u32 size;
	u32 tag;			/* where the open tag starts */
};

static inline void mb2_bytes(struct mb2 *b, const void *bytes, size_t size)
{
	b->data = realloc(b->data, b->size + size + 1);
	if (!b->data)
		abort();
	if (size)
		memcpy(b->data + b->size, bytes, size);
	b->size += (u32)size;
}

static inline void mb2_u8(struct mb2 *b, u8 v)
{
	mb2_bytes(b, &v, sizeof(v));
}

static inline void mb2_u16(struct mb2 *b, u16 v)
{
	mb2_bytes(b, &v, sizeof(v));
}

static inline void mb2_u32(struct mb2 *b, u32 v)
{
	mb2_bytes(b, &v, sizeof(v));
}

static inline void mb2_u64(struct mb2 *b, u64 v)
{
	mb2_bytes(b, &v, sizeof(v));
}

static inline void mb2_string(struct mb2 *b, const char *text)
{
	mb2_bytes(b, text, strlen(text) + 1);
}

static inline void mb2_zeroes(struct mb2 *b, size_t size)
{
	while (size--)
		mb2_u8(b, 0);
}

static inline void mb2_set_u32(struct mb2 *b, u32 at, u32 v)
{
	memcpy(b->data + at, &v, sizeof(v));
}

static inline void mb2_open(struct mb2 *b)
{
	*b = (struct mb2){ 0 };
	mb2_zeroes(b, 8);
}

static inline void mb2_begin(struct mb2 *b, u32 type)
{
	mb2_zeroes(b, (8 - b->size % 8) % 8);
	b->tag = b->size;
	mb2_u32(b, type);
	mb2_u32(b, 0);
}

static inline void mb2_end(struct mb2 *b)
{
	mb2_set_u32(b, b->tag + 4, b->size - b->tag);
}

static inline void mb2_number(struct mb2 *b, u32 type, u64 number, size_t size)
{
	mb2_begin(b, type);
	mb2_bytes(b, &number, size);
	mb2_end(b);
}

static inline void mb2_text(struct mb2 *b, u32 type, const char *text)
{
	mb2_begin(b, type);
	mb2_string(b, text);
	mb2_end(b);
}

static inline void mb2_module(struct mb2 *b, u32 start, u32 end, const char *text)
{
	mb2_begin(b, 3);
	mb2_u32(b, start);
	mb2_u32(b, end);
	mb2_string(b, text);
	mb2_end(b);
}

static inline void mb2_begin_mmap(struct mb2 *b)
{
	mb2_begin(b, 6);
	mb2_u32(b, 24);
	mb2_u32(b, 0);
}

static inline void mb2_mmap(struct mb2 *b, u64 start, u64 size, u32 type)
{
	mb2_u64(b, start);
	mb2_u64(b, size);
	mb2_u32(b, type);
	mb2_u32(b, 0);
}

/* As OVMF's: 48 bytes each. */
static inline void mb2_begin_efi(struct mb2 *b)
{
	mb2_begin(b, 17);
	mb2_u32(b, 48);
	mb2_u32(b, 1);
}

static inline void mb2_efi(struct mb2 *b, u32 type, u64 start, u64 pages, u64 attribute)
{
	mb2_u32(b, type);
	mb2_u32(b, 0xdeadbeef);
	mb2_u64(b, start);
	mb2_u64(b, 0xdeadbeefdeadbeefull);
	mb2_u64(b, pages);
	mb2_u64(b, attribute);
	mb2_u64(b, 0xdeadbeefdeadbeefull);
}

/* Without an end tag: set the total and give the buffer its exact size. */
static inline void mb2_cut(struct mb2 *b)
{
	mb2_set_u32(b, 0, b->size);
	b->data = realloc(b->data, b->size);
	if (!b->data)
		abort();
}

static inline void mb2_close(struct mb2 *b)
{
	mb2_begin(b, 0);
	mb2_end(b);
	mb2_cut(b);
}

static inline void mb2_free(struct mb2 *b)
{
	free(b->data);
	b->data = NULL;
}

#endif
