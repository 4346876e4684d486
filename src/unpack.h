/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Unpacking: from the bytes as they came into staging memory, once, with the libraries that everybody else uses too (zlib, liblzma,
 * libzstd, liblz4). How much room the result needs is known before the first byte is written; the integrity checks that the containers
 * carry are made. docs/formats.md has the table.
 */
#ifndef TRAPEZE_UNPACK_H
#define TRAPEZE_UNPACK_H

#include "error.h"
#include "memory.h"
#include "source.h"
#include "types.h"

struct unpacker;

/* Of the manifest's name ("gzip"); NULL: there is none. "none" is none. */
const struct unpacker *unpack_find(const char *name);
/* The one that knows the first bytes, or NULL. */
const struct unpacker *unpack_probe(const void *data, u64 size);
/* A packed format that is known by its first bytes and for which there is no unpacker: its name, or NULL. */
const char *unpack_probe_foreign(const void *data, u64 size);
const char *unpack_name(const struct unpacker *unpacker);
/* "none, gzip, xz, ...": for messages; static text. */
const char *unpack_known(void);

/* Called between steps with bytes read so far; may be NULL. */
typedef void (*unpack_progress)(void *ctx, u64 done, u64 total);

struct unpack_wish {
	u64 size;			/* bytes that must come out; 0: not said */
	paddr_t load;			/* where the result should lie if there is room, page aligned; 0: anywhere */
	struct memory *memory;
	unpack_progress progress;
	void *ctx;
};

/*
 * Replace a blob, which is in memory, by what is packed in it. The result lies in memory of its own (OWNER_STAGE) and is given back by
 * source_release, as the packed bytes are here. Logs one line, ok or what is wrong; on an error the blob is as it was.
 */
enum err unpack_blob(const struct unpacker *unpacker, struct blob *blob, const struct unpack_wish *wish) MUST_CHECK;

#endif
