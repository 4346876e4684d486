/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The manifest reader when there is no memory: each allocation in turn fails, with one line and nothing leaked. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dts.h"
#include "fake.h"

static unsigned int calls_left;

static void *failing_calloc(size_t count, size_t size)
{
	return calls_left-- ? calloc(count, size) : NULL;
}

#define calloc failing_calloc
#include "../../src/manifest.c"
#undef FIELD
#include "../../src/manifest_config.c"
#undef FIELD
#include "../../src/manifest_image.c"
#include "../../src/manifest_node.c"
#undef calloc

static const char source[] =
	"/dts-v1/; / { images { k { data = [00]; hash-1 { algo = \"crc32\"; value = <0>; }; }; };"
	" configurations { a { kernel = \"k\"; ramdisk = \"k\"; trapeze,modules = \"k\", \"k\"; }; }; };";

static const char *const messages[] = {
	"/images: no memory for 1 names", "/images: no memory for 1 images", "/images/k: no memory for 1 hashes",
	"/configurations: no memory for 1 names", "/configurations: no memory for 1 entries",
	"/configurations/a ramdisk=\"k\": no memory for 1 images",
	"/configurations/a trapeze,modules=\"k k\": no memory for 2 images",
};

static void test_each_fails(void **state)
{
	struct manifest manifest;
	size_t size;
	void *tree = dts_compile(source, &size);

	(void)state;
	for (unsigned int i = 0; i < ARRAY_COUNT(messages); i++) {
		fake_log_reset();
		calls_left = i;
		assert_int_equal(manifest_parse(&manifest, tree, size), ERR_MEMORY);
		assert_true(fake_log_has(messages[i]));
		assert_int_equal(fake_log_errors(), 1);
	}
	calls_left = ARRAY_COUNT(messages);
	assert_int_equal(manifest_parse(&manifest, tree, size), ERR_OK);
	assert_int_equal(calls_left, 0);
	manifest_free(&manifest);
	free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_each_fails) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
