/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Lines that came before the console or its level was known. The log begins anew in each test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"

#include "../../src/log.c"

static char shown[65536];
static size_t shown_size;

static void write_line(const char *text, size_t size)
{
	assert_true(size < sizeof(shown) - shown_size);
	memcpy(shown + shown_size, text, size);
	shown_size += size;
	shown[shown_size] = '\0';
}

static int begin(void **state)
{
	(void)state;
	ring = (struct log_ring){ .data = first_data, .size = sizeof(first_data) };
	ring_end = 0;
	early = (struct early){ 0 };
	console_level = LOG_INFO;
	console_sink = NULL;
	shown_size = 0;
	shown[0] = '\0';
	return 0;
}

static u32 count(const char *text)
{
	u32 found = 0;

	for (const char *at = shown; (at = strstr(at, text)); at++)
		found++;
	return found;
}

static void test_before_the_level(void **state)
{
	(void)state;
	log_set_console(write_line);
	log_info("one", "shown at once");
	log_debug("two", "hidden");
	log_step("three", "never");
	log_debug("four", "hidden, too");
	assert_int_equal(count("\n"), 1);
	log_set_level(LOG_DEBUG);
	log_show_hidden();
	log_show_hidden();
	log_debug("five", "shown at once");
	assert_int_equal(count("\n"), 4);
	assert_int_equal(count("one: "), 1);
	assert_true(strstr(shown, "two: hidden\n") < strstr(shown, "four: hidden, too\n"));
	assert_true(strstr(shown, "four: hidden, too\n") < strstr(shown, "five: "));
	assert_int_equal(count("three: "), 0);
	/* The level can rise a second time, by the manifest. */
	log_set_level(LOG_STEP);
	log_show_hidden();
	assert_int_equal(count("three: never\n"), 1);
	assert_int_equal(count("\n"), 5);
}

static void test_before_the_console(void **state)
{
	(void)state;
	log_info("one", "no console yet");
	log_debug("two", "not of this level");
	log_show_hidden();
	log_set_console(write_line);
	log_show_hidden();
	assert_int_equal(count("one: no console yet\n"), 1);
	assert_int_equal(count("\n"), 1);
}

/* Lines that the ring has lost are not mistaken for those behind them. */
static void test_lost_lines(void **state)
{
	u32 lines = 0;

	(void)state;
	log_set_console(write_line);
	while (!early.lost) {
		log_line(lines % 2 ? LOG_INFO : LOG_DEBUG, "line", "%s %u < and more to fill the ring", lines % 2 ? "info" : "debug",
			 lines);
		lines++;
		assert_true(lines < EARLY_LINES);
	}
	log_set_level(LOG_DEBUG);
	log_show_hidden();
	assert_int_equal(count("line: debug 0 <"), 0);
	for (u32 i = early.lost; i < lines; i++) {
		char text[32];

		snprintf(text, sizeof(text), "%s %u <", i % 2 ? "info" : "debug", i);
		assert_int_equal(count(text), 1);
	}
}

/* After so many lines nobody waits for the level any more. */
static void test_many_lines(void **state)
{
	static char large[65536];

	(void)state;
	log_set_ring(large, sizeof(large));
	log_set_console(write_line);
	for (u32 i = 0; i < 3 * EARLY_LINES; i++)
		log_debug("line", "%u", i);
	log_set_level(LOG_DEBUG);
	log_show_hidden();
	assert_int_equal(count("\n"), EARLY_LINES);
}

/* The digits behind the point come by multiplication. */
static void test_every_microsecond(void **state)
{
	char line[LOG_LINE_MAX], want[32];

	(void)state;
	for (u32 micros = 0; micros < 1000000; micros++) {
		assert_int_equal(put_time(line, 7000000 + micros), TIME_LENGTH);
		snprintf(want, sizeof(want), "[    7.%06u] ", micros);
		assert_memory_equal(line, want, TIME_LENGTH);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_before_the_level, begin),
		cmocka_unit_test_setup(test_before_the_console, begin),
		cmocka_unit_test_setup(test_lost_lines, begin),
		cmocka_unit_test_setup(test_many_lines, begin),
		cmocka_unit_test(test_every_microsecond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
