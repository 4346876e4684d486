/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Zstandard (RFC 8878) with libzstd: any number of frames, skippable ones too, checksums (XXH64) verified. Block after block goes
 * straight into the result, which is the window as well: however large a window a frame asks for, it needs no memory of its own.
 */
#define ZSTD_STATIC_LINKING_ONLY
#define ZSTD_DISABLE_DEPRECATE_WARNINGS
#include <zstd.h>
#include <zstd_errors.h>

#include "cursor.h"
#include "unpack_private.h"

static enum err explain(struct unpack_job *job, size_t result)
{
	switch (ZSTD_getErrorCode(result)) {
	case ZSTD_error_dstSize_tooSmall:
		return ERR_NO_ROOM;
	case ZSTD_error_srcSize_wrong:
		return unpack_fail(job, ERR_TRUNCATED, "ends in the middle");
	case ZSTD_error_checksum_wrong:
		return unpack_fail(job, ERR_HASH, "wrong checksum");
	case ZSTD_error_dictionary_wrong:
		return unpack_fail(job, ERR_UNSUPPORTED, "needs a dictionary");
	case ZSTD_error_frameParameter_unsupported:
		return unpack_fail(job, ERR_UNSUPPORTED, "a frame of a kind that libzstd does not know");
	default:
		return unpack_fail(job, ERR_VALUE, "damaged");
	}
}

/*
 * Is there a frame here? Also those of formats before 1.0 have frames, which are not for this library as it is linked here
 * (mk/shim.mk): they must not reach it.
 */
static bool is_frame(const u8 *data, u64 size)
{
	struct cursor c;
	u32 magic;

	cursor_init(&c, data, size);
	magic = cursor_u32(&c);
	return !c.failed && (magic == ZSTD_MAGICNUMBER || (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START);
}

static enum err no_frame(struct unpack_job *job)
{
	return unpack_fail(job, ERR_VALUE, "bytes that begin no frame");
}

/* Frame by frame: what its header says, or else as much as its blocks can hold at most. */
static enum err zstd_measure(struct unpack_job *job, u64 *size, u64 *limit)
{
	u64 total = 0;

	for (u64 at = 0; at < job->in_size;) {
		size_t left = (size_t)(job->in_size - at), frame;
		u64 bound;

		job->in_at = at;
		if (!is_frame(job->in + at, left))
			return no_frame(job);
		frame = ZSTD_findFrameCompressedSize(job->in + at, left);
		if (ZSTD_isError(frame))
			return explain(job, frame);
		bound = ZSTD_decompressBound(job->in + at, frame);
		if (bound == ZSTD_CONTENTSIZE_ERROR || __builtin_add_overflow(total, bound, &total))
			return unpack_fail(job, ERR_VALUE, "the sizes in its frames are damaged");
		at += frame;
	}
	*size = *limit = max_u64(total, 1);
	return ERR_OK;
}

/* One frame: the library says how many bytes it wants next, 0 at the frame's end. */
static enum err run_frame(struct unpack_job *job, ZSTD_DCtx *context)
{
	size_t want, got = ZSTD_decompressBegin(context);

	while (!ZSTD_isError(got) && (want = ZSTD_nextSrcSizeToDecompress(context))) {
		if (want > unpack_left(job))
			return unpack_fail(job, ERR_TRUNCATED, "ends in the middle");
		got = ZSTD_decompressContinue(context, job->out + job->out_at, (size_t)(job->room - job->out_at),
					      job->in + job->in_at, want);
		if (ZSTD_isError(got))
			break;
		job->out_at += got;
		unpack_advance(job, want);
	}
	return ZSTD_isError(got) ? explain(job, got) : ERR_OK;
}

static enum err zstd_run(struct unpack_job *job)
{
	ZSTD_DCtx *context = ZSTD_createDCtx_advanced((ZSTD_customMem){ unpack_alloc, unpack_free, job });
	enum err err = ERR_OK;

	if (!context)
		return unpack_fail(job, ERR_MEMORY, "no room for the decoder");
	while (!err && unpack_left(job))
		err = is_frame(job->in + job->in_at, unpack_left(job)) ? run_frame(job, context) : no_frame(job);
	ZSTD_freeDCtx(context);
	return err;
}

const struct unpacker unpacker_zstd = {
	.name = "zstd",
	.magic = ZSTD_MAGICNUMBER,
	.magic_size = 4,
	.measure = zstd_measure,
	.run = zstd_run,
};
