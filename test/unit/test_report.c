/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the shim says of a call: the lines, what goes to the console and what to the ring alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "report.h"

#define BACK "[] call: swapped back pages=12, state restored, back in the menu\n"

static char console[2048];
static size_t console_used;

static void take(const char *text, size_t size)
{
	assert_true(size < sizeof(console) - console_used);
	memcpy(console + console_used, text, size);
	console_used += size;
	console[console_used] = '\0';
}

/* All lines of the ring from `at` on, each with a newline, time stamps as "[]". */
static void read_ring(u64 at, char *text, size_t size)
{
	char line[LOG_LINE_MAX];

	*text = '\0';
	while (log_read_line(&at, line, sizeof(line))) {
		size_t used = strlen(text);

		assert_true(strchr(line, ']') != NULL);
		assert_true((size_t)snprintf(text + used, size - used, "[]%s\n", strchr(line, ']') + 1) < size - used);
	}
}

static void check(const struct swing *swing, enum log_level level, const char *ring_wanted, u32 console_lines)
{
	u64 at = log_get_ring()->total;
	u32 lines = 0;
	char ring[2048];

	console_used = 0;
	console[0] = '\0';
	log_set_console(take);
	log_set_level(level);
	report_outcome(swing);
	assert_int_equal(log_level(), level);
	log_set_console(NULL);
	read_ring(at, ring, sizeof(ring));
	assert_string_equal(ring, ring_wanted);
	for (const char *s = console; (s = strchr(s, '\n')); s++)
		lines++;
	assert_int_equal(lines, console_lines);
}

static void test_outcomes(void **state)
{
	static const struct { enum swing_outcome outcome; const char *line; } cases[] = {
		{ SWING_RETURNED, "[] call: \"probe\" returned result=0xfedcba9876543210 us=4321 swap-us=765 check-us=98\n" BACK },
		{ SWING_FAULT, "[] call: error: \"probe\" ended by an exception\n" BACK },
		{ SWING_WATCHDOG, "[] call: error: \"probe\" ended by the watchdog after 250 ms\n" BACK },
		{ SWING_ABORT, "[] call: error: \"probe\" ended by Ctrl-C\n" BACK },
		{ SWING_CHECKSUM, "[] call: error: \"probe\" was not entered: its pages did not arrive as prepared\n" BACK },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		const struct swing swing = {
			.title = "probe", .text = "", .outcome = cases[i].outcome, .result = 0xfedcba9876543210ull,
			.call_us = 4321, .swap_us = 765, .check_us = 98, .watchdog_ms = 250, .swapped_pages = 12,
		};

		check(&swing, LOG_INFO, cases[i].line, 2);
	}
}

/* A kernel that comes back: nothing of it was swapped, and what its registers hold is no result. */
static void test_came_back(void **state)
{
	struct swing swing = {
		.title = "Linux", .text = "", .outcome = SWING_RETURNED, .resident = true, .result = 7, .call_us = 99, .reentry = 0x1000,
	};

	(void)state;
	check(&swing, LOG_INFO, "[] call: \"Linux\" came back us=99\n[] call: it sleeps and can be resumed entry=0x1000\n"
	      "[] call: state restored, back in the menu\n", 3);
	swing.outcome = SWING_FAULT;
	check(&swing, LOG_INFO, "[] call: error: \"Linux\" ended by an exception\n[] call: state restored, back in the menu\n", 2);
}

/* Failures are shown on a quiet console as well, success is not. */
static void test_quiet_console(void **state)
{
	struct swing swing = { .title = "probe", .text = "", .outcome = SWING_FAULT, .swapped_pages = 12 };

	(void)state;
	check(&swing, LOG_ERR, "[] call: error: \"probe\" ended by an exception\n" BACK, 1);
	swing.outcome = SWING_RETURNED;
	check(&swing, LOG_ERR, "[] call: \"probe\" returned result=0x0 us=0 swap-us=0 check-us=0\n" BACK, 0);
}

/* The net has printed its lines on the console already. */
static void test_text_of_the_net_goes_to_the_ring(void **state)
{
	const struct swing swing = {
		.title = "probe", .outcome = SWING_FAULT, .swapped_pages = 12,
		.text = "\n---- #UD invalid opcode\n eip 00100000\n\n trace 100%s\nno end of line",
	};

	(void)state;
	check(&swing, LOG_INFO,
	      "[] net: ---- #UD invalid opcode\n[] net:  eip 00100000\n[] net:  trace 100%s\n[] net: no end of line\n"
	      "[] call: error: \"probe\" ended by an exception\n" BACK, 2);
}

static void test_own_code(void **state)
{
	const struct swing swing = { .title = "probe", .text = "", .outcome = SWING_RETURNED, .swapped_pages = 12 };

	(void)state;
	fake_self_changed = true;
	check(&swing, LOG_INFO, "[] call: \"probe\" returned result=0x0 us=0 swap-us=0 check-us=0\n" BACK
	      "[] call: error: \"probe\" wrote over Trapeze's own code: nothing that follows can be trusted, reboot\n", 3);
	check(&swing, LOG_INFO, "[] call: \"probe\" returned result=0x0 us=0 swap-us=0 check-us=0\n" BACK, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_came_back),
		cmocka_unit_test(test_quiet_console),
		cmocka_unit_test(test_text_of_the_net_goes_to_the_ring),
		cmocka_unit_test(test_own_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
