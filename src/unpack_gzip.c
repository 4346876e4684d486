/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* gzip (RFC 1952) with zlib: one or more members; each member's CRC-32 and size are checked. */
#include "unpack_private.h"

/* Only the declarations of zlib that need no C library behind them. */
#define Z_SOLO
#include <zlib.h>

#include "cursor.h"

#define MAGIC 0x8b1fu
#define TRAILER_SIZE 8			/* CRC-32 and ISIZE, the size modulo 2^32 (RFC 1952, 2.3.1) */
#define MEMBER_MIN (10 + 2 + TRAILER_SIZE)
#define RATIO_MAX 1032			/* of deflate: 258 bytes from two bits (RFC 1951, 3.2.5) */
#define WINDOW_GZIP (15 + 16)		/* inflateInit2: the largest window, gzip's header and trailer */

static enum err gzip_measure(struct unpack_job *job, u64 *size, u64 *limit)
{
	struct cursor c;

	if (job->in_size < MEMBER_MIN)
		return unpack_fail(job, ERR_TRUNCATED, "too short for a member");
	cursor_init(&c, job->in, job->in_size);
	cursor_seek(&c, job->in_size - 4);
	/* The last member's; those of a file with several have more together, and the room then grows. */
	*size = max_u64(cursor_u32(&c), 1);
	if (__builtin_mul_overflow(job->in_size, RATIO_MAX, limit))
		*limit = UINT64_MAX;
	if (*size > *limit)
		return unpack_fail(job, ERR_VALUE, "says that it has more bytes than so few can hold");
	return ERR_OK;
}

static voidpf allocate(voidpf job, uInt count, uInt size)
{
	size_t bytes;

	return __builtin_mul_overflow((size_t)count, size, &bytes) ? NULL : unpack_alloc(job, bytes);
}

static bool is_member(const struct unpack_job *job)
{
	return unpack_left(job) >= 2 && job->in[job->in_at] == (MAGIC & 0xff) && job->in[job->in_at + 1] == MAGIC >> 8;
}

/* One call of inflate. */
static int step(struct unpack_job *job, z_stream *z)
{
	uInt in = (uInt)min_u64(unpack_left(job), UNPACK_STEP);
	uInt out = (uInt)min_u64(job->room - job->out_at, GIB(1));
	int result;

	z->next_in = (z_const Bytef *)job->in + job->in_at;
	z->avail_in = in;
	z->next_out = job->out + job->out_at;
	z->avail_out = out;
	result = inflate(z, Z_NO_FLUSH);
	job->out_at += out - z->avail_out;
	unpack_advance(job, in - z->avail_in);
	return result;
}

/* A member is at its end: that of the input, or another one. */
static enum err next_member(struct unpack_job *job, z_stream *z, bool *done)
{
	*done = !unpack_left(job);
	if (*done)
		return ERR_OK;
	if (!is_member(job))
		return unpack_fail(job, ERR_VALUE, "bytes behind the end that are no further member");
	inflateReset(z);
	return ERR_OK;
}

static enum err explain(struct unpack_job *job, const z_stream *z, int result)
{
	if (result == Z_MEM_ERROR)
		return unpack_fail(job, ERR_MEMORY, "no room for the window");
	if (result != Z_OK && result != Z_BUF_ERROR)
		return unpack_fail(job, ERR_VALUE, z->msg ? z->msg : "damaged");
	if (!unpack_left(job))
		return unpack_fail(job, ERR_TRUNCATED, "ends in the middle");
	return job->out_at == job->room ? ERR_NO_ROOM : ERR_OK;
}

static enum err gzip_run(struct unpack_job *job)
{
	z_stream z = { .zalloc = allocate, .zfree = unpack_free, .opaque = job };
	enum err err = ERR_OK;
	bool done = false;

	if (inflateInit2(&z, WINDOW_GZIP) != Z_OK)
		return unpack_fail(job, ERR_MEMORY, "no room for the decoder");
	while (!err && !done) {
		int result = step(job, &z);

		err = result == Z_STREAM_END ? next_member(job, &z, &done) : explain(job, &z, result);
	}
	inflateEnd(&z);
	return err;
}

const struct unpacker unpacker_gzip = {
	.name = "gzip",
	.magic = MAGIC,
	.magic_size = 2,
	.measure = gzip_measure,
	.run = gzip_run,
};
