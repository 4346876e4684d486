/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The sizes that an xz file states, read from its end: each stream ends in an index (The .xz File Format, 4) and a footer (2.1.2) that
 * says how long that is. Between streams may be padding, zeros in fours (2.2).
 */
#include "unpack_xz.h"

#include "cursor.h"

#define HEADER_SIZE 12u			/* stream header and stream footer are alike in that */
#define FOOTER_MAGIC 0x5a59u
#define PADDING 4u
#define INDEX_SIZE_MIN 8u

static enum err damaged(struct unpack_job *job)
{
	return unpack_fail(job, ERR_VALUE, "the index is damaged");
}

/* A number of seven bits a byte, the lowest first (1.2). */
static u64 read_number(struct cursor *c)
{
	u64 value = 0;
	u32 shift = 0;
	u8 byte;

	do {
		byte = cursor_u8(c);
		value |= (u64)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80 && shift < 63);
	c->failed |= byte & 0x80;
	return value;
}

/* The records of one index: bytes of all its blocks, packed and padded, and what comes out of them. */
static enum err read_index(struct unpack_job *job, struct cursor index, u64 *packed, u64 *unpacked)
{
	u64 count;

	index.failed |= cursor_u8(&index) != 0;
	count = read_number(&index);
	*packed = 0;
	for (u64 i = 0; i < count && !index.failed; i++) {
		u64 block;

		index.failed |= !align_up_checked(read_number(&index), PADDING, &block);
		index.failed |= __builtin_add_overflow(*packed, block, packed);
		index.failed |= __builtin_add_overflow(*unpacked, read_number(&index), unpacked);
	}
	return index.failed ? damaged(job) : ERR_OK;
}

/* The stream that ends at *end; on success *end is where it begins. */
static enum err read_stream(struct unpack_job *job, u64 *end, u64 *unpacked)
{
	struct cursor c, index;
	u64 index_size, packed, stream;
	enum err err;

	cursor_init(&c, job->in, *end);
	cursor_seek(&c, *end - HEADER_SIZE + 4);
	index_size = ((u64)cursor_u32(&c) + 1) * PADDING;
	cursor_skip(&c, 2);
	if (cursor_u16(&c) != FOOTER_MAGIC)
		return unpack_fail(job, ERR_TRUNCATED, "no stream footer at the end: it was cut, or something stands behind it");
	if (index_size < INDEX_SIZE_MIN || index_size > *end - 2 * HEADER_SIZE)
		return damaged(job);
	cursor_seek(&c, *end - HEADER_SIZE - index_size);
	index = cursor_sub(&c, index_size);
	err = read_index(job, index, &packed, unpacked);
	if (err)
		return err;
	if (__builtin_add_overflow(packed, index_size + 2 * HEADER_SIZE, &stream) || stream > *end)
		return damaged(job);
	*end -= stream;
	return ERR_OK;
}

static bool ends_in_padding(const struct unpack_job *job, u64 end)
{
	return !(job->in[end - 1] | job->in[end - 2] | job->in[end - 3] | job->in[end - 4]);
}

enum err xz_measure(struct unpack_job *job, u64 *size, u64 *limit)
{
	u64 end = job->in_size;
	enum err err = ERR_OK;

	*size = 0;
	while (end && !err) {
		if (end < 2 * HEADER_SIZE + INDEX_SIZE_MIN)
			return unpack_fail(job, ERR_TRUNCATED, "too short for a stream");
		if (ends_in_padding(job, end))
			end -= PADDING;
		else
			err = read_stream(job, &end, size);
	}
	*limit = *size = max_u64(*size, 1);
	return err;
}
