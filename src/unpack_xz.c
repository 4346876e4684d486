/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * xz (The .xz File Format 1.2.1) with liblzma: one or more streams, every filter that it knows (x86's BCJ is what Linux uses), every
 * check but "none" verified. The dictionary is memory of its own, as large as the file says.
 */
/* What it asks <inttypes.h> for is in "types.h". */
#define LZMA_MANUAL_HEADERS
#include "types.h"
#include <lzma.h>
#include <string.h>

#include "unpack_private.h"
#include "unpack_xz.h"

/* liblzma asks for count times size bytes; it always gives a count of 1. */
static void *allocate(void *job, size_t count, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(count, size, &bytes) ? NULL : unpack_alloc(job, bytes);
}

/* One call of lzma_code. */
static lzma_ret step(struct unpack_job *job, lzma_stream *stream)
{
	u64 left = unpack_left(job), in = min_u64(left, UNPACK_STEP);
	lzma_ret result;

	stream->next_in = job->in + job->in_at;
	stream->avail_in = (size_t)in;
	stream->next_out = job->out + job->out_at;
	stream->avail_out = (size_t)(job->room - job->out_at);
	result = lzma_code(stream, in == left ? LZMA_FINISH : LZMA_RUN);
	job->out_at = job->room - stream->avail_out;
	unpack_advance(job, in - stream->avail_in);
	return result;
}

static enum err explain(struct unpack_job *job, lzma_ret result)
{
	switch (result) {
	case LZMA_OK:
		return ERR_OK;
	case LZMA_BUF_ERROR:		/* twice nothing went in or out */
		return job->out_at == job->room ? ERR_NO_ROOM : unpack_fail(job, ERR_TRUNCATED, "ends in the middle");
	case LZMA_MEM_ERROR:
		return unpack_fail(job, ERR_MEMORY, "no room for the dictionary");
	case LZMA_FORMAT_ERROR:
		return unpack_fail(job, ERR_MAGIC, "bytes that begin no stream");
	case LZMA_OPTIONS_ERROR:
		return unpack_fail(job, ERR_UNSUPPORTED, "a filter or an option that liblzma does not know");
	case LZMA_UNSUPPORTED_CHECK:
		return unpack_fail(job, ERR_UNSUPPORTED, "an integrity check that liblzma does not know");
	default:
		return unpack_fail(job, ERR_VALUE, "damaged");
	}
}

static enum err xz_run(struct unpack_job *job)
{
	const lzma_allocator allocator = { .alloc = allocate, .free = unpack_free, .opaque = job };
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret result;
	enum err err;

	stream.allocator = &allocator;
	/* No limit of liblzma's on memory: what there is is the limit. */
	result = lzma_stream_decoder(&stream, UINT64_MAX, LZMA_CONCATENATED | LZMA_TELL_UNSUPPORTED_CHECK);
	err = explain(job, result);
	while (!err && result != LZMA_STREAM_END) {
		result = step(job, &stream);
		err = result == LZMA_STREAM_END ? ERR_OK : explain(job, result);
	}
	lzma_end(&stream);
	return err;
}

const struct unpacker unpacker_xz = {
	.name = "xz",
	.magic = 0x587a37fd,		/* of six bytes; the others are checked by liblzma */
	.magic_size = 4,
	.measure = xz_measure,
	.run = xz_run,
};
