/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "printable.h"

static void test_escapes(void **state)
{
	char buf[64];

	(void)state;
	assert_string_equal(printable(buf, sizeof(buf), "", 0), "");
	assert_string_equal(printable(buf, sizeof(buf), "a b~", 4), "a b~");
	assert_string_equal(printable(buf, sizeof(buf), "\033[2J\n\0\x9b\xff\x7f", 8), "\\x1b[2J\\x0a\\x00\\x9b\\xff");
	for (int c = 0; c < 256; c++)
		assert_int_equal(is_printable((char)c), c >= 0x20 && c < 0x7f);
}

/* Whatever the size: no byte behind it (the sanitizer looks on), and what fits is the beginning of the whole. */
static void test_cut(void **state)
{
	static const char text[] = "ab\1gh\2\3ijkl";
	char whole[64];

	(void)state;
	printable(whole, sizeof(whole), text, strlen(text));
	for (size_t size = 5; size <= sizeof(whole); size++) {
		char *buf = malloc(size);
		size_t length = strlen(printable(buf, size, text, strlen(text)));

		assert_true(length < size);
		if (strcmp(buf, whole)) {
			assert_string_equal(buf + length - 3, "...");
			assert_memory_equal(buf, whole, length - 3);
		} else {
			assert_true(size > strlen(whole));
		}
		free(buf);
	}
	assert_string_equal(printable(whole, 8, "abcdefghij", 10), "abcd...");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_escapes), cmocka_unit_test(test_cut) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
