/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A FIT that mkimage made, read as it is, and its hashes checked over its data. */
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
	"   hash-4 { algo = \"sha512\"; }; };"
	"  ramdisk-1 { data = /incbin/(\"ramdisk\"); type = \"ramdisk\"; arch = \"x86_64\"; os = \"linux\";"
	"   compression = \"none\"; hash-1 { algo = \"sha256\"; }; };"
	" }; configurations { default = \"conf-1\";"
	"  conf-1 { description = \"Boot\"; kernel = \"kernel-1\"; ramdisk = \"ramdisk-1\"; }; }; };";

static char folder[] = "/tmp/trapeze-fit-XXXXXX";
static u8 *fit;
static size_t fit_size;

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

static int make_fit(void **state)
{
	char command[256];
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	write_file("fit.its", source, 1);
	write_file("kernel", "not quite a kernel ", 70000);
	write_file("ramdisk", "070701", 100);
	snprintf(command, sizeof(command), "cd %s && mkimage -f fit.its fit.itb >mkimage.log 2>&1", folder);
	if (system(command))
		return -1;
	snprintf(command, sizeof(command), "%s/fit.itb", folder);
	file = fopen(command, "r");
	fit = malloc(4 << 20);
	fit_size = fread(fit, 1, 4 << 20, file);
	fclose(file);
	fit = realloc(fit, fit_size);
	return 0;
}

static int remove_fit(void **state)
{
	char command[128];

	(void)state;
	free(fit);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static enum err verify_image(const struct manifest_image *image)
{
	return verify_part(image->name, image->data, image->data_size, image->hashes, image->hash_count, NULL, NULL);
}

static void test_fit(void **state)
{
	const struct manifest_image *kernel;
	struct manifest m;

	(void)state;
	fake_log_reset();
	assert_int_equal(manifest_parse(&m, fit, fit_size), ERR_OK);
	assert_string_equal(m.description, "made by mkimage");
	kernel = &m.images[m.configs[m.default_config].kernel];
	assert_string_equal(kernel->name, "kernel-1");
	assert_int_equal(kernel->data_size, 70000 * 19);
	assert_int_equal(kernel->hash_count, 4);
	assert_int_equal(m.configs[0].ramdisk_count, 1);
	assert_int_equal(verify_image(kernel), ERR_OK);
	assert_int_equal(verify_image(&m.images[m.configs[0].ramdisks[0]]), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
	((u8 *)(uintptr_t)kernel->data)[12345] ^= 1;
	assert_int_equal(verify_image(kernel), ERR_HASH);
	manifest_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_fit) };

	return cmocka_run_group_tests(tests, make_fit, remove_fit);
}
