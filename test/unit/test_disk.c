/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Transfers, retries, and the bytes of a volume that do not begin where sectors do. */
#include "media_fixture.h"

#define SECTORS 200

static u8 *want;
static u32 resets;

static void count_reset(struct disk *disk)
{
	(void)disk;
	resets++;
}

static void make_disk(void)
{
	int fd;

	media_run("head -c %u /dev/urandom > disk.img", SECTORS * 512);
	media_attach("disk.img", 9);
	media_disk.reset = count_reset;
	resets = 0;
	fd = media_open("disk.img", O_RDONLY);
	want = malloc(SECTORS * 512);
	assert_int_equal(read(fd, want, SECTORS * 512), SECTORS * 512);
	close(fd);
}

static void assert_read(u64 lba, u64 count, u64 calls)
{
	u8 *got = malloc((size_t)count * 512 + 1);

	media_disk.cost = (struct disk_cost){ 0 };
	assert_int_equal(disk_read(&media_disk, lba, count, got), ERR_OK);
	assert_memory_equal(got, want + lba * 512, (size_t)count * 512);
	assert_int_equal(media_disk.cost.calls, calls);
	assert_int_equal(media_disk.cost.sectors, count);
	free(got);
}

static void test_transfers(void **state)
{
	(void)state;
	make_disk();
	assert_read(0, 1, 1);
	assert_read(5, 32, 1);
	assert_read(5, 33, 2);
	assert_read(0, SECTORS, 7);
	assert_read(SECTORS - 1, 1, 1);
	assert_read(SECTORS, 0, 0);
	assert_int_equal(resets, 0);
	free(want);
}

static void test_behind_the_end(void **state)
{
	u8 got[1024];

	(void)state;
	make_disk();
	assert_int_equal(disk_read(&media_disk, SECTORS - 1, 2, got), ERR_TRUNCATED);
	assert_int_equal(disk_read(&media_disk, ~0ull, 2, got), ERR_TRUNCATED);
	assert_int_equal(disk_read(&media_disk, 1, ~0ull, got), ERR_TRUNCATED);
	assert_int_equal(fake_log_errors(), 3);
	assert_int_equal(media_disk.cost.calls, 0);
	free(want);
}

/* A whole transfer fails, and its sectors are read at last. */
static void test_recovers(void **state)
{
	(void)state;
	make_disk();
	media_bad = 40;
	for (media_failures = 1; media_failures <= 3; media_failures++) {
		u32 failures = media_failures;

		fake_log_reset();
		resets = 0;
		assert_read(0, 64, 2 + 32 + failures - 1);
		assert_int_equal(resets, failures);
		assert_true(fake_log_has("transfer failed: bad checksum lba=32 sectors=32 status=0x10; now one by one"));
		assert_int_equal(fake_log_has("read at last: bad checksum lba=40"), failures > 1);
		assert_int_equal(fake_log_errors(), 0);
		media_failures = failures;
	}
	free(want);
}

static void test_gives_up(void **state)
{
	u8 got[64 * 512] = { 0 };

	(void)state;
	make_disk();
	media_bad = 40;
	media_failures = 1000;
	assert_int_equal(disk_read(&media_disk, 0, 64, got), ERR_DEVICE);
	assert_int_equal(media_failures, 1000 - 1 - DISK_ATTEMPTS);
	assert_int_equal(fake_log_errors(), 1);
	assert_true(fake_log_has("disk: cannot be read: bad checksum lba=40 status=0x10 attempts=3"));
	assert_memory_equal(got, want, 40 * 512);
	free(want);
}

/* All offsets and sizes around sectors, in a volume that is not the whole disk. */
static void test_bytes(void **state)
{
	static const u64 sizes[] = { 1, 2, 511, 512, 513, 1024, 1025, 5000 };
	u8 got[5000];

	(void)state;
	make_disk();
	media_volume = (struct volume){ .disk = &media_disk, .start = 512, .size = (SECTORS - 2) * 512 };
	media_volume.window = malloc(KIB(16));
	for (u64 at = 0; at < 1600; at += 37) {
		for (u32 i = 0; i < ARRAY_COUNT(sizes); i++) {
			assert_int_equal(volume_read(&media_volume, at, sizes[i], got), ERR_OK);
			assert_memory_equal(got, want + 512 + at, (size_t)sizes[i]);
		}
	}
	assert_int_equal(volume_read(&media_volume, (SECTORS - 2) * 512 - 1, 1, got), ERR_OK);
	assert_int_equal(volume_read(&media_volume, (SECTORS - 2) * 512 - 1, 2, got), ERR_TRUNCATED);
	assert_int_equal(volume_read(&media_volume, ~0ull, 2, got), ERR_TRUNCATED);
	assert_null(volume_peek(&media_volume, (SECTORS - 2) * 512 - 10, 11));
	free(want);
}

static u64 progress_done;

static void note_progress(void *ctx, u64 done, u64 total)
{
	assert_ptr_equal(ctx, &progress_done);
	assert_true(done > progress_done && done <= total);
	progress_done = done;
}

static void test_extents(void **state)
{
	struct file file = { 0 };
	u8 got[10 * 512];

	(void)state;
	make_disk();
	media_volume = (struct volume){ .disk = &media_disk, .size = SECTORS * 512 };
	media_volume.window = malloc(KIB(16));
	assert_int_equal(file_add(&media_volume, &file, 1024, 512), ERR_OK);
	assert_int_equal(file_add(&media_volume, &file, 1536, 512), ERR_OK);
	assert_int_equal(file.extent_count, 1);
	for (u32 i = 0; i < 8; i++)
		assert_int_equal(file_add(&media_volume, &file, 51200 - 4096 * i, 512), ERR_OK);
	assert_int_equal(file.extent_count, 9);
	assert_int_equal(file_add(&media_volume, &file, SECTORS * 512 - 1, 2), ERR_TRUNCATED);
	assert_int_equal(file_add(&media_volume, &file, 2, ~0ull), ERR_TRUNCATED);
	assert_int_equal(file.size, sizeof(got));
	progress_done = 0;
	assert_int_equal(file_read(&media_volume, &file, got, note_progress, &progress_done), ERR_OK);
	assert_int_equal(progress_done, sizeof(got));
	assert_memory_equal(got, want + 1024, 1024);
	for (u32 i = 0; i < 8; i++)
		assert_memory_equal(got + 1024 + 512 * i, want + 51200 - 4096 * i, 512);
	assert_memory_equal(file_peek(&media_volume, &file, 1024 + 3 * 512 + 7, 20), want + 51200 - 4096 * 3 + 7, 20);
	file_free(&file);
	free(want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_transfers), TEST(test_behind_the_end), TEST(test_recovers), TEST(test_gives_up), TEST(test_bytes),
		TEST(test_extents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
