/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Hashes over bytes as they arrived. Mbed TLS computes MD5, SHA-1 and SHA-2, zlib CRC-32 (FIT: hash-N { algo; value }). */
#ifndef TRAPEZE_VERIFY_H
#define TRAPEZE_VERIFY_H

#include "error.h"
#include "types.h"

enum hash_algo { HASH_CRC32, HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA384, HASH_SHA512, HASH_ALGO_COUNT };
#define HASH_MAX_SIZE 64

struct hash_want {
	enum hash_algo algo;
	const u8 *value;		/* hash_size(algo) bytes; CRC-32 big-endian, as in FIT */
	const char *node;		/* "hash-1", for messages */
};

/* Called between steps with bytes done so far; may be NULL. */
typedef void (*verify_progress)(void *ctx, u64 done, u64 total);

u32 hash_size(enum hash_algo algo);
const char *hash_name(enum hash_algo algo);
/* FIT's names: crc32 md5 sha1 sha256 sha384 sha512. */
bool hash_parse(const char *name, enum hash_algo *algo);
void hash_compute(enum hash_algo algo, const void *data, u64 size, u8 *out, verify_progress progress, void *ctx);

/*
 * Check every wanted hash of one part and log one line each: ok with size and microseconds, or the mismatch with both values' first
 * bytes, and whether the bytes are all zero (what GRUB leaves behind after a failed unpacking). No hash: a note at info.
 */
enum err verify_part(const char *name, const void *data, u64 size, const struct hash_want *hashes, u32 hash_count,
		     verify_progress progress, void *ctx) MUST_CHECK;

#endif
