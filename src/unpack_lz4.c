/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * LZ4 (LZ4 Frame Format Description 1.6.2): any number of frames, skippable ones too, all checksums (XXH32) verified. The blocks are
 * liblz4's matter; the frame around them is read here, because the library's own reader of frames copies every block through buffers of
 * up to 8 MiB, and brings both compressors along.
 */
#include <lz4.h>
#include <string.h>

#include "cursor.h"
#include "unpack_private.h"

/* In the archive for the library's own use, and in no header: xxhash.h with the prefix LZ4_. */
unsigned int LZ4_XXH32(const void *data, size_t size, unsigned int seed);

#define MAGIC 0x184d2204u
#define SKIPPABLE 0x184d2a50u		/* to ..5f */
#define VERSION 0x40			/* in the flags, of two bits */
#define VERSION_MASK 0xc0
#define FLAG_INDEPENDENT 0x20		/* blocks refer to nothing before them */
#define FLAG_BLOCK_SUM 0x10
#define FLAG_SIZE 0x08
#define FLAG_CONTENT_SUM 0x04
#define FLAG_RESERVED 0x02
#define FLAG_DICTIONARY 0x01
#define STORED 0x80000000u		/* a block that is not compressed */

struct frame {
	u8 flags;
	u32 block_max;			/* bytes that come out of one block */
	u64 size;			/* FLAG_SIZE */
};

static enum err truncated(struct unpack_job *job)
{
	return unpack_fail(job, ERR_TRUNCATED, "ends in the middle");
}

/* Step over skippable frames; *found: is there anything else left? */
static enum err find_frame(struct unpack_job *job, struct cursor *c, bool *found)
{
	u32 magic = 0;

	while (cursor_left(c) && !c->failed) {
		magic = cursor_u32(c);
		if ((magic & ~0xfu) != SKIPPABLE)
			break;
		cursor_skip(c, cursor_u32(c));
		magic = 0;
	}
	job->in_at = c->at;
	*found = magic == MAGIC;
	if (c->failed)
		return truncated(job);
	return magic && !*found ? unpack_fail(job, ERR_VALUE, "bytes that begin no frame") : ERR_OK;
}

static enum err check_descriptor(struct unpack_job *job, const struct frame *frame, u8 block_code)
{
	if ((frame->flags & VERSION_MASK) != VERSION || frame->flags & FLAG_RESERVED || block_code & 0x8f || block_code >> 4 < 4)
		return unpack_fail(job, ERR_VERSION, "a frame of a version that is not known");
	if (frame->flags & FLAG_DICTIONARY)
		return unpack_fail(job, ERR_UNSUPPORTED, "needs a dictionary");
	return ERR_OK;
}

/* The descriptor behind the magic number. */
static enum err read_descriptor(struct unpack_job *job, struct cursor *c, struct frame *frame)
{
	const u8 *start = job->in + c->at;
	u64 from = c->at;
	u8 block_code, sum;
	enum err err;

	frame->flags = cursor_u8(c);
	block_code = cursor_u8(c);
	err = c->failed ? truncated(job) : check_descriptor(job, frame, block_code);
	if (err)
		return err;
	frame->block_max = 0x100u << 2 * (block_code >> 4);
	frame->size = frame->flags & FLAG_SIZE ? cursor_u64(c) : 0;
	sum = (u8)(LZ4_XXH32(start, (size_t)(c->at - from), 0) >> 8);
	if (cursor_u8(c) != sum)
		return c->failed ? truncated(job) : unpack_fail(job, ERR_HASH, "wrong checksum of a frame's header");
	job->in_at = c->at;
	return ERR_OK;
}

/* A block's header; *size 0: there are no more. */
static enum err read_block_size(struct unpack_job *job, struct cursor *c, const struct frame *frame, u32 *size, bool *stored)
{
	u32 word = cursor_u32(c);

	*size = word & ~STORED;
	*stored = word & STORED;
	job->in_at = c->at;
	if (c->failed)
		return truncated(job);
	return *size > frame->block_max ? unpack_fail(job, ERR_VALUE, "a block larger than its frame allows") : ERR_OK;
}

/* What the blocks of a frame can hold at most. */
static enum err bound_blocks(struct unpack_job *job, struct cursor *c, const struct frame *frame, u64 *total)
{
	u32 size;
	bool stored;
	enum err err = read_block_size(job, c, frame, &size, &stored);

	while (!err && size) {
		*total += stored ? size : frame->block_max;
		cursor_skip(c, size + (frame->flags & FLAG_BLOCK_SUM ? 4 : 0));
		err = read_block_size(job, c, frame, &size, &stored);
	}
	cursor_skip(c, frame->flags & FLAG_CONTENT_SUM ? 4 : 0);
	return !err && c->failed ? truncated(job) : err;
}

static enum err lz4_measure(struct unpack_job *job, u64 *size, u64 *limit)
{
	struct cursor c;
	bool found;
	u64 total = 0;
	enum err err;

	cursor_init(&c, job->in, job->in_size);
	while (!(err = find_frame(job, &c, &found)) && found) {
		struct frame frame;
		u64 bound = 0;

		err = read_descriptor(job, &c, &frame);
		if (!err)
			err = bound_blocks(job, &c, &frame, &bound);
		if (!err && frame.flags & FLAG_SIZE && frame.size > bound)
			err = unpack_fail(job, ERR_VALUE, "says that it has more bytes than its blocks can hold");
		if (err)
			break;
		total += frame.flags & FLAG_SIZE ? frame.size : bound;
	}
	*size = *limit = max_u64(total, 1);
	return err;
}

/* --- unpacking --- */

/* The checksum behind the bytes that it is of. */
static enum err check_sum(struct unpack_job *job, struct cursor *c, const void *data, u64 size, const char *why)
{
	u32 sum = cursor_u32(c);

	if (c->failed)
		return truncated(job);
	return sum == LZ4_XXH32(data, (size_t)size, 0) ? ERR_OK : unpack_fail(job, ERR_HASH, why);
}

/* Blocks find what they refer to right in front of them, in the result. */
static enum err run_block(struct unpack_job *job, const struct frame *frame, u64 start, const void *data, u32 size, bool stored)
{
	u64 room = job->room - job->out_at;
	u8 *out = job->out + job->out_at;
	int history = frame->flags & FLAG_INDEPENDENT ? 0 : (int)min_u64(job->out_at - start, KIB(64));
	int limit = (int)min_u64(room, frame->block_max), got;

	if (stored && size > room)
		return ERR_NO_ROOM;
	if (stored)
		memcpy(out, data, size);
	got = stored ? (int)size : LZ4_decompress_safe_usingDict(data, (char *)out, (int)size, limit, (char *)out - history, history);
	if (got < 0 && room < frame->block_max)
		return unpack_fail(job, ERR_VALUE, "a block that is damaged, or holds more than its frame said");
	if (got < 0)
		return unpack_fail(job, ERR_VALUE, "a damaged block");
	job->out_at += (u64)got;
	return ERR_OK;
}

static enum err run_blocks(struct unpack_job *job, struct cursor *c, const struct frame *frame)
{
	u64 start = job->out_at;
	u32 size;
	bool stored;
	enum err err = read_block_size(job, c, frame, &size, &stored);

	while (!err && size) {
		const void *data = cursor_bytes(c, size);

		err = data ? ERR_OK : truncated(job);
		if (!err && frame->flags & FLAG_BLOCK_SUM)
			err = check_sum(job, c, data, size, "wrong checksum of a block");
		if (!err)
			err = run_block(job, frame, start, data, size, stored);
		unpack_advance(job, c->at - job->in_at);
		if (!err)
			err = read_block_size(job, c, frame, &size, &stored);
	}
	if (!err && frame->flags & FLAG_CONTENT_SUM)
		err = check_sum(job, c, job->out + start, job->out_at - start, "wrong checksum");
	if (!err && frame->flags & FLAG_SIZE && job->out_at - start != frame->size)
		err = unpack_fail(job, ERR_VALUE, "fewer bytes than its header says");
	return err;
}

static enum err lz4_run(struct unpack_job *job)
{
	struct cursor c;
	struct frame frame;
	bool found;
	enum err err;

	cursor_init(&c, job->in, job->in_size);
	while (!(err = find_frame(job, &c, &found)) && found) {
		err = read_descriptor(job, &c, &frame);
		if (!err)
			err = run_blocks(job, &c, &frame);
		if (err)
			break;
	}
	return err;
}

const struct unpacker unpacker_lz4 = {
	.name = "lz4",
	.magic = MAGIC,
	.magic_size = 4,
	.measure = lz4_measure,
	.run = lz4_run,
};
