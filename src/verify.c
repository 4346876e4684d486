/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "verify.h"

#include <mbedtls/md5.h>
#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>
#include <string.h>

/* Only the declarations of zlib that need no C library behind them. */
#define Z_SOLO
#include <zlib.h>

#include "arch.h"
#include "fmt.h"
#include "log.h"

#define STEP_SIZE MIB(1)
#define SHOWN_BYTES 8

union hash_state {
	mbedtls_md5_context md5;
	mbedtls_sha1_context sha1;
	mbedtls_sha256_context sha256;
	mbedtls_sha512_context sha512;
	uLong crc32;
};

/* Each returns 0, or an error of Mbed TLS. */
struct hash_kind {
	const char *name;
	u32 size;
	int (*start)(union hash_state *state);
	int (*update)(union hash_state *state, const u8 *data, size_t size);
	int (*finish)(union hash_state *state, u8 *out);
};

static int md5_start(union hash_state *state)
{
	mbedtls_md5_init(&state->md5);
	return mbedtls_md5_starts_ret(&state->md5);
}

static int md5_update(union hash_state *state, const u8 *data, size_t size)
{
	return mbedtls_md5_update_ret(&state->md5, data, size);
}

static int md5_finish(union hash_state *state, u8 *out)
{
	return mbedtls_md5_finish_ret(&state->md5, out);
}

static int sha1_start(union hash_state *state)
{
	mbedtls_sha1_init(&state->sha1);
	return mbedtls_sha1_starts_ret(&state->sha1);
}

static int sha1_update(union hash_state *state, const u8 *data, size_t size)
{
	return mbedtls_sha1_update_ret(&state->sha1, data, size);
}

static int sha1_finish(union hash_state *state, u8 *out)
{
	return mbedtls_sha1_finish_ret(&state->sha1, out);
}

static int sha256_start(union hash_state *state)
{
	mbedtls_sha256_init(&state->sha256);
	return mbedtls_sha256_starts_ret(&state->sha256, 0);
}

static int sha256_update(union hash_state *state, const u8 *data, size_t size)
{
	return mbedtls_sha256_update_ret(&state->sha256, data, size);
}

static int sha256_finish(union hash_state *state, u8 *out)
{
	return mbedtls_sha256_finish_ret(&state->sha256, out);
}

static int sha384_start(union hash_state *state)
{
	mbedtls_sha512_init(&state->sha512);
	return mbedtls_sha512_starts_ret(&state->sha512, 1);
}

static int sha512_start(union hash_state *state)
{
	mbedtls_sha512_init(&state->sha512);
	return mbedtls_sha512_starts_ret(&state->sha512, 0);
}

static int sha512_update(union hash_state *state, const u8 *data, size_t size)
{
	return mbedtls_sha512_update_ret(&state->sha512, data, size);
}

static int sha512_finish(union hash_state *state, u8 *out)
{
	return mbedtls_sha512_finish_ret(&state->sha512, out);
}

static int crc32_start(union hash_state *state)
{
	state->crc32 = crc32(0, NULL, 0);
	return 0;
}

static int crc32_update(union hash_state *state, const u8 *data, size_t size)
{
	state->crc32 = crc32(state->crc32, data, (uInt)size);
	return 0;
}

static int crc32_finish(union hash_state *state, u8 *out)
{
	for (u32 i = 0; i < 4; i++)
		out[i] = (u8)(state->crc32 >> (24 - 8 * i));
	return 0;
}

static const struct hash_kind kinds[HASH_ALGO_COUNT] = {
	[HASH_CRC32] = { "crc32", 4, crc32_start, crc32_update, crc32_finish },
	[HASH_MD5] = { "md5", 16, md5_start, md5_update, md5_finish },
	[HASH_SHA1] = { "sha1", 20, sha1_start, sha1_update, sha1_finish },
	[HASH_SHA256] = { "sha256", 32, sha256_start, sha256_update, sha256_finish },
	[HASH_SHA384] = { "sha384", 48, sha384_start, sha512_update, sha512_finish },
	[HASH_SHA512] = { "sha512", 64, sha512_start, sha512_update, sha512_finish },
};

u32 hash_size(enum hash_algo algo)
{
	return kinds[algo].size;
}

const char *hash_name(enum hash_algo algo)
{
	return kinds[algo].name;
}

bool hash_parse(const char *name, enum hash_algo *algo)
{
	for (u32 i = 0; i < HASH_ALGO_COUNT; i++) {
		if (!strcmp(name, kinds[i].name)) {
			*algo = (enum hash_algo)i;
			return true;
		}
	}
	return false;
}

/* One bar that runs once, also where several hashes are taken over the same bytes. */
struct bar {
	verify_progress progress;
	void *ctx;
	u64 done, total;
};

static void advance(struct bar *bar, u64 size)
{
	bar->done += size;
	if (bar->progress)
		bar->progress(bar->ctx, bar->done, bar->total);
}

static int compute(enum hash_algo algo, const u8 *data, u64 size, u8 *out, struct bar *bar)
{
	const struct hash_kind *kind = &kinds[algo];
	union hash_state state;
	int failed = kind->start(&state);

	for (u64 at = 0, step; at < size && !failed; at += step) {
		step = min_u64(size - at, STEP_SIZE);
		failed = kind->update(&state, data + at, (size_t)step);
		advance(bar, step);
	}
	return failed ? failed : kind->finish(&state, out);
}

static void log_failed(enum hash_algo algo, int failed)
{
	log_err("verify", "%s: Mbed TLS reports error %d", hash_name(algo), failed);
}

void hash_compute(enum hash_algo algo, const void *data, u64 size, u8 *out, verify_progress progress, void *ctx)
{
	struct bar bar = { progress, ctx, 0, size };
	int failed = compute(algo, data, size, out, &bar);

	if (!failed)
		return;
	log_failed(algo, failed);
	memset(out, 0, hash_size(algo));
}

/* The first bytes in hexadecimal digits, ".." for the rest. */
static const char *show(char buf[2 * SHOWN_BYTES + 3], const u8 *value, u32 size)
{
	u32 shown = (u32)min_u64(size, SHOWN_BYTES);

	for (u32 i = 0; i < shown; i++)
		fmt_snprintf(buf + 2 * i, 3, "%02x", value[i]);
	memcpy(buf + 2 * shown, shown < size ? ".." : "", shown < size ? 3 : 1);
	return buf;
}

static bool is_all_zero(const u8 *data, u64 size)
{
	return size && !data[0] && !memcmp(data, data + 1, (size_t)size - 1);
}

static void log_mismatch(const char *name, const u8 *data, u64 size, const struct hash_want *want, const u8 *got)
{
	char want_text[2 * SHOWN_BYTES + 3], got_text[2 * SHOWN_BYTES + 3];
	u32 bytes = hash_size(want->algo);

	log_err("verify", "%s %s mismatch want=%s got=%s bytes=%llu", name, hash_name(want->algo),
		show(want_text, want->value, bytes), show(got_text, got, bytes), size);
	if (is_all_zero(data, size))
		log_err("verify", "%s is nothing but zeros: the boot loader failed to unpack it", name);
}

static enum err verify_one(const char *name, const u8 *data, u64 size, const struct hash_want *want, struct bar *bar)
{
	u8 got[HASH_MAX_SIZE];
	u64 start = arch_time_us();
	int failed = compute(want->algo, data, size, got, bar);

	if (failed) {
		log_failed(want->algo, failed);
		return ERR_HASH;
	}
	if (memcmp(got, want->value, hash_size(want->algo))) {
		log_mismatch(name, data, size, want, got);
		return ERR_HASH;
	}
	log_info("verify", "%s %s ok bytes=%llu us=%llu", name, hash_name(want->algo), size, arch_time_us() - start);
	return ERR_OK;
}

enum err verify_part(const char *name, const void *data, u64 size, const struct hash_want *hashes, u32 hash_count,
		     verify_progress progress, void *ctx)
{
	struct bar bar = { progress, ctx, 0, size * hash_count };
	enum err err = ERR_OK;

	if (!hash_count)
		log_info("verify", "%s has no hash, taken as it is bytes=%llu", name, size);
	for (u32 i = 0; i < hash_count && !err; i++)
		err = verify_one(name, data, size, &hashes[i], &bar);
	return err;
}
