/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "media_fixture.h"

#include "partition.h"

static struct partition_table table;

static void make_disk(const char *size, const char *script)
{
	media_run("rm -f disk.img && truncate -s %s disk.img && printf '%s' | /usr/sbin/sfdisk -q disk.img > /dev/null 2>&1",
		  size, script);
	media_attach("disk.img", 9);
}

static enum err read_table(void)
{
	partition_free(&table);
	fake_log_reset();
	return partition_read(&table, &media_disk);
}

static void assert_partition(u32 index, u32 number, u64 start, u64 sectors)
{
	assert_true(index < table.count);
	assert_int_equal(table.partitions[index].number, number);
	assert_int_equal(table.partitions[index].start, start);
	assert_int_equal(table.partitions[index].sectors, sectors);
}

static void assert_count(u32 count)
{
	assert_int_equal(read_table(), ERR_OK);
	assert_int_equal(table.count, count);
}


static void test_mbr(void **state)
{
	(void)state;
	make_disk("20M", "label: dos\\nstart=2048, size=4096, type=c\\nstart=8192, size=2048, type=83\\n");
	assert_count(2);
	assert_partition(0, 1, 2048, 4096);
	assert_partition(1, 2, 8192, 2048);
	assert_int_equal(fake_log_errors(), 0);
}

static void make_logical(void)
{
	make_disk("20M", "label: dos\\n1: start=2048, size=4096, type=c\\n3: start=10240, size=28672, type=5\\n"
			 "5: start=12288, size=1000, type=83\\n6: start=16384, size=2000, type=83\\n7: start=20480, size=3000, type=b\\n");
}

static void test_logical(void **state)
{
	(void)state;
	make_logical();
	assert_count(4);
	assert_partition(0, 1, 2048, 4096);
	assert_partition(1, 5, 12288, 1000);
	assert_partition(2, 6, 16384, 2000);
	assert_partition(3, 7, 20480, 3000);
	assert_string_equal(fake_log_text(), "");
}

/* The first link's pointer to the next, turned back to the chain's beginning; then to nowhere. */
static void test_bad_chain(void **state)
{
	u64 next = 10240 * 512 + 446 + 16 + 8;

	(void)state;
	make_logical();
	media_write(next, "\0\0\0\0", 4);
	assert_int_equal(read_table(), ERR_OK);
	assert_int_equal(table.count, 1 + 128);
	assert_true(fake_log_has("more than 128 links or goes in a circle"));
	media_write(next, "\xff\xff\xff\xff", 4);
	assert_count(2);
	assert_true(fake_log_has("the chain of logical partitions breaks off"));
	media_write(next, "\1\0\0\0", 4);
	assert_count(2);
	assert_true(fake_log_has("breaks off lba=10241"));
}

static void test_leaves_the_disk(void **state)
{
	(void)state;
	make_disk("20M", "label: dos\\nstart=2048, size=4096\\nstart=8192, size=2048\\n");
	media_write(446 + 12, "\xff\xff\xff\xff", 4);
	assert_count(1);
	assert_partition(0, 2, 8192, 2048);
	assert_true(fake_log_has("partition 1 leaves the disk and is left out: lba=2048 sectors=4294967295"));
	media_write(446 + 12, "\0\0\0\0", 4);
	assert_count(1);
}

#define GPT "label: gpt\\n1: start=2048, size=4096\\n3: start=8192, size=2048\\n128: start=12288, size=100\\n"

static void check_gpt(void)
{
	assert_count(3);
	assert_partition(0, 1, 2048, 4096);
	assert_partition(1, 3, 8192, 2048);
	assert_partition(2, 128, 12288, 100);
}

static void test_gpt(void **state)
{
	(void)state;
	make_disk("20M", GPT);
	check_gpt();
	assert_string_equal(fake_log_text(), "");
}

static void flip(u64 at)
{
	u8 byte;

	media_get(at, &byte, 1);
	byte ^= 0x10;
	media_write(at, &byte, 1);
}

/* Every byte of the header and of an entry is covered by a checksum: the second copy is taken. */
static void test_gpt_damage(void **state)
{
	(void)state;
	make_disk("20M", GPT);
	for (u32 at = 512; at < 512 + 92; at++) {
		flip(at);
		check_gpt();
		assert_true(fake_log_has("first GPT: "));
		flip(at);
	}
	for (u32 at = 1024; at < 1024 + 128; at += 5) {
		flip(at);
		check_gpt();
		assert_true(fake_log_has("first GPT: wrong checksum of its table lba=1"));
		flip(at);
	}
	check_gpt();
}

static void test_both_gpts_damaged(void **state)
{
	(void)state;
	make_disk("20M", GPT);
	flip(600);
	flip((u64)(40960 - 1) * 512 + 20);
	assert_int_equal(read_table(), ERR_FORMAT);
	assert_int_equal(table.count, 0);
	assert_true(fake_log_has("second GPT: wrong checksum lba=40959"));
}

static void test_unreadable_gpt(void **state)
{
	(void)state;
	make_disk("20M", GPT);
	media_bad = 1;
	media_failures = 100;
	check_gpt();
	assert_true(fake_log_has("disk: cannot be read: bad checksum lba=1 status=0x10 attempts=3"));
	assert_true(fake_log_has("first GPT: cannot be read lba=1"));
}

static void test_nothing(void **state)
{
	(void)state;
	media_run("truncate -s 1M disk.img");
	media_attach("disk.img", 9);
	assert_int_equal(read_table(), ERR_FORMAT);
	assert_string_equal(fake_log_text(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_mbr), TEST(test_logical), TEST(test_bad_chain), TEST(test_leaves_the_disk), TEST(test_gpt),
		TEST(test_gpt_damage), TEST(test_both_gpts_damaged), TEST(test_unreadable_gpt), TEST(test_nothing),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	partition_free(&table);
	return failed;
}
