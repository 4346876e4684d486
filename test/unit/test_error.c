/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Each error has a text of its own; a number that is no error has one too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"

static void test_texts(void **state)
{
	(void)state;
	assert_string_equal(err_text(ERR_OK), "ok");
	assert_string_equal(err_text(ERR_TRUNCATED), "ends before its own header says");
	assert_string_equal(err_text(ERR_CANCELLED), "cancelled");
}

static void test_all_different(void **state)
{
	(void)state;
	for (int i = 0; i < ERR_COUNT; i++) {
		assert_non_null(err_text((enum err)i));
		assert_true(strlen(err_text((enum err)i)) > 0);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(err_text((enum err)i), err_text((enum err)j));
	}
}

static void test_no_error(void **state)
{
	(void)state;
	assert_string_equal(err_text(ERR_COUNT), "unknown error");
	assert_string_equal(err_text((enum err)-1), "unknown error");
	assert_string_equal(err_text((enum err)0x7fffffff), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_all_different),
		cmocka_unit_test(test_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
