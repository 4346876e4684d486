/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "media_fixture.h"

static char long_name[251];

/* Copied in by mtools, with names of all kinds; two files grow in turns, so that their clusters alternate. */
static void make_files(void)
{
	memset(long_name, 'L', sizeof(long_name) - 1);
	media_run("seq 20000 > seq.txt && head -c 5000 /dev/urandom > five && printf x > one && head -c 2048 /dev/urandom > block && "
		  "mkdir -p tree/a/b/c/d/e/f/g/h/i/j tree/many && cp five tree/a/b/c/d/e/f/g/h/i/j/'a long name.bin' && "
		  "cd tree/many && seq 100 | split -l 1 -d -a 3 - 'file with number ' && cd ../.. && : > empty");
	media_run("export MTOOLS_SKIP_CHECK=1 && mcopy -i image.img seq.txt five one block ::/ && mcopy -i image.img one ::/%s && "
		  "mcopy -s -i image.img tree ::/ && mcopy -i image.img five ::/'Mixed Case.Name' && mcopy -i image.img empty ::/",
		  long_name);
}

static void check_files(const char *flavour)
{
	media_run("cp five 'host.long'");
	assert_int_equal(media_mount("image.img", 9), ERR_OK);
	assert_string_equal(media_volume.flavour, flavour);
	assert_string_equal(media_volume.label, "TRAPEZE");
	media_check("seq.txt", "seq.txt");
	media_check("SEQ.TXT", "seq.txt");
	media_check("/five", "five");
	media_check("one", "one");
	media_check("block", "block");
	media_check(long_name, "one");
	media_check("mixed case.name", "five");
	media_check("tree/A/b/c/d/e/f/g/h/i/j/A Long Name.bin", "five");
	media_check("tree/a/b/c/d/e/f/g/h/i/j/ALONGN~1.BIN", "five");
	media_check("tree/many/file with number 099", "tree/many/file with number 099");
	assert_int_equal(media_find_error("tree/many/file with number 100"), ERR_NOT_FOUND);
	assert_int_equal(media_find_error("tree/many"), ERR_NOT_FOUND);
	assert_int_equal(media_find_error("tree/many/../many/file with number 099"), ERR_NOT_FOUND);
	assert_int_equal(media_find_error("seq.tx"), ERR_NOT_FOUND);
	assert_int_equal(media_find_error("TRAPEZE"), ERR_NOT_FOUND);
	assert_int_equal(media_find_error("seq.txt/x"), ERR_NOT_FOUND);
	assert_int_equal(fake_log_errors(), 0);
}

static void make_fat(const char *size, const char *options)
{
	media_run("truncate -s %s image.img && /usr/sbin/mkfs.fat -n TRAPEZE %s image.img > /dev/null", size, options);
}

static void test_fat12(void **state)
{
	(void)state;
	make_fat("1440K", "-F 12");
	make_files();
	check_files("FAT12");
}

static void test_fat16(void **state)
{
	(void)state;
	make_fat("20M", "-F 16 -s 4");
	make_files();
	check_files("FAT16");
}

static void test_fat32(void **state)
{
	(void)state;
	make_fat("40M", "-F 32 -s 1 -f 1");
	make_files();
	check_files("FAT32");
}

static void test_large_sectors(void **state)
{
	(void)state;
	make_fat("64M", "-F 16 -S 4096");
	make_files();
	check_files("FAT16");
	assert_int_equal(media_mount("image.img", 12), ERR_OK);
	media_check("seq.txt", "seq.txt");
}

/* A full disk: every second small file goes, and a large one takes their places. */
static void test_fragments(void **state)
{
	static const char *const options[] = { "-F 12 -s 1", "-F 16 -s 1", "-F 32 -s 1" };
	static const char *const sizes[] = { "1440K", "8M", "40M" };

	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(options); i++) {
		media_run("rm -f image.img");
		make_fat(sizes[i], options[i]);
		media_run("export MTOOLS_SKIP_CHECK=1; mkdir -p small; head -c 512 /dev/urandom > sector; for i in $(seq 100 299); "
			  "do cp sector small/$i; done; mcopy -i image.img small/* :: && "
			  "truncate -s $(mdir -i image.img :: | sed -n 's/bytes free//p' | tr -d ' ') filler && "
			  "truncate -s -2048 filler && "
			  "mcopy -i image.img filler :: && mdel -i image.img ::/1?[02468] ::/2?[02468] && "
			  "head -c 50000 /dev/urandom > large && mcopy -i image.img large ::");
		assert_int_equal(media_mount("image.img", 9), ERR_OK);
		assert_true(media_check("large", "large") > 90);
		media_check("299", "sector");
	}
}

static void put_chain(u32 cluster, u32 next)
{
	u64 at = media_volume.fat.table + 4ull * cluster;

	media_write(at, (u8[]){ (u8)next, (u8)(next >> 8), (u8)(next >> 16), (u8)(next >> 24) }, 4);
}

/* A chain of a hundred thousand links: the largest file that there is, written into the tables by hand. */
static void test_largest_file(void **state)
{
	u32 cluster_size = 32768, clusters = 1u << 17, first = 100;
	u8 entry[32] = "HUGE       ";
	u32 *chain = calloc(clusters, sizeof(*chain));
	struct file file;
	char got;

	(void)state;
	make_fat("5G", "-F 32 -s 64");
	assert_int_equal(media_mount("image.img", 9), ERR_OK);
	for (u32 i = 0; i < clusters; i++)
		chain[i] = i + 1 == clusters ? 0x0fffffff : first + i + 1;
	media_write(media_volume.fat.table + 4 * first, chain, 4 * clusters);
	entry[11] = 0x20;
	entry[26] = (u8)first;
	memset(entry + 28, 0xff, 4);
	media_write(media_volume.fat.data, entry, sizeof(entry));
	assert_int_equal(media_find("huge", &file), ERR_OK);
	assert_true(file.size == 0xffffffff);
	assert_int_equal(file.extent_count, 1);
	media_write(file.extents[0].start + 0xfffffffe, "z", 1);
	assert_int_equal(volume_read(&media_volume, file.extents[0].start + 0xfffffffe, 1, &got), ERR_OK);
	assert_int_equal(got, 'z');
	file_free(&file);
	/* One too many, and one too few. */
	put_chain(first + clusters - 1, first + clusters);
	assert_int_equal(media_find_error("huge"), ERR_VALUE);
	assert_true(fake_log_has("goes on behind its file, or in a circle"));
	put_chain(first + clusters - 2, 0x0ffffff8);
	assert_int_equal(media_find_error("huge"), ERR_VALUE);
	assert_true(fake_log_has("a chain ends before its file"));
	assert_true(cluster_size == 1u << media_volume.fat.cluster_shift);
	free(chain);
}

static void assert_refused(u32 cluster, u32 next, const char *path, const char *why)
{
	u64 at = media_volume.fat.table + 4ull * cluster;
	u8 before[4];

	media_get(at, before, 4);
	put_chain(cluster, next);
	fake_log_reset();
	assert_int_equal(media_find_error(path), ERR_VALUE);
	assert_int_equal(fake_log_errors(), 1);
	assert_true(fake_log_has(why));
	media_write(at, before, 4);
}

static u32 first_cluster(const char *path)
{
	struct file file;
	u32 cluster;

	assert_int_equal(media_find(path, &file), ERR_OK);
	cluster = (u32)((file.extents[0].start - media_volume.fat.data) >> media_volume.fat.cluster_shift) + 2;
	file_free(&file);
	return cluster;
}

static void test_bad_chains(void **state)
{
	u32 at, root;

	(void)state;
	make_fat("40M", "-F 32 -s 1");
	make_files();
	assert_int_equal(media_mount("image.img", 9), ERR_OK);
	at = first_cluster("five");
	root = media_volume.fat.root_cluster;
	assert_refused(at + 9, at, "five", "in a circle");
	assert_refused(at + 3, at, "five", "in a circle");
	assert_refused(at, at, "five", "in a circle");
	assert_refused(at + 3, 0x0fffffff, "five", "ends before its file");
	assert_refused(at + 3, 0, "five", "leaves the volume cluster=0 ");
	assert_refused(at + 3, 1, "five", "leaves the volume cluster=1 ");
	assert_refused(at + 3, media_volume.fat.cluster_end, "five", "leaves the volume");
	assert_refused(at + 3, 0x0ffffff7, "five", "leaves the volume");
	assert_refused(root, root, "not there", "a directory is too long, or goes in a circle");
	/* The upper four bits are not part of an entry. */
	put_chain(at, (at + 1) | 0xf0000000);
	media_check("five", "five");
}

/* Long names whose parts do not belong together are no names. */
static void test_bad_names(void **state)
{
	static const u8 parts[] = { 0, 13, 26 };
	u8 before;
	u64 at;

	(void)state;
	make_fat("1440K", "-F 12");
	media_run("printf x > one && export MTOOLS_SKIP_CHECK=1 && mcopy -i image.img one ::/'some rather long name'");
	assert_int_equal(media_mount("image.img", 9), ERR_OK);
	media_check("some rather long name", "one");
	at = media_volume.fat.root + 32;
	for (u32 entry = 0; entry < 2; entry++) {
		for (u32 i = 0; i < 2; i++) {
			u64 place = at + 32 * entry + parts[i];
			u8 byte;

			media_get(place, &before, 1);
			byte = before ^ 2;	/* not 0 in the first byte: that ends the directory */
			media_write(place, &byte, 1);
			assert_int_equal(media_find_error("some rather long name"), ERR_NOT_FOUND);
			media_check("SOMERA~1", "one");
			media_write(place, &before, 1);
		}
	}
	assert_int_equal(media_find_error("some rather long nam"), ERR_NOT_FOUND);
	assert_int_equal(media_find_error("some rather long names"), ERR_NOT_FOUND);
	assert_int_equal(media_find_error("some rather l"), ERR_NOT_FOUND);
	media_check("some rather long name", "one");
}

/* Each byte of the boot sector's fields, and of the first entries, changed: an answer comes. */
static void test_damage(void **state)
{
	u8 before, byte;

	(void)state;
	make_fat("1440K", "-F 12");
	make_files();
	assert_int_equal(media_mount("image.img", 9), ERR_OK);
	for (u32 i = 0; i < 800; i++) {
		u64 at = i < 64 ? i : i < 300 ? 512 + i - 64 : media_volume.fat.root + i - 300;

		media_get(at, &before, 1);
		byte = before ^ (i & 1 ? 0xff : 0x04);
		media_write(at, &byte, 1);
		if (!media_remount())
			(void)media_find_error("tree/a/b/c/d/e/f/g/h/i/j/a long name.bin");
		media_write(at, &before, 1);
		assert_int_equal(media_remount(), ERR_OK);
	}
	check_files("FAT12");
}

static void test_larger_than_the_partition(void **state)
{
	(void)state;
	make_fat("20M", "-F 16 -s 4");
	media_run("truncate -s 10M image.img");
	assert_int_equal(media_mount("image.img", 9), ERR_VALUE);
	assert_true(fake_log_has("FAT boot sector is damaged"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fat12), TEST(test_fat16), TEST(test_fat32), TEST(test_large_sectors), TEST(test_fragments),
		TEST(test_largest_file), TEST(test_bad_chains), TEST(test_bad_names), TEST(test_damage),
		TEST(test_larger_than_the_partition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
