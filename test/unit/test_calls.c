/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* How calls ended, by the entry's whole name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/calls.c"

#define LONG "a-configuration-of-a-very-long-name-"

static void test_long_names(void **state)
{
	char again[] = LONG "1";

	(void)state;
	call_count = 0;
	calls_note(LONG "1", &(struct swing){ .outcome = SWING_RETURNED, .result = 5 });
	calls_note(LONG "2", &(struct swing){ .outcome = SWING_FAULT });
	calls_note(again, &(struct swing){ .outcome = SWING_RETURNED, .result = 6 });
	assert_string_equal(calls_get(0)->name, LONG "1");
	assert_int_equal(calls_get(0)->number, 2);
	assert_string_equal(calls_get(0)->outcome, "returned");
	assert_int_equal(calls_get(0)->result, 6);
	assert_string_equal(calls_get(1)->name, LONG "2");
	assert_int_equal(calls_get(1)->number, 1);
	assert_string_equal(calls_get(1)->outcome, "fault");
	assert_null(calls_get(2));
}

/* The first ones are kept. */
static void test_many(void **state)
{
	static char names[CALLS_MAX + 1][8];

	(void)state;
	call_count = 0;
	for (u32 i = 0; i <= CALLS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "%u", i);
		calls_note(names[i], &(struct swing){ .outcome = SWING_ABORT });
	}
	calls_note("0", &(struct swing){ .outcome = SWING_WATCHDOG });
	assert_int_equal(calls_get(0)->number, 2);
	assert_string_equal(calls_get(0)->outcome, "watchdog");
	assert_string_equal(calls_get(CALLS_MAX - 1)->name, "15");
	assert_null(calls_get(CALLS_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_long_names), cmocka_unit_test(test_many) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
