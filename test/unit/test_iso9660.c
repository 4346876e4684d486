/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "media_fixture.h"

#define MKISO "xorriso -report_about FATAL -as mkisofs -quiet -V TRAPEZE -o image.iso "
#define BLOCK 2048

static char long_name[201];
static char deep_path[256];

/* A tree with everything: deep folders, long names, many files in one folder, links, files of all sizes. */
static void make_tree(void)
{
	memset(long_name, 'n', sizeof(long_name) - 1);
	strcpy(deep_path, "one");
	for (int i = 0; i < 12; i++)
		strcat(deep_path, "/Deeper-and-deeper");
	media_run("mkdir -p tree/%s tree/many tree/links && seq 100000 > tree/Large.File.txt && : > tree/empty && "
		  "printf x > tree/%s/bottom && printf y > tree/many/%s && cd tree/many && seq 400 | split -l 1 -d -a 3 - file- && "
		  "head -c 2048 /dev/urandom > ../block && head -c 2049 /dev/urandom > ../block-and-one && printf z > ../lower.c",
		  deep_path, deep_path, long_name);
}

static void check_tree(void)
{
	char path[600], host[610];

	media_check("Large.File.txt", "tree/Large.File.txt");
	media_check("/block", "tree/block");
	media_check("//./block-and-one", "tree/block-and-one");
	media_check("lower.c", "tree/lower.c");
	media_check("many/file-000", "tree/many/file-000");
	media_check("many/file-399", "tree/many/file-399");
	snprintf(path, sizeof(path), "%s/bottom", deep_path);
	snprintf(host, sizeof(host), "tree/%s", path);
	media_check(path, host);
	assert_int_equal(media_find_error("many"), ERR_NOT_FOUND);
	assert_int_equal(media_find_error("missing"), ERR_NOT_FOUND);
	assert_int_equal(media_find_error("block/below"), ERR_NOT_FOUND);
	assert_int_equal(media_find_error("many/file-400"), ERR_NOT_FOUND);
	assert_int_equal(media_find_error(""), ERR_NOT_FOUND);
	assert_int_equal(fake_log_errors(), 0);
}

static void check_long_name(void)
{
	char path[300], host[300];

	snprintf(path, sizeof(path), "many/%s", long_name);
	snprintf(host, sizeof(host), "tree/many/%s", long_name);
	media_check(path, host);
}

static void mount_iso(const char *flavour)
{
	assert_int_equal(media_mount("image.iso", 11), ERR_OK);
	assert_string_equal(media_volume.flavour, flavour);
	assert_string_equal(media_volume.label, "TRAPEZE");
	assert_ptr_equal(media_volume.filesystem, &filesystem_iso9660);
}

static void test_rock_ridge(void **state)
{
	(void)state;
	make_tree();
	media_run(MKISO "-r -J -joliet-long tree");
	mount_iso("Rock Ridge");
	check_tree();
	check_long_name();
	/* These names keep their case. */
	assert_int_equal(media_find_error("large.file.txt"), ERR_NOT_FOUND);
	assert_int_equal(media_find_error("LARGE.FIL"), ERR_NOT_FOUND);
}

/* The same medium as a stick: sectors of another size. */
static void test_small_sectors(void **state)
{
	(void)state;
	make_tree();
	media_run(MKISO "-r tree");
	assert_int_equal(media_mount("image.iso", 9), ERR_OK);
	check_tree();
	check_long_name();
	assert_int_equal(media_mount("image.iso", 12), ERR_OK);
	check_tree();
}

static void test_joliet(void **state)
{
	(void)state;
	make_tree();
	media_run("rm tree/many/%s; " MKISO "--norock -J -joliet-long tree", long_name);
	mount_iso("Joliet");
	check_tree();
	media_check("LARGE.file.TXT", "tree/Large.File.txt");
}

static void test_plain(void **state)
{
	(void)state;
	make_tree();
	media_run("mkdir plain && cp tree/lower.c plain && cp tree/block plain/noext && " MKISO "--norock -iso-level 1 plain");
	mount_iso("plain names");
	media_check("LOWER.C", "tree/lower.c");
	media_check("lower.c", "tree/lower.c");
	media_check("noext", "tree/block");
	assert_int_equal(media_find_error("lower.c;1"), ERR_NOT_FOUND);
}

/* Folders below the eighth level are listed elsewhere on media that keep to the standard. */
static void test_relocated(void **state)
{
	(void)state;
	make_tree();
	media_run("xorriso -report_about FATAL -compliance deep_paths_off:long_paths_off -volid TRAPEZE -rockridge on "
		  "-rr_reloc_dir moved -outdev image.iso -map tree / -commit");
	mount_iso("Rock Ridge");
	check_tree();
	assert_int_equal(media_find_error("moved/Deeper-and-deeper/bottom"), ERR_NOT_FOUND);
}

static void test_links(void **state)
{
	(void)state;
	make_tree();
	media_run("cd tree/links && ln -s ../block up && ln -s /many root && ln -s up again && ln -s a b && ln -s b a && "
		  "ln -s ../links/./up dots && ln -s nowhere dangling && ln -s ../../../many/file-001 above && ln -s .. parent && "
		  "ln -s %s/%s/%s far && cd ../.. && " MKISO "-r tree", long_name, long_name, long_name);
	mount_iso("Rock Ridge");
	media_check("links/up", "tree/block");
	media_check("links/root/file-007", "tree/many/file-007");
	media_check("links/again", "tree/block");
	media_check("links/dots", "tree/block");
	media_check("links/above", "tree/many/file-001");
	media_check("links/parent/links/parent/block", "tree/block");
	assert_int_equal(media_find_error("links/dangling"), ERR_NOT_FOUND);
	assert_int_equal(media_find_error("links/root"), ERR_NOT_FOUND);
	assert_int_equal(fake_log_errors(), 0);
	assert_int_equal(media_find_error("links/a"), ERR_VALUE);
	assert_true(fake_log_has("leads through too many or too long symbolic links"));
	assert_int_equal(media_find_error("links/far"), ERR_VALUE);
}

/* A file of more than 4 GiB: the directory is real, the bytes are a hole. */
static void test_large_file(void **state)
{
	struct file file;
	u64 size = MIB(4300);
	char got[2];

	(void)state;
	media_run("mkdir tree && truncate -s 4300M tree/huge && printf a > tree/small && { xorriso -report_about FATAL -as mkisofs "
		  "-quiet -V TRAPEZE -iso-level 3 -r -o - tree 2>/dev/null; true; } | head -c 1M > image.iso && "
		  "truncate -s 4304M image.iso");
	mount_iso("Rock Ridge");
	assert_int_equal(media_find("huge", &file), ERR_OK);
	assert_true(file.size == size);
	assert_int_equal(file.extent_count, 1);
	media_write(file.extents[0].start + size - 2, "yz", 2);
	assert_int_equal(volume_read(&media_volume, file.extents[0].start + size - 2, 2, got), ERR_OK);
	assert_memory_equal(got, "yz", 2);
	file_free(&file);
	assert_int_equal(media_find("small", &file), ERR_OK);
	assert_int_equal(file.size, 1);
	file_free(&file);
}

/* A file that the directory puts behind the medium's end. */
static void test_cut(void **state)
{
	(void)state;
	make_tree();
	media_run(MKISO "-r tree && truncate -s 400K image.iso");
	mount_iso("Rock Ridge");
	assert_int_equal(media_find_error("Large.File.txt"), ERR_TRUNCATED);
	assert_true(fake_log_has("volume: the file system leads behind its end"));
}

/* Every byte of the root directory and of its descriptor changed, one at a time: an answer comes, whatever it is. */
static void test_damage(void **state)
{
	u8 before, byte;
	u64 root;

	(void)state;
	make_tree();
	media_run(MKISO "-r tree");
	mount_iso("Rock Ridge");
	root = (u64)media_volume.iso9660.root_block * BLOCK;
	for (u32 i = 0; i < 1000; i++) {
		u64 at = i < 600 ? root + i : 16 * BLOCK + i - 600;

		media_get(at, &before, 1);
		byte = before ^ (i & 1 ? 0xff : 0x01);
		media_write(at, &byte, 1);
		if (!media_remount())
			(void)media_find_error("Large.File.txt");
		media_write(at, &before, 1);
	}
	mount_iso("Rock Ridge");
	media_check("Large.File.txt", "tree/Large.File.txt");
}

/* Continuation areas that refer to themselves. */
static void test_circle(void **state)
{
	static const u8 begin[] = { 'S', 'P', 7, 1, 0xbe, 0xef, 0 };
	u8 entry[28] = { 'C', 'E', 28, 1 };
	u64 root, at;
	u8 size;

	(void)state;
	make_tree();
	media_run(MKISO "-r tree");
	mount_iso("Rock Ridge");
	root = (u64)media_volume.iso9660.root_block * BLOCK;
	media_get(root + 34, entry + 4, 7);
	assert_memory_equal(entry + 4, begin, sizeof(begin));
	/* The third record is the first file's: its system use area begins behind the name. */
	media_get(root, &size, 1);
	at = root + size;
	media_get(at, &size, 1);
	at += size;
	media_get(at + 32, &size, 1);
	at += 33 + size + !(size & 1);
	entry[4] = entry[8] = (u8)media_volume.iso9660.root_block;
	entry[5] = entry[9] = (u8)(media_volume.iso9660.root_block >> 8);
	entry[6] = entry[7] = entry[10] = entry[11] = 0;
	entry[12] = (u8)(at - root);
	entry[13] = (u8)((at - root) >> 8);
	entry[20] = 28;
	media_write(at, entry, sizeof(entry));
	assert_int_equal(media_find_error("lower.c"), ERR_VALUE);
	assert_true(fake_log_has("Rock Ridge continuation"));
}

static void test_other(void **state)
{
	(void)state;
	media_run("truncate -s 100K image.iso");
	assert_int_equal(media_mount("image.iso", 9), ERR_FORMAT);
	media_run("truncate -s 512 image.iso");
	assert_int_equal(media_mount("image.iso", 9), ERR_FORMAT);
	assert_int_equal(fake_log_errors(), 0);
}

static void test_unreadable(void **state)
{
	(void)state;
	make_tree();
	media_run(MKISO "-r tree");
	mount_iso("Rock Ridge");
	media_bad = media_volume.iso9660.root_block;
	media_failures = 1000;
	media_volume.window_size = 0;
	assert_int_equal(media_find_error("lower.c"), ERR_DEVICE);
	assert_int_equal(fake_log_errors(), 1);
	assert_true(fake_log_has("bad checksum lba="));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rock_ridge), TEST(test_small_sectors), TEST(test_joliet), TEST(test_plain), TEST(test_relocated),
		TEST(test_links), TEST(test_large_file), TEST(test_cut), TEST(test_damage), TEST(test_circle), TEST(test_other),
		TEST(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
