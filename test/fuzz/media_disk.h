/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Arbitrary bytes as a disk, or as the part of one behind zeros. */
#ifndef TRAPEZE_FUZZ_MEDIA_DISK_H
#define TRAPEZE_FUZZ_MEDIA_DISK_H

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "volume.h"

struct fuzz_disk {
	const u8 *data;
	u64 start, size;		/* of the bytes; all others are 0 */
	u64 whole;			/* the disk has at least so many */
};

static inline void fuzz_require(bool holds)
{
	if (!holds)
		abort();
}

static enum err fuzz_transfer(struct disk *disk, u64 lba, u32 count, void *buffer)
{
	const struct fuzz_disk *f = disk->ctx;
	u64 at = lba << disk->sector_shift, end = at + ((u64)count << disk->sector_shift);
	u64 from = max_u64(at, f->start), to = min_u64(end, f->start + f->size);

	fuzz_require(count && count <= disk->transfer_limit && lba <= disk->sectors && count <= disk->sectors - lba);
	memset(buffer, 0, (size_t)(end - at));
	if (from < to)
		memcpy((u8 *)buffer + (from - at), f->data + (from - f->start), (size_t)(to - from));
	return ERR_OK;
}

static inline struct disk fuzz_disk(struct fuzz_disk *f, u8 sector_shift)
{
	log_set_level(LOG_ERR);
	return (struct disk){
		.name = "disk", .sector_shift = sector_shift, .transfer_limit = 16, .transfer = fuzz_transfer, .ctx = f,
		.sectors = max_u64(f->start + f->size, f->whole) >> sector_shift
	};
}

/* Every extent lies in the volume, and a file that is not too large is read whole. */
static inline void fuzz_file(struct volume *volume, const char *path)
{
	struct file file = { 0 };
	u64 sum = 0;

	if (!volume->filesystem->find(volume, path, &file)) {
		for (u32 i = 0; i < file.extent_count; i++) {
			const struct extent *e = &file.extents[i];

			fuzz_require(e->size && e->start <= volume->size && e->size <= volume->size - e->start);
			sum += e->size;
		}
		fuzz_require(sum == file.size);
		if (file.size <= MIB(1)) {
			u8 *bytes = malloc((size_t)file.size + 1);

			fuzz_require(!file_read(volume, &file, bytes, NULL, NULL));
			free(bytes);
		}
	}
	file_free(&file);
}

#endif
