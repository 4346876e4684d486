/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "volume.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

#define WINDOW_SIZE KIB(16)
#define PROGRESS_STEP MIB(2)

static const struct filesystem *const filesystems[] = { &filesystem_iso9660, &filesystem_fat };

enum err volume_open(struct volume *volume, struct disk *disk, u64 start, u64 size)
{
	enum err err = ERR_FORMAT;

	volume->disk = disk;
	volume->start = start;
	volume->size = size;
	volume->window_size = 0;
	volume->window = malloc(WINDOW_SIZE);
	if (!volume->window) {
		log_err("media", "heap is full bytes=%llu", WINDOW_SIZE);
		return ERR_MEMORY;
	}
	for (u32 i = 0; i < ARRAY_COUNT(filesystems) && err == ERR_FORMAT; i++) {
		volume->filesystem = filesystems[i];
		err = filesystems[i]->mount(volume);
	}
	return err;
}

void volume_close(struct volume *volume)
{
	free(volume->window);
	volume->window = NULL;
}

static enum err check_range(const struct volume *volume, u64 offset, u64 size)
{
	if (offset <= volume->size && size <= volume->size - offset)
		return ERR_OK;
	log_err("media", "%s: the file system leads behind its end: offset=%llu bytes=%llu, the volume has %llu",
		volume->name, offset, size, volume->size);
	return ERR_TRUNCATED;
}

const void *volume_peek(struct volume *volume, u64 offset, u32 size)
{
	u32 sector = disk_sector_size(volume->disk);
	u64 at;

	if (check_range(volume, offset, size))
		return NULL;
	if (offset < volume->window_at || offset - volume->window_at > volume->window_size ||
	    size > volume->window_size - (offset - volume->window_at)) {
		at = align_down(offset, sector);
		volume->window_at = at;
		volume->window_size = (u32)min_u64(WINDOW_SIZE, align_up(volume->size - at, sector));
		if (disk_read(volume->disk, (volume->start + at) >> volume->disk->sector_shift,
			      volume->window_size >> volume->disk->sector_shift, volume->window)) {
			volume->window_size = 0;
			return NULL;
		}
	}
	return volume->window + (offset - volume->window_at);
}

/* What does not begin at a sector's start, or is less than a whole one. */
static enum err read_part(struct volume *volume, u64 offset, u32 size, void *buffer)
{
	const void *bytes = volume_peek(volume, offset, size);

	if (!bytes)
		return ERR_DEVICE;
	memcpy(buffer, bytes, size);
	return ERR_OK;
}

enum err volume_read(struct volume *volume, u64 offset, u64 size, void *buffer)
{
	u32 sector = disk_sector_size(volume->disk);
	u8 *to = buffer;
	enum err err = check_range(volume, offset, size);

	while (size && !err) {
		u64 at = volume->start + offset, step = min_u64(size, sector - (at & (sector - 1)));

		if (step == sector) {
			step = align_down(size, sector);
			err = disk_read(volume->disk, at >> volume->disk->sector_shift, step >> volume->disk->sector_shift, to);
		} else {
			err = read_part(volume, offset, (u32)step, to);
		}
		offset += step;
		size -= step;
		to += step;
	}
	return err;
}

static enum err grow(struct file *file)
{
	u32 capacity = file->extent_capacity ? 2 * file->extent_capacity : 4;
	struct extent *extents = realloc(file->extents, capacity * sizeof(*extents));

	if (!extents) {
		log_err("media", "heap is full extents=%u", capacity);
		return ERR_MEMORY;
	}
	file->extents = extents;
	file->extent_capacity = capacity;
	return ERR_OK;
}

enum err file_add(struct volume *volume, struct file *file, u64 start, u64 size)
{
	struct extent *last = file->extent_count ? &file->extents[file->extent_count - 1] : NULL;
	enum err err = check_range(volume, start, size);

	if (err || !size)
		return err;
	file->size += size;
	if (last && last->start + last->size == start) {
		last->size += size;
		return ERR_OK;
	}
	if (file->extent_count == file->extent_capacity && (err = grow(file)))
		return err;
	file->extents[file->extent_count++] = (struct extent){ start, size };
	return ERR_OK;
}

void file_free(struct file *file)
{
	free(file->extents);
	memset(file, 0, sizeof(*file));
}

const void *file_peek(struct volume *volume, const struct file *file, u64 offset, u32 size)
{
	const struct extent *e = file->extents;

	for (; offset >= e->size; e++)
		offset -= e->size;
	return volume_peek(volume, e->start + offset, size);
}

enum err file_read(struct volume *volume, const struct file *file, void *buffer,
		   void (*progress)(void *ctx, u64 done, u64 total), void *ctx)
{
	u64 done = 0;
	enum err err = ERR_OK;

	for (u32 i = 0; i < file->extent_count; i++) {
		const struct extent *e = &file->extents[i];

		for (u64 at = 0, step; at < e->size && !err; at += step) {
			step = min_u64(e->size - at, PROGRESS_STEP);
			err = volume_read(volume, e->start + at, step, (u8 *)buffer + done);
			done += step;
			if (progress && !err)
				progress(ctx, done, file->size);
		}
	}
	return err;
}

size_t path_part(const char **at, const char **part)
{
	size_t length;

	do {
		*at += strspn(*at, "/");
		*part = *at;
		length = strcspn(*at, "/");
		*at += length;
	} while (length == 1 && **part == '.');
	return length;
}

static u32 fold(u32 c)
{
	return c - 'a' < 26 ? c - 'a' + 'A' : c;
}

bool path_same_letter(u32 a, u32 b)
{
	return fold(a) == fold(b);
}
