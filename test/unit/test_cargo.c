/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The initrd as a source of images: archives as Linux allows them, a bare tree, and what is neither. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cargo.h"
#include "cpio_fixture.h"
#include "fake.h"

#define RAM 0x10000
#define AT 0x1000

static struct cpio_made made;
static struct bootinfo info;
static struct cargo cargo;

static int setup(void **state)
{
	(void)state;
	fake_ram_init(RAM);
	fake_log_reset();
	made = (struct cpio_made){ .data = fake_ram + AT };
	info = (struct bootinfo){ .initrd_start = AT };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_ram_free();
	return 0;
}

/* The archive at the very end of memory: what is read beyond it is caught. */
static bool load(void)
{
	info.initrd_start = RAM - made.size;
	info.initrd_end = RAM;
	memmove(fake_ram + info.initrd_start, made.data, made.size);
	return cargo_init(&cargo, &info, "manifest");
}

static void assert_holds(const char *name, const char *text)
{
	struct blob blob;

	assert_int_equal(cargo.source.find(&cargo.source, name, &blob), ERR_OK);
	assert_string_equal(blob.name, name);
	assert_string_equal(blob.origin, "initrd");
	assert_int_equal(blob.size, strlen(text));
	assert_memory_equal(blob.data, text, strlen(text));
	assert_ptr_equal(blob.data, fake_ram + blob.paddr);
}

static void assert_lacks(const char *name)
{
	struct blob blob;

	assert_int_equal(cargo.source.find(&cargo.source, name, &blob), ERR_NOT_FOUND);
}

static void test_files(void **state)
{
	(void)state;
	cpio_member(&made, "070701", CPIO_FOLDER, "boot", "", 0);
	cpio_file(&made, "manifest", "the tree");
	cpio_member(&made, "070702", CPIO_FILE, "boot/kernel", "abcde", 5);
	cpio_member(&made, "070701", CPIO_LINK, "link", "manifest", 8);
	cpio_file(&made, "./boot/./initrd", "i");
	cpio_trailer(&made);
	cpio_zeros(&made, 300);
	assert_true(load());
	assert_holds("manifest", "the tree");
	assert_holds("/manifest", "the tree");
	assert_holds("/boot/kernel", "abcde");
	assert_holds("./boot/kernel", "abcde");
	assert_lacks("kernel");
	assert_lacks("boot");
	assert_lacks("link");
	assert_lacks("TRAILER!!!");
	assert_lacks("");
	assert_int_equal(fake_log_errors(), 0);
	assert_true(fake_log_has("cargo: initrd files=3 bytes="));
	assert_true(fake_log_has("file \"manifest\" at=0x"));
}

/* Archives behind each other, zeros between them, the last file of a name, without a trailer at the end. */
static void test_archives_in_a_row(void **state)
{
	for (u32 gap = 0; gap < 9; gap++) {
		setup(state);
		cpio_file(&made, "a", "first");
		cpio_file(&made, "b", "only");
		cpio_trailer(&made);
		cpio_zeros(&made, gap * 4);
		cpio_file(&made, "a", "second");
		cpio_file(&made, "b", "");
		assert_true(load());
		assert_holds("a", "second");
		assert_holds("b", "only");
		assert_true(fake_log_has("warning: file \"b\" is empty"));
		assert_int_equal(fake_log_errors(), 0);
		teardown(state);
	}
}

/* No padding behind the last one's bytes. */
static void test_cut_padding(void **state)
{
	(void)state;
	cpio_file(&made, "a", "12345");
	made.size -= 3;
	assert_true(load());
	assert_holds("a", "12345");
}

/* GRUB 2.06 leaves the NUL out of the count, and where it is not padding leaves it out at all. */
static void test_names_without_end(void **state)
{
	u64 at;

	(void)state;
	at = cpio_file(&made, "kernelX", "abc");
	memcpy(made.data + at + 94, "00000006", 8);
	memmove(made.data + at + 116, made.data + at + 120, 4);
	made.size -= 4;
	at = cpio_file(&made, "manifest", "abcd");
	memcpy(made.data + at + 94, "00000008", 8);
	assert_true(load());
	assert_holds("kernel", "abc");
	assert_holds("/manifest", "abcd");
	assert_int_equal(fake_log_errors(), 0);
}

static void test_tree(void **state)
{
	(void)state;
	cpio_bytes(&made, "\xd0\x0d\xfe\xed more", 9);
	assert_true(load());
	assert_holds("manifest", "\xd0\x0d\xfe\xed more");
	assert_holds("/manifest", "\xd0\x0d\xfe\xed more");
	assert_lacks("kernel");
}

static void test_tree_by_another_name(void **state)
{
	(void)state;
	cpio_bytes(&made, "\xd0\x0d\xfe\xed", 4);
	info.initrd_end = AT + 4;
	assert_true(cargo_init(&cargo, &info, "/lab.dtb"));
	assert_holds("lab.dtb", "\xd0\x0d\xfe\xed");
	assert_lacks("manifest");
}

static void test_none(void **state)
{
	(void)state;
	info.initrd_start = 0;
	assert_false(cargo_init(&cargo, &info, "manifest"));
	assert_string_equal(fake_log_text(), "");
}

static void require_line(const char *line)
{
	if (fake_log_errors() != 1 || !fake_log_has(line))
		fail_msg("wanted \"%s\", got:\n%s", line, fake_log_text());
}

static void test_out_of_reach(void **state)
{
	(void)state;
	info = (struct bootinfo){ .initrd_start = RAM - 1, .initrd_end = RAM + 1 };
	assert_false(cargo_init(&cargo, &info, "manifest"));
	require_line("cargo: error: initrd at=0xffff size=2: outside the memory that this build reaches");
}

static const struct {
	const char *bytes;
	u32 size;
	const char *line;
} strange[] = {
	{ "070", 3, "error: initrd at=0xfffd size=3: too short for anything" },
	{ "\x1f\x8b\x08\0\0\0", 6, "error: the initrd is packed with gzip; a bare cpio archive or device tree is wanted" },
	{ "\x28\xb5\x2f\xfd\0\0", 6, "error: the initrd is packed with zstd;" },
	{ "BZh9....", 8, "error: the initrd is packed with bzip2;" },
	{ "070707..", 8, "error: the initrd is neither a cpio archive (070701) nor a device tree: bytes=8 first=0x30373037" },
	{ "070701", 6, "neither a cpio archive" },
};

static void test_strange(void **state)
{
	for (size_t i = 0; i < ARRAY_COUNT(strange); i++) {
		setup(state);
		cpio_bytes(&made, strange[i].bytes, strange[i].size);
		assert_false(load());
		require_line(strange[i].line);
		teardown(state);
	}
}

/* What comes before the damage is there to be found; it is said once. */
static const struct {
	u32 at;				/* in the second member's header */
	const char *bytes;
	const char *line;
} damages[] = {
	{ 0, "0707x1", "cpio: error: no member at offset 116:" },
	{ 14, "0000x000", "cpio: error: member at offset 116: mode or a size is no number of 8 hex digits" },
	{ 54, "zzzzzzzz", "mode or a size is no number" },
	{ 54, "ffffffff", "cpio: error: member at offset 116: 4294967295 bytes, but the archive has only " },
	{ 54, "00000100", "member at offset 116: 256 bytes, but the archive has only 120 more" },
	{ 94, "00000000", "cpio: error: member at offset 116: name size=0, 1 to " },
	{ 94, "00001001", "name size=4097, 1 to " },
	{ 94, "ffffffff", "name size=4294967295, 1 to " },
};

static void test_damaged(void **state)
{
	for (size_t i = 0; i < ARRAY_COUNT(damages); i++) {
		u64 at;

		setup(state);
		cpio_file(&made, "a", "good");
		at = cpio_file(&made, "b", "bad");
		assert_int_equal(at, 116);
		memcpy(made.data + at + damages[i].at, damages[i].bytes, strlen(damages[i].bytes));
		cpio_file(&made, "c", "gone");
		assert_true(load());
		require_line(damages[i].line);
		assert_holds("a", "good");
		assert_lacks("b");
		assert_lacks("c");
		require_line(damages[i].line);
		teardown(state);
	}
}

/* Cut anywhere: never more than what is there, and one line unless nothing is missing. */
static void test_cut(void **state)
{
	u64 whole;

	setup(state);
	cpio_file(&made, "a", "good");
	whole = made.size;
	cpio_file(&made, "b", "late");
	for (u64 size = made.size - 1; size >= whole; size--) {
		setup(state);
		cpio_file(&made, "a", "good");
		cpio_file(&made, "b", "late");
		made.size = size;
		assert_true(load());
		assert_holds("a", "good");
		assert_lacks("b");
		assert_int_equal(fake_log_errors(), size > whole);
	}
	teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_files, setup, teardown),
		cmocka_unit_test(test_archives_in_a_row),
		cmocka_unit_test_setup_teardown(test_cut_padding, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_without_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tree_by_another_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_out_of_reach, setup, teardown),
		cmocka_unit_test(test_strange),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
