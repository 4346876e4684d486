/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Headers of multiboot format 2 to be made, tags of the information to be found. Once per program. */
#ifndef TEST_MULTIBOOT2_RIG_H
#define TEST_MULTIBOOT2_RIG_H

#include "multiboot_rig.h"

#define MAGIC 0xe85250d6u
#define TAG(type, optional) ((type) | (optional) << 16)

static u32 at;

static inline void put_word(u32 value)
{
	put32(at, value);
	at += 4;
}

static inline void begin(u32 where)
{
	at = where + 16;
}

/* A tag of `count` words behind its head, padded. */
static inline void put_tag(u32 type, u32 optional, u32 count, const u32 *words)
{
	put_word(TAG(type, optional));
	put_word(8 + 4 * count);
	for (u32 i = 0; i < count; i++)
		put_word(words[i]);
	at = (u32)align_up(at, 8);
}

#define PUT_TAG(type, optional, ...) \
	do { \
		const u32 words[] = { __VA_ARGS__ }; \
		put_tag(type, optional, ARRAY_COUNT(words), words); \
	} while (0)

static inline void close_header(u32 where, u32 length)
{
	put32(where, MAGIC);
	put32(where + 4, 0);
	put32(where + 8, length);
	put32(where + 12, -(MAGIC + length));
}

static inline void end(u32 where)
{
	put_tag(0, 0, 0, NULL);
	close_header(where, at - where);
}

static inline void start_elf(void)
{
	loader = &loader_multiboot2;
	image_size = rig_make_elf(image, false, BASE);
	begin(HEADER_AT);
}

/* The payload of a tag of the block, or NULL. */
static inline const u8 *find_tag(u32 type, u32 *size)
{
	const u8 *info = info_at(rig.plan.entry.bx);
	u32 total = (u32)read_at(info, 0, 4);

	assert_int_equal(read_at(info, 4, 4), 0);
	for (u32 offset = 8; offset < total; offset += (u32)align_up(read_at(info, offset + 4, 4), 8)) {
		assert_true(read_at(info, offset + 4, 4) >= 8);
		if (read_at(info, offset, 4) != type)
			continue;
		*size = (u32)read_at(info, offset + 4, 4) - 8;
		return info + offset + 8;
	}
	return NULL;
}

static inline const u8 *tag(u32 type, u32 size)
{
	u32 found = 0;
	const u8 *payload = find_tag(type, &found);

	assert_non_null(payload);
	assert_int_equal(found, size);
	return payload;
}

static inline void make_relocatable(u32 min, u32 max, u32 align, u32 preference)
{
	start_elf();
	PUT_TAG(10, 0, min, max, align, preference);
	end(HEADER_AT);
}

#endif
