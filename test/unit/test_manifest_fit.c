/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * FITs that mkimage made, read as they are, and their hashes checked over their data: in the tree, behind it, at positions
 * of their own, aligned to blocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake.h"
#include "manifest.h"

static const char source[] =
	"/dts-v1/; / { description = \"made by mkimage\"; #address-cells = <1>;"
	" images {"
	"  kernel-1 { description = \"Linux\"; data = /incbin/(\"kernel\"); type = \"kernel\"; arch = \"x86_64\";"
	"   os = \"linux\"; compression = \"none\"; load = <0x1000000>; entry = <0x1000000>;"
	"   hash-1 { algo = \"crc32\"; }; hash-2 { algo = \"sha1\"; }; hash-3 { algo = \"sha256\"; };"
	"   hash-4 { algo = \"sha512\"; }; hash@5 { algo = \"sha384\"; }; hash@6 { algo = \"md5\"; }; };"
	"  ramdisk-1 { data = /incbin/(\"ramdisk\"); type = \"ramdisk\"; arch = \"x86_64\"; os = \"linux\";"
	"   compression = \"none\"; hash-1 { algo = \"sha256\"; }; };"
	" }; configurations { default = \"conf-1\";"
	"  conf-1 { description = \"Boot\"; kernel = \"kernel-1\"; ramdisk = \"ramdisk-1\"; }; }; };";

static char folder[] = "/tmp/trapeze-fit-XXXXXX";
static u8 *fit;
static size_t fit_size;
static struct manifest m;

static void write_file(const char *name, const char *text, size_t repeat)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	while (repeat--)
		fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	write_file("fit.its", source, 1);
	write_file("kernel", "not quite a kernel ", 70000);
	write_file("ramdisk", "070701", 101);
	return 0;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void make_fit(const char *options)
{
	char command[256];
	FILE *file;

	snprintf(command, sizeof(command), "cd %s && mkimage %s -f fit.its fit.itb >mkimage.log 2>&1", folder, options);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "%s/fit.itb", folder);
	file = fopen(command, "r");
	fit = malloc(4 << 20);
	fit_size = fread(fit, 1, 4 << 20, file);
	fclose(file);
	fit = realloc(fit, fit_size);
	fake_log_reset();
}

static int drop_fit(void **state)
{
	(void)state;
	manifest_free(&m);
	free(fit);
	fit = NULL;
	return 0;
}

static enum err verify_image(const struct manifest_image *image)
{
	return verify_part(image->name, image->data, image->data_size, image->hashes, image->hash_count, NULL, NULL);
}

static void check_fit(const char *options, bool is_external)
{
	const struct manifest_image *kernel;

	make_fit(options);
	assert_int_equal(manifest_parse(&m, fit, fit_size), ERR_OK);
	assert_string_equal(m.description, "made by mkimage");
	kernel = &m.images[m.configs[m.default_config].kernel];
	assert_string_equal(kernel->name, "kernel-1");
	assert_int_equal(kernel->data_size, 70000 * 19);
	assert_int_equal(kernel->hash_count, 6);
	assert_int_equal(kernel->external.has_size, is_external);
	assert_int_equal(m.configs[0].ramdisk_count, 1);
	assert_int_equal(m.images[m.configs[0].ramdisks[0]].data_size, 606);
	assert_int_equal(verify_image(kernel), ERR_OK);
	assert_int_equal(verify_image(&m.images[m.configs[0].ramdisks[0]]), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
	assert_false(fake_log_has("unknown"));
	((u8 *)(uintptr_t)kernel->data)[12345] ^= 1;
	assert_int_equal(verify_image(kernel), ERR_HASH);
}

static void test_embedded(void **state)
{
	(void)state;
	check_fit("", false);
}

static void test_external(void **state)
{
	(void)state;
	check_fit("-E", true);
}

static void test_position(void **state)
{
	(void)state;
	check_fit("-E -p 0x3000", true);
}

static void test_aligned(void **state)
{
	(void)state;
	check_fit("-E -B 0x200", true);
}

/* Cut anywhere behind the tree, or the tree itself: one line, no wild reads. */
static void test_cut(void **state)
{
	size_t whole;

	(void)state;
	make_fit("-E");
	whole = fit_size;
	/* The last image is padded to a multiple of 4. */
	for (fit_size -= 4; fit_size > whole - 1000; fit_size -= 9) {
		fit = realloc(fit, fit_size);
		fake_log_reset();
		assert_int_not_equal(manifest_parse(&m, fit, fit_size), ERR_OK);
		assert_true(fake_log_has(" reaches beyond the file's 0x"));
		assert_int_equal(fake_log_errors(), 1);
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, drop_fit)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_embedded), TEST(test_external), TEST(test_position), TEST(test_aligned), TEST(test_cut),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
