/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Disk images for tests: made by the tools that people use, in a folder of their own, and read through a disk that can fail. */
#ifndef TRAPEZE_TEST_MEDIA_FIXTURE_H
#define TRAPEZE_TEST_MEDIA_FIXTURE_H

/* An image can have more than 2 GiB. Before any header of the host's. */
#define _FILE_OFFSET_BITS 64

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "fake.h"
#include "volume.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, media_setup, media_teardown)
#define NO_SECTOR (~0ull)

static char media_folder[] = "/tmp/trapeze-media-XXXXXX";
static int media_file;
static struct disk media_disk;
static u64 media_bad;			/* this sector fails */
static u32 media_failures;		/* so many times; then it can be read */
static struct volume media_volume;

static inline void media_run(const char *format, ...) PRINTF_LIKE(1, 2);
static inline void media_run(const char *format, ...)
{
	char command[2048];
	va_list args;
	int used = snprintf(command, sizeof(command), "cd %s && ", media_folder);

	va_start(args, format);
	vsnprintf(command + used, sizeof(command) - (size_t)used, format, args);
	va_end(args);
	if (system(command))
		fail_msg("%s", command);
}

static inline int media_open(const char *name, int flags)
{
	char path[1024];
	int file;

	snprintf(path, sizeof(path), "%s/%s", media_folder, name);
	file = open(path, flags);
	assert_true(file >= 0);
	return file;
}

static inline enum err media_transfer(struct disk *disk, u64 lba, u32 count, void *buffer)
{
	size_t size = (size_t)count << disk->sector_shift;

	assert_true(count && count <= disk->transfer_limit && lba <= disk->sectors && count <= disk->sectors - lba);
	if (media_bad >= lba && media_bad < lba + count && media_failures) {
		media_failures--;
		disk->status = 0x10;
		disk->why = "bad checksum";
		return ERR_DEVICE;
	}
	assert_int_equal(pread(media_file, buffer, size, (off_t)(lba << disk->sector_shift)), size);
	return ERR_OK;
}

/* A file as a disk. */
static inline struct disk *media_attach(const char *image, u32 sector_shift)
{
	off_t size;

	if (media_file >= 0)
		close(media_file);
	media_file = media_open(image, O_RDWR);
	size = lseek(media_file, 0, SEEK_END);
	media_disk = (struct disk){
		.name = "disk", .sector_shift = (u8)sector_shift, .sectors = (u64)size >> sector_shift, .transfer_limit = 32,
		.transfer = media_transfer
	};
	return &media_disk;
}

static inline enum err media_remount(void)
{
	volume_close(&media_volume);
	memset(&media_volume, 0, sizeof(media_volume));
	strcpy(media_volume.name, "volume");
	return volume_open(&media_volume, &media_disk, 0, media_disk.sectors << media_disk.sector_shift);
}

/* All of a file as a volume. */
static inline enum err media_mount(const char *image, u32 sector_shift)
{
	media_attach(image, sector_shift);
	return media_remount();
}

static inline void media_write(u64 at, const void *bytes, size_t size)
{
	assert_int_equal(pwrite(media_file, bytes, size, (off_t)at), size);
	media_volume.window_size = 0;
}

static inline void media_get(u64 at, void *bytes, size_t size)
{
	assert_int_equal(pread(media_file, bytes, size, (off_t)at), size);
}

static inline enum err media_find(const char *path, struct file *file)
{
	memset(file, 0, sizeof(*file));
	return media_volume.filesystem->find(&media_volume, path, file);
}

static inline enum err media_find_error(const char *path)
{
	struct file file;
	enum err err = media_find(path, &file);

	file_free(&file);
	return err;
}

/* Read a file by its path and compare it with the host's. Returns the number of extents. */
static inline u32 media_check(const char *path, const char *host)
{
	struct file file;
	int fd = media_open(host, O_RDONLY);
	off_t size = lseek(fd, 0, SEEK_END);
	char *got = malloc((size_t)size + 1), *want = malloc((size_t)size + 1);
	u32 extents;

	assert_int_equal(media_find(path, &file), ERR_OK);
	assert_true(file.size == (u64)size);
	assert_int_equal(file_read(&media_volume, &file, got, NULL, NULL), ERR_OK);
	assert_int_equal(pread(fd, want, (size_t)size, 0), size);
	assert_memory_equal(got, want, (size_t)size);
	extents = file.extent_count;
	file_free(&file);
	free(got);
	free(want);
	close(fd);
	return extents;
}

static inline int media_setup(void **state)
{
	(void)state;
	strcpy(media_folder + strlen(media_folder) - 6, "XXXXXX");
	media_file = -1;
	media_bad = NO_SECTOR;
	media_failures = 0;
	fake_log_reset();
	return mkdtemp(media_folder) ? 0 : -1;
}

static inline int media_teardown(void **state)
{
	(void)state;
	volume_close(&media_volume);
	if (media_file >= 0)
		close(media_file);
	media_run("rm -rf %s", media_folder);
	return 0;
}

#endif
