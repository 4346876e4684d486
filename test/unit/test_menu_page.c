/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The pager and the progress line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "console.h"
#include "menu_fixture.h"

#define MORE "{-- space more, Enter next line, End rest, q quit --}\n"
#define END "{-- end, any key for the menu --}\n"

/* Show lines "line 1" to "line N"; returns how many were asked for. */
static u32 show_lines(bool plain, u32 count)
{
	struct menu menu = { .plain = plain };
	char line[16];
	u32 i;

	menu_page_begin(&menu, "Title");
	for (i = 1; i <= count; i++) {
		snprintf(line, sizeof(line), "line %u", i);
		if (!menu_page_line(line))
			break;
	}
	menu_page_end();
	assert_int_equal(vt100_strange, 0);
	return i;
}

static void test_one_page(void **state)
{
	char picture[VT100_TEXT_SIZE];
	struct vt100_step steps[] = { { .picture = picture }, { .keys = "x" } };

	(void)state;
	vt100_play(steps, ARRAY_COUNT(steps));
	assert_int_equal(show_lines(false, 3), 4);
	assert_string_equal(picture, "\n-- Title --\nline 1\nline 2\nline 3\n" END);
	vt100_picture(picture);
	assert_string_equal(picture, "\n-- Title --\nline 1\nline 2\nline 3\n");
}

/* The first and the last line of what a picture shows. */
static void check_span(const char *picture, const char *first, const char *last, const char *prompt)
{
	size_t length = strlen(picture), last_length = strlen(last), prompt_length = strlen(prompt);

	assert_memory_equal(picture, first, strlen(first));
	assert_true(length > prompt_length + last_length);
	assert_string_equal(picture + length - prompt_length, prompt);
	assert_memory_equal(picture + length - prompt_length - last_length, last, last_length);
}

static void test_pages(void **state)
{
	char pictures[4][VT100_TEXT_SIZE];
	struct vt100_step steps[] = {
		{ .picture = pictures[0] },
		{ .keys = " ", .picture = pictures[1] },
		{ .keys = "\r", .picture = pictures[2] },
		{ .keys = "\xc3\xa4\033[6~", .picture = pictures[3] },
		{ .keys = "x" },
	};

	(void)state;
	vt100_play(steps, ARRAY_COUNT(steps));
	assert_int_equal(show_lines(false, 60), 61);
	check_span(pictures[0], "\n-- Title --\nline 1\n", "line 21\n", MORE);
	check_span(pictures[1], "line 22\n", "line 44\n", MORE);
	check_span(pictures[2], "line 23\n", "line 45\n", MORE);
	check_span(pictures[3], "line 38\n", "line 60\n", END);
}

static void test_quit(void **state)
{
	static const char *const keys[] = { "q", "Q", "\x03", "\033" };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
		struct vt100_step step = { .keys = keys[i] };

		vt100_play(&step, 1);
		assert_int_equal(show_lines(false, 60), 22);
		assert_null(strstr(vt100_sent, "line 22"));
	}
}

static void test_rest(void **state)
{
	struct vt100_step steps[] = { { .keys = "\033[F" }, { .pause_ms = 100, .keys = "x" } };

	(void)state;
	vt100_play(steps, ARRAY_COUNT(steps));
	assert_int_equal(show_lines(false, 100), 101);
	assert_non_null(strstr(vt100_sent, "line 100\r\n"));
}

static void test_exactly_full(void **state)
{
	char picture[VT100_TEXT_SIZE];
	struct vt100_step steps[] = { { .picture = picture }, { .keys = "x" } };

	(void)state;
	vt100_play(steps, ARRAY_COUNT(steps));
	assert_int_equal(show_lines(false, 21), 22);
	check_span(picture, "\n-- Title --\n", "line 21\n", END);
}

/* Long lines go on indented; bytes that would steer the terminal do not come through. */
static void test_wrapping(void **state)
{
	struct menu menu = { .plain = false };
	char picture[VT100_TEXT_SIZE];
	struct vt100_step steps[] = { { .picture = picture }, { .keys = "x" } };

	(void)state;
	vt100_play(steps, ARRAY_COUNT(steps));
	menu_page_begin(&menu, "Ti\033tle");
	assert_true(
		menu_page_line("[    1.204113] verify: kernel sha256 0123456789abcdef0123456789abcdef0123456789abcdef"
			       "0123456789abcdef ok bytes=14186432"));
	assert_true(menu_page_line(""));
	assert_true(menu_page_line("bad\033[2J\nbytes"));
	menu_page_end();
	assert_string_equal(picture, "\n-- Ti?tle --\n[    1.204113] verify: kernel sha256\n"
				     "    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef ok\n"
				     "    bytes=14186432\n\nbad?[2J?bytes\n" END);
}

static void test_plain(void **state)
{
	struct menu menu = { .plain = true };
	char line[300];

	(void)state;
	vt100_play(NULL, 0);
	assert_int_equal(show_lines(true, 100), 101);
	assert_non_null(strstr(vt100_sent, "line 99\r\nline 100\r\n"));
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	line[5] = '\033';
	menu_page_begin(&menu, "T");
	menu_page_line(line);
	menu_page_end();
	line[5] = '?';
	assert_non_null(strstr(vt100_sent, line));
	assert_int_equal(vt100_escapes, 0);
}

/* A step of `total` units that takes `ms` in all. */
static void run_step(const struct menu *menu, const char *what, u64 total, u32 ms)
{
	u64 start = fake_time_us;

	for (u32 i = 0; i <= 100; i++) {
		fake_time_us = start + ms * 10ull * i;
		menu_progress(menu, what, total / 100 * i, total);
	}
}

static void test_quick_step(void **state)
{
	struct menu menu = { .plain = false };

	(void)state;
	vt100_play(NULL, 0);
	run_step(&menu, "verify initrd", 1000, 200);
	assert_string_equal(vt100_sent, "");
	menu_progress(&menu, "verify initrd", 0, 0);
	assert_string_equal(vt100_sent, "");
}

static void test_slow_step(void **state)
{
	struct menu menu = { .plain = false };
	char picture[VT100_TEXT_SIZE];

	(void)state;
	vt100_play(NULL, 0);
	fake_time_us = 0;
	menu_progress(&menu, "verify kernel", 0, 14186432);
	fake_time_us = 249000;
	menu_progress(&menu, "verify kernel", 6000000, 14186432);
	assert_string_equal(vt100_sent, "");
	fake_time_us = 260000;
	menu_progress(&menu, "verify kernel", 7376945, 14186432);
	vt100_picture(picture);
	assert_string_equal(picture, "verify kernel  [####################                    ] 52 %\n");
	fake_time_us = 300000;
	menu_progress(&menu, "verify kernel", 10000000, 14186432);
	vt100_picture(picture);
	assert_string_equal(picture, "verify kernel  [####################                    ] 52 %\n");
	fake_time_us = 400000;
	menu_progress(&menu, "verify kernel", 14186432, 14186432);
	vt100_picture(picture);
	assert_string_equal(picture, "verify kernel  [########################################] 100 %\n");
	assert_int_equal(vt100_row, 1);
	assert_int_equal(vt100_column, 0);
}

/* The percentage of what was done, for numbers of any size. */
static void check_percent(u64 done, u64 total, const char *wanted)
{
	struct menu menu = { .plain = false };
	char picture[VT100_TEXT_SIZE];

	vt100_play(NULL, 0);
	menu_progress(&menu, "read", 0, total);
	fake_time_us += 300000;
	menu_progress(&menu, "read", done, total);
	vt100_picture(picture);
	assert_non_null(strstr(picture, wanted));
	menu_progress(&menu, "read", total, total);
}

static void test_percent(void **state)
{
	(void)state;
	check_percent(0, 3, "] 0 %\n");
	check_percent(1, 3, "] 33 %\n");
	check_percent(MIB(199), MIB(200), "] 99 %\n");
	check_percent(MIB(100), MIB(200), "] 50 %\n");
	check_percent(GIB(3), GIB(6), "] 50 %\n");
	check_percent(~0ull / 4, ~0ull, "] 24 %\n");
	check_percent(~0ull / 4 + 1, ~0ull - 3, "] 25 %\n");
	check_percent(~0ull - 1, ~0ull, "] 100 %\n");
}

/* Ten seconds and huge numbers: ten updates a second at most, of a few bytes each. */
static void test_bytes_of_progress(void **state)
{
	struct menu menu = { .plain = false };

	(void)state;
	vt100_play(NULL, 0);
	run_step(&menu, "read", ~0ull / 100 * 100, 10000);
	assert_in_range(strlen(vt100_sent), 100, 2000);
	assert_non_null(strstr(vt100_sent, "100"));
	assert_int_equal(vt100_strange, 0);
}

/* The next step has a line of its own; what is not finished stays as it was. */
static void test_steps_in_a_row(void **state)
{
	struct menu menu = { .plain = false };
	char picture[VT100_TEXT_SIZE];

	(void)state;
	vt100_play(NULL, 0);
	menu_progress(&menu, "first", 0, 10);
	fake_time_us += 300000;
	menu_progress(&menu, "first", 5, 10);
	menu_progress(&menu, "a second step whose name is far too long", 0, 10);
	fake_time_us += 300000;
	menu_progress(&menu, "a second step whose name is far too long", 9, 10);
	menu_log_write("[    0.600000] verify: error: x\n", 32);
	menu_progress(&menu, "third", 0, 10);
	vt100_picture(picture);
	assert_string_equal(picture, "first  [####################                    ] 50 %\n"
				     "a second step whose name ...  [####################################    ] 90 %\n"
				     "[    0.600000] verify: error: x\n");
	menu_progress(&menu, "third", 20, 10);
}

static void test_plain_progress(void **state)
{
	struct menu menu = { .plain = true };

	(void)state;
	vt100_play(NULL, 0);
	run_step(&menu, "verify", 1000, 10000);
	assert_string_equal(vt100_sent, "");
	menu_log_write("line\n", 5);
	assert_string_equal(vt100_sent, "line\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_page),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_quit),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_exactly_full),
		cmocka_unit_test(test_wrapping),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_quick_step),
		cmocka_unit_test(test_slow_step),
		cmocka_unit_test(test_percent),
		cmocka_unit_test(test_bytes_of_progress),
		cmocka_unit_test(test_steps_in_a_row),
		cmocka_unit_test(test_plain_progress),
	};

	return cmocka_run_group_tests_name("menu_page", tests, NULL, NULL);
}
