/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Packed bytes of every kind, made by the encoders that lie in the same archives as the decoders, and a machine to unpack them in.
 * Each maker takes plain bytes and gives packed ones, malloc'd.
 */
#ifndef TRAPEZE_UNPACK_FIXTURE_H
#define TRAPEZE_UNPACK_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "random.h"
#include "rig.h"
#include "unpack.h"

struct bytes {
	u8 *data;
	size_t size;
};

struct maker {
	const char *label, *method;
	struct bytes (*make)(struct bytes plain);
	bool is_checked;		/* it carries a checksum over what is in it: no wrong byte goes unnoticed */
};

static inline struct bytes bytes_new(size_t room)
{
	struct bytes b = { calloc(1, room ? room : 1), room };

	assert_non_null(b.data);
	return b;
}

static inline struct bytes bytes_copy(struct bytes from)
{
	struct bytes b = bytes_new(from.size);

	memcpy(b.data, from.data, from.size);
	return b;
}

/* `first` and `second` are freed. */
static inline struct bytes bytes_join(struct bytes first, struct bytes second)
{
	struct bytes b = bytes_new(first.size + second.size);

	memcpy(b.data, first.data, first.size);
	memcpy(b.data + first.size, second.data, second.size);
	free(first.data);
	free(second.data);
	return b;
}

/* Bytes as code has them: runs, repetitions from far and near, noise, and relative calls for the x86 filter. */
static inline struct bytes plain_make(size_t size)
{
	struct bytes b = bytes_new(size);
	struct random r = { size + 1 };

	for (size_t i = 0; i < size; i++) {
		u32 kind = random_below(&r, 16);

		if (i >= 512 && kind < 8)
			for (size_t end = i + 40; i < end && i < size; i++)
				b.data[i] = b.data[i - 512 + kind];
		else if (kind == 8 && i + 5 < size)
			memcpy(b.data + i, (u8[]){ 0xe8, (u8)(i >> 1), (u8)(i >> 9), 0, 0 }, 5);
		else if (i < size)
			b.data[i] = (u8)random_below(&r, kind < 12 ? 4 : 256);
	}
	return b;
}

/* --- gzip --- */

static inline struct bytes gzip_level(struct bytes plain, int level, bool with_name)
{
	gz_header header = { .name = (Bytef *)"vmlinux", .comment = (Bytef *)"a comment", .hcrc = 1 };
	z_stream z = { 0 };
	struct bytes out;

	assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	if (with_name)
		deflateSetHeader(&z, &header);
	out = bytes_new(deflateBound(&z, plain.size) + 64);
	z.next_in = plain.data;
	z.avail_in = (uInt)plain.size;
	z.next_out = out.data;
	z.avail_out = (uInt)out.size;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out.size = z.total_out;
	deflateEnd(&z);
	return out;
}

static inline struct bytes make_gzip(struct bytes plain)
{
	return gzip_level(plain, 9, false);
}

static inline struct bytes make_gzip_name(struct bytes plain)
{
	return gzip_level(plain, 1, true);
}

static inline struct bytes make_gzip_stored(struct bytes plain)
{
	return gzip_level(plain, 0, false);
}

/* The last member is the smallest, so its size says little about the whole. */
static inline struct bytes make_gzip_members(struct bytes plain)
{
	size_t cut = plain.size - plain.size / 64;

	return bytes_join(make_gzip((struct bytes){ plain.data, cut }), make_gzip((struct bytes){ plain.data + cut, plain.size - cut }));
}

/* --- xz --- */

static inline struct bytes xz_with(struct bytes plain, lzma_check check, u32 preset, u32 dictionary, bool x86)
{
	lzma_options_lzma options;
	lzma_filter filters[] = {
		{ .id = LZMA_FILTER_X86 }, { .id = LZMA_FILTER_LZMA2, .options = &options }, { .id = LZMA_VLI_UNKNOWN }
	};
	struct bytes out = bytes_new(lzma_stream_buffer_bound(plain.size));
	size_t used = 0;

	assert_false(lzma_lzma_preset(&options, preset));
	if (dictionary)
		options.dict_size = dictionary;
	assert_int_equal(lzma_stream_buffer_encode(x86 ? filters : filters + 1, check, NULL, plain.data, plain.size, out.data, &used, out.size),
			 LZMA_OK);
	out.size = used;
	return out;
}

static inline struct bytes make_xz(struct bytes plain)
{
	return xz_with(plain, LZMA_CHECK_CRC64, 6, 0, false);
}

/* As Linux packs its x86 kernels (scripts/xz_wrap.sh). */
static inline struct bytes make_xz_kernel(struct bytes plain)
{
	return xz_with(plain, LZMA_CHECK_CRC32, 6, 1 << 20, true);
}

static inline struct bytes make_xz_sha256(struct bytes plain)
{
	return xz_with(plain, LZMA_CHECK_SHA256, 1, 0, false);
}

static inline struct bytes make_xz_unchecked(struct bytes plain)
{
	return xz_with(plain, LZMA_CHECK_NONE, 0, 0, false);
}

/* Two streams with padding between and behind. */
static inline struct bytes make_xz_streams(struct bytes plain)
{
	size_t cut = plain.size / 3;
	struct bytes first = make_xz((struct bytes){ plain.data, cut });
	struct bytes second = make_xz_kernel((struct bytes){ plain.data + cut, plain.size - cut });

	return bytes_join(bytes_join(first, bytes_new(8)), bytes_join(second, bytes_new(4)));
}

/* Several blocks in one stream. */
static inline struct bytes make_xz_blocks(struct bytes plain)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	struct bytes out = bytes_new(2 * plain.size + 4096);

	assert_int_equal(lzma_easy_encoder(&stream, 3, LZMA_CHECK_CRC64), LZMA_OK);
	stream.next_out = out.data;
	stream.avail_out = out.size;
	for (size_t at = 0, step; at < plain.size; at += step) {
		step = plain.size - at < plain.size / 5 + 1 ? plain.size - at : plain.size / 5 + 1;
		stream.next_in = plain.data + at;
		stream.avail_in = step;
		assert_int_equal(lzma_code(&stream, LZMA_FULL_FLUSH), LZMA_STREAM_END);
	}
	assert_int_equal(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
	out.size = (size_t)stream.total_out;
	lzma_end(&stream);
	return out;
}

/* --- Zstandard --- */

static inline struct bytes zstd_with(struct bytes plain, int level, bool size, bool sum, int window)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	struct bytes out = bytes_new(ZSTD_compressBound(plain.size));
	size_t used;

	ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
	ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, size);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, sum);
	if (window)
		ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window);
	used = ZSTD_compress2(context, out.data, out.size, plain.data, plain.size);
	assert_false(ZSTD_isError(used));
	ZSTD_freeCCtx(context);
	out.size = used;
	return out;
}

static inline struct bytes make_zstd(struct bytes plain)
{
	return zstd_with(plain, 3, true, true, 0);
}

static inline struct bytes make_zstd_19(struct bytes plain)
{
	return zstd_with(plain, 19, true, true, 27);
}

static inline struct bytes make_zstd_bare(struct bytes plain)
{
	return zstd_with(plain, 1, false, false, 10);
}

static inline struct bytes make_zstd_frames(struct bytes plain)
{
	static const u8 skippable[] = { 0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c' };
	size_t cut = plain.size / 2;
	struct bytes first = make_zstd((struct bytes){ plain.data, cut });
	struct bytes second = make_zstd_19((struct bytes){ plain.data + cut, plain.size - cut });

	return bytes_join(bytes_join(first, bytes_copy((struct bytes){ (u8 *)skippable, sizeof(skippable) })), second);
}

/* --- LZ4 --- */

static inline struct bytes lz4_with(struct bytes plain, LZ4F_frameInfo_t info, int level)
{
	LZ4F_preferences_t preferences = { .frameInfo = info, .compressionLevel = level };
	struct bytes out = bytes_new(LZ4F_compressFrameBound(plain.size, &preferences));

	/* Blocks of the size that was asked for, also where a smaller one would do. */
	if (info.contentSize)
		preferences.frameInfo.contentSize = plain.size;
	out.size = LZ4F_compressFrame(out.data, out.size, plain.data, plain.size, &preferences);
	assert_false(LZ4F_isError(out.size));
	return out;
}

static inline struct bytes make_lz4(struct bytes plain)
{
	return lz4_with(plain, (LZ4F_frameInfo_t){ .blockSizeID = LZ4F_max4MB, .blockMode = LZ4F_blockIndependent,
						   .contentChecksumFlag = LZ4F_contentChecksumEnabled }, 0);
}

static inline struct bytes make_lz4_linked(struct bytes plain)
{
	return lz4_with(plain, (LZ4F_frameInfo_t){ .blockSizeID = LZ4F_max64KB, .blockMode = LZ4F_blockLinked, .contentSize = 1,
						   .contentChecksumFlag = LZ4F_contentChecksumEnabled }, 9);
}

static inline struct bytes make_lz4_sums(struct bytes plain)
{
	return lz4_with(plain, (LZ4F_frameInfo_t){ .blockSizeID = LZ4F_max256KB, .blockMode = LZ4F_blockLinked,
						   .blockChecksumFlag = LZ4F_blockChecksumEnabled }, 1);
}

static inline struct bytes make_lz4_bare(struct bytes plain)
{
	return lz4_with(plain, (LZ4F_frameInfo_t){ .blockSizeID = LZ4F_max1MB }, 3);
}

static inline struct bytes make_lz4_frames(struct bytes plain)
{
	static const u8 skippable[] = { 0x51, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 'a', 'b' };
	size_t cut = plain.size / 2;
	struct bytes first = make_lz4_linked((struct bytes){ plain.data, cut });
	struct bytes second = make_lz4((struct bytes){ plain.data + cut, plain.size - cut });

	return bytes_join(bytes_join(first, bytes_copy((struct bytes){ (u8 *)skippable, sizeof(skippable) })), second);
}

static const struct maker makers[] = {
	{ "gzip -9", "gzip", make_gzip, true },
	{ "gzip with a name and a header CRC", "gzip", make_gzip_name, true },
	{ "gzip stored", "gzip", make_gzip_stored, true },
	{ "gzip members", "gzip", make_gzip_members, true },
	{ "xz", "xz", make_xz, true },
	{ "xz for a kernel, x86 filter", "xz", make_xz_kernel, true },
	{ "xz sha256", "xz", make_xz_sha256, true },
	{ "xz without check", "xz", make_xz_unchecked, false },
	{ "xz streams and padding", "xz", make_xz_streams, true },
	{ "xz blocks", "xz", make_xz_blocks, true },
	{ "zstd", "zstd", make_zstd, true },
	{ "zstd -19 with a large window", "zstd", make_zstd_19, true },
	{ "zstd without size and sum", "zstd", make_zstd_bare, false },
	{ "zstd frames", "zstd", make_zstd_frames, true },
	{ "lz4", "lz4", make_lz4, true },
	{ "lz4 linked blocks, size", "lz4", make_lz4_linked, true },
	{ "lz4 block sums", "lz4", make_lz4_sums, true },
	{ "lz4 bare", "lz4", make_lz4_bare, false },
	{ "lz4 frames", "lz4", make_lz4_frames, true },
};

/* --- the machine --- */

static struct rig rig;

/* One unpacking in a machine of `ram` bytes; what it left is in here. */
struct outcome {
	enum err err;
	struct blob blob;
	u32 claims;			/* how many there were before */
};

static inline void machine_make(u64 ram, struct bytes packed)
{
	rig_init(&rig, ram);
	rig.next_image = MIB(1);
	rig_kernel(&rig, packed.data, packed.size);
}

/* Bytes that lie outside of the machine's memory. */
static inline void machine_give(struct bytes packed)
{
	rig.request.kernel.blob = (struct blob){ .name = "vmlinuz", .origin = "module", .size = packed.size, .data = packed.data };
}

static inline struct outcome unpack_now(const char *method, struct unpack_wish wish)
{
	struct outcome o = { .blob = rig.request.kernel.blob, .claims = rig.memory.claim_count };

	wish.memory = &rig.memory;
	fake_log_reset();
	o.err = unpack_blob(unpack_find(method), &o.blob, &wish);
	return o;
}

/* Nothing is left behind, and nothing but one line was said. */
static inline void assert_refused(const struct outcome *o)
{
	assert_int_not_equal(o->err, ERR_OK);
	assert_int_equal(fake_log_errors(), 1);
	assert_int_equal(rig.memory.claim_count, o->claims);
	assert_true(!o->blob.source && o->blob.paddr == rig.request.kernel.blob.paddr && o->blob.size == rig.request.kernel.blob.size);
}

#endif
