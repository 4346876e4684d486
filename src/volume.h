/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A volume: a file system in a part of a disk (or all of it), read only. Offsets count bytes from its start. What is on
 * it is not trusted: every offset is checked against the volume, every chain and tree has a limit.
 */
#ifndef TRAPEZE_VOLUME_H
#define TRAPEZE_VOLUME_H

#include "disk.h"
#include "error.h"
#include "fat.h"
#include "iso9660.h"
#include "types.h"

#define VOLUME_NAME_MAX 64

/* A file's bytes lie in extents, one behind the other. */
struct extent {
	u64 start, size;
};

struct file {
	u64 size;			/* the sum of the extents' */
	struct extent *extents;		/* malloc'd */
	u32 extent_count, extent_capacity;
};

struct volume;

struct filesystem {
	const char *name;
	/*
	 * Is it ours? ERR_FORMAT without a log line if not; other errors are logged. Fills in label, flavour and the
	 * state.
	 */
	enum err (*mount)(struct volume *volume);
	/*
	 * The path's parts are separated by '/'. ERR_NOT_FOUND without a log line; the caller frees *file in any case.
	 */
	enum err (*find)(struct volume *volume, const char *path, struct file *file);
};

extern const struct filesystem filesystem_iso9660, filesystem_fat;

struct volume {
	struct volume *next;
	struct disk *disk;
	u64 start, size;		/* bytes on the disk; start is a multiple of its sectors */
	char name[32];			/* "disk 0x80,2" */
	const struct filesystem *filesystem;
	const char *flavour;		/* static text: "FAT16", "Rock Ridge" */
	char label[VOLUME_NAME_MAX];
	u8 *window;			/* malloc'd: the part that was looked at last */
	u64 window_at;
	u32 window_size;		/* 0: nothing yet */
	union {
		struct iso9660 iso9660;
		struct fat fat;
	};
};

/* Where a disk has `size` bytes from `start` on. ERR_FORMAT without a log line: no file system that is known. */
enum err volume_open(struct volume *volume, struct disk *disk, u64 start, u64 size) MUST_CHECK;
void volume_close(struct volume *volume);

/* The largest piece that volume_peek gives. */
#define VOLUME_PEEK_MAX 4096
/* `size` bytes at `offset` in place, valid until the next call for this volume, or NULL; errors are logged. */
const void *volume_peek(struct volume *volume, u64 offset, u32 size) MUST_CHECK;
/* Whole sectors go straight to the buffer. */
enum err volume_read(struct volume *volume, u64 offset, u64 size, void *buffer) MUST_CHECK;

/*
 * Append bytes to a file: joined with the last extent where they follow it. ERR_TRUNCATED when they leave the volume;
 * logged.
 */
enum err file_add(struct volume *volume, struct file *file, u64 start, u64 size) MUST_CHECK;
void file_free(struct file *file);
/* As volume_peek, by the offset in the file. The piece lies in one extent: the caller knows their granularity. */
const void *file_peek(struct volume *volume, const struct file *file, u64 offset, u32 size) MUST_CHECK;
/* All of the file. `progress` is called now and then; it may be NULL. */
enum err file_read(struct volume *volume, const struct file *file, void *buffer,
		   void (*progress)(void *ctx, u64 done, u64 total), void *ctx) MUST_CHECK;

/* The next part of a path, *at moved behind it; returns its length, 0 at the end. Empty parts and "." are skipped. */
size_t path_part(const char **at, const char **part);
/* Do they agree but for the case of ASCII letters? */
bool path_same_letter(u32 a, u32 b);

#endif
