/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The arguments of a called image, as text and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "callargs.h"
#include "fake.h"
#include "log.h"

static void check(const char *text, u32 wanted_count, const u64 *wanted)
{
	u64 args[CALLARGS_MAX];
	u32 count;

	memset(args, 0xff, sizeof(args));
	assert_int_equal(callargs_parse("it", text, args, &count), ERR_OK);
	assert_int_equal(count, wanted_count);
	for (u32 i = 0; i < CALLARGS_MAX; i++)
		assert_true(args[i] == (i < wanted_count ? wanted[i] : 0));
}

static void test_numbers(void **state)
{
	(void)state;
	check("", 0, NULL);
	check(" \t ", 0, NULL);
	check("7", 1, (u64[]){ 7 });
	check("  0x10 0 0XfF\t18446744073709551615 ", 4, (u64[]){ 16, 0, 255, UINT64_MAX });
	check("0xffffffffffffffff 2 3 4 5 6", 6, (u64[]){ UINT64_MAX, 2, 3, 4, 5, 6 });
}

static void check_refused(const char *text, const char *complaint)
{
	u64 args[CALLARGS_MAX];
	char line[LOG_LINE_MAX];
	u64 at = log_get_ring()->total;
	u32 count;

	assert_int_equal(callargs_parse("it", text, args, &count), ERR_VALUE);
	assert_true(log_read_line(&at, line, sizeof(line)));
	assert_non_null(strstr(line, complaint));
	assert_false(log_read_line(&at, line, sizeof(line)));
}

static void test_refused(void **state)
{
	(void)state;
	check_refused("1 two", "it: argument 2, \"two\", is no integer of 64 bits");
	check_refused("0x", "argument 1, \"0x\"");
	check_refused("12f", "argument 1, \"12f\"");
	check_refused("0xg", "argument 1, \"0xg\"");
	check_refused("-1", "argument 1, \"-1\"");
	check_refused("18446744073709551616", "argument 1, \"18446744073709551616\"");
	check_refused("0x10000000000000000", "argument 1");
	check_refused("184467440737095516150000000000", "argument 1, \"184467440737095516150000\"");
	check_refused("1 2 3 4 5 6 7", "it: more than 6 arguments");
	check_refused("\x10", "argument 1");
}

static void test_format(void **state)
{
	const u64 args[CALLARGS_MAX] = { 0, 1, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
	const u64 widest[CALLARGS_MAX] = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
	char text[CALLARGS_TEXT_MAX];

	(void)state;
	assert_string_equal(callargs_format(text, sizeof(text), args, 0), "");
	assert_string_equal(callargs_format(text, sizeof(text), args, 3), "0x0 0x1 0xffffffffffffffff");
	check(callargs_format(text, sizeof(text), args, 6), 6, args);
	check(callargs_format(text, sizeof(text), widest, 6), 6, widest);
	assert_int_equal(strlen(callargs_format(text, 5, args, 3)), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
