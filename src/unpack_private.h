/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the files of the unpackers share. Each is a table entry: a magic number, a measure, a run. */
#ifndef TRAPEZE_UNPACK_PRIVATE_H
#define TRAPEZE_UNPACK_PRIVATE_H

#include "unpack.h"

/* How much goes in between two calls of progress. */
#define UNPACK_STEP ((u64)256 << 10)

/* One unpacking. in_at and out_at only grow, and say where an error was found. */
struct unpack_job {
	const u8 *in;
	u64 in_size, in_at, told;	/* told: what progress knows */
	u8 *out;
	u64 room, out_at;
	const struct unpack_wish *wish;
	u64 refused;			/* bytes that a library asked for and did not get; 0: none */
	const char *why;		/* of the error that is returned; static text */
};

struct unpacker {
	const char *name;
	u32 magic;			/* the first bytes, as a little-endian number ... */
	u32 magic_size;			/* ... of so many */
	/*
	 * How many bytes come out: *size by what the container says, and the number *limit that they can not exceed whatever it says
	 * (the same where its word is good). Reads headers only.
	 */
	enum err (*measure)(struct unpack_job *job, u64 *size, u64 *limit);
	/* All of the input into the room. ERR_NO_ROOM: more came out than there is room for. Every other error has its `why`. */
	enum err (*run)(struct unpack_job *job);
};

extern const struct unpacker unpacker_gzip, unpacker_xz, unpacker_zstd, unpacker_lz4;

/* Set job->why and return the code. */
enum err unpack_fail(struct unpack_job *job, enum err code, const char *why);
/* Bytes of the input that are left. */
static inline u64 unpack_left(const struct unpack_job *job)
{
	return job->in_size - job->in_at;
}

/* `used` bytes of the input are done; tells progress. */
void unpack_advance(struct unpack_job *job, u64 used);

/*
 * The libraries' memory: whole pages of staging memory, not the heap, which never gets smaller. `job` is what the libraries call
 * opaque; NULL where there is no room.
 */
void *unpack_alloc(void *job, size_t size);
void unpack_free(void *job, void *p);

#endif
