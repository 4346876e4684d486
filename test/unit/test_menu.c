/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The menu on a VT100, key by key and screen by screen. test_menu_edit.c has numbers, editing and odd contents,
 * test_menu_plain.c plain mode, test_menu_page.c pager and progress.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "console.h"
#include "menu_fixture.h"

static void test_first_screen(void **state)
{
	char picture[VT100_TEXT_SIZE];
	struct vt100_step steps[] = { { .picture = picture }, { .keys = "\r" } };
	struct menu menu = new_menu(5);

	(void)state;
	play(&menu, steps, ARRAY_COUNT(steps), MENU_BOOT, 0, "console=ttyS0 ro");
	assert_string_equal(picture, FIRST_SCREEN(" 1 starts in 5 s, any key stops"));
	vt100_picture(picture);
	assert_string_equal(picture, FIRST_SCREEN(" starting 1, Debian 12, cloud kernel"));
	assert_int_equal(vt100_column, 0);
	assert_int_equal(vt100_row, 12);
	menu_free(&menu);
}

/* Nobody there: after five seconds the default starts; a second costs a digit and the way to it. */
static void test_countdown(void **state)
{
	char pictures[2][VT100_TEXT_SIZE];
	u32 sent;
	struct vt100_step steps[] = {
		{ .pause_ms = 50 }, { .pause_ms = 900, .picture = pictures[0] }, { .pause_ms = 100, .sent = &sent },
		{ .pause_ms = 3500, .picture = pictures[1] },
	};
	struct menu menu = new_menu(5);
	u64 start = fake_time_us;

	(void)state;
	play(&menu, steps, ARRAY_COUNT(steps), MENU_BOOT, 0, "console=ttyS0 ro");
	assert_in_range(fake_time_us - start, 5000000, 5005000);
	assert_string_equal(pictures[0], FIRST_SCREEN(" 1 starts in 5 s, any key stops"));
	assert_string_equal(pictures[1], FIRST_SCREEN(" 1 starts in 1 s, any key stops"));
	assert_in_range(sent, 1, 20);
	menu_free(&menu);
}

static void test_long_countdown(void **state)
{
	char pictures[3][VT100_TEXT_SIZE];
	struct vt100_step steps[] = {
		{ .picture = pictures[0] }, { .pause_ms = 200500, .picture = pictures[1] },
		{ .pause_ms = 91000, .picture = pictures[2] }, { .keys = "\r" },
	};
	struct menu menu = new_menu(300);

	(void)state;
	menu.selected = 1;
	play(&menu, steps, ARRAY_COUNT(steps), MENU_BOOT, 1, "console=ttyS0,115200");
	assert_non_null(strstr(pictures[0], "\n 2 starts in 300 s, any key stops\n"));
	assert_non_null(strstr(pictures[1], "\n 2 starts in 100 s, any key stops\n"));
	assert_non_null(strstr(pictures[2], "\n 2 starts in 9 s, any key stops\n"));
	menu_free(&menu);
}

/* A key stops the countdown and acts; one that means nothing stops it only; noise does not. */
static void check_stop(const char *key, size_t size, bool stops, bool acts)
{
	char picture[VT100_TEXT_SIZE];
	struct vt100_step steps[] = {
		{ .pause_ms = 500, .keys = key, .size = size }, { .pause_ms = 200, .picture = picture },
		{ .pause_ms = 20000, .keys = "\r" },
	};
	struct menu menu = new_menu(5);
	u64 start = fake_time_us;

	play(&menu, steps, ARRAY_COUNT(steps), MENU_BOOT, acts ? 1 : 0,
	     acts ? "console=ttyS0,115200" : "console=ttyS0 ro");
	if (acts)
		assert_string_equal(picture, TOP FIRST SECOND_MARKED REST "\n\n" KEYS);
	else if (stops)
		assert_string_equal(picture, FIRST_SCREEN(""));
	else
		assert_string_equal(picture, FIRST_SCREEN(" 1 starts in 5 s, any key stops"));
	assert_in_range(fake_time_us - start, stops ? 20000000 : 5000000, stops ? 21000000 : 5100000);
	menu_free(&menu);
}

static void test_any_key_stops(void **state)
{
	(void)state;
	check_stop("\033[B", 0, true, true);
	check_stop("j", 0, true, true);
	check_stop("x", 0, true, false);
	check_stop(" ", 0, true, false);
	check_stop("\033", 0, true, false);
	check_stop("\033[15~", 0, true, false);
	check_stop("", 1, false, false);
	check_stop("\xff\xfe\x80\xc3\xa4", 0, false, false);
	check_stop("\033[\xff", 0, false, false);
}

/* No seconds: nothing is drawn, unless a key waits already. */
static void test_no_timeout(void **state)
{
	struct vt100_step steps[] = { { .keys = "j" }, { .keys = "\r" } };
	struct menu menu = new_menu(0);

	(void)state;
	play(&menu, NULL, 0, MENU_BOOT, 0, "console=ttyS0 ro");
	assert_string_equal(vt100_sent, "");
	menu.timeout = 0;
	play(&menu, steps, ARRAY_COUNT(steps), MENU_BOOT, 1, "console=ttyS0,115200");
	menu_free(&menu);
}

static void test_moving(void **state)
{
	(void)state;
	check_keys("\033[B\r", MENU_BOOT, 1, "console=ttyS0,115200");
	check_keys("\033[B\033[B\033[B\033[B\r", MENU_BOOT, 3, "");
	check_keys("\033[A\r", MENU_BOOT, 0, "console=ttyS0 ro");
	check_keys("jjk\x0e\x10\r", MENU_BOOT, 1, "console=ttyS0,115200");
	check_keys("\033OB\n", MENU_BOOT, 1, "console=ttyS0,115200");
	check_keys("\033[F\r\n", MENU_BOOT, 3, "");
	check_keys("\033[4~\033[1~\r", MENU_BOOT, 0, "console=ttyS0 ro");
	check_keys("\033[6~\r", MENU_BOOT, 3, "");
	check_keys("\033[6~\033[5~\r", MENU_BOOT, 0, "console=ttyS0 ro");
	check_keys("JJ\r", MENU_BOOT, 2, "");
}

static void test_actions(void **state)
{
	(void)state;
	check_keys("ji", MENU_INSPECT, 1, "console=ttyS0,115200");
	check_keys("l", MENU_LOG, 0, NULL);
	check_keys("m", MENU_MEMORY, 0, NULL);
	check_keys("r", MENU_REBOOT, 0, NULL);
	check_keys("jL", MENU_LOG, 1, NULL);
	check_keys("zq\t\033xl", MENU_LOG, 0, NULL);
}

/* Two lines are sent anew, without their notes: some 80 bytes, 80 ms at 9600 baud. */
static void test_bytes_of_a_move(void **state)
{
	char picture[VT100_TEXT_SIZE];
	u32 down, end, nothing;
	struct vt100_step steps[] = {
		{ .pause_ms = 1 },
		{ .keys = "\033[B", .sent = &down, .picture = picture },
		{ .keys = "\033[F", .sent = &end },
		{ .keys = "\033[B", .sent = &nothing },
		{ .keys = "\r" },
	};
	struct menu menu = new_menu(-1);

	(void)state;
	play(&menu, steps, ARRAY_COUNT(steps), MENU_BOOT, 3, "");
	assert_string_equal(picture, TOP FIRST SECOND_MARKED REST "\n\n" KEYS);
	assert_in_range(down, 40, 80);
	assert_in_range(end, 30, 80);
	assert_int_equal(nothing, 0);
	menu_free(&menu);
}

/* Called again, it keeps its place, and draws below what was printed meanwhile. */
static void test_again(void **state)
{
	char picture[VT100_TEXT_SIZE];
	struct vt100_step steps[] = { { .keys = "jl" }, { .picture = picture }, { .keys = "\r" } };
	struct menu menu = new_menu(-1);
	struct menu_choice choice;
	const char *tail;

	(void)state;
	vt100_play(steps, ARRAY_COUNT(steps));
	choice = menu_run(&menu);
	assert_int_equal(choice.action, MENU_LOG);
	console_puts("[    1.000000] source: error: kernel: no such module\n");
	choice = menu_run(&menu);
	assert_int_equal(choice.entry, 1);
	free(choice.bootargs);
	tail = strstr(picture, "[    1.0");
	assert_non_null(tail);
	assert_string_equal(tail, "[    1.000000] source: error: kernel: no such module\n" TOP FIRST SECOND_MARKED REST
				  "\n\n" KEYS);
	menu_free(&menu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_screen),
		cmocka_unit_test(test_countdown),
		cmocka_unit_test(test_long_countdown),
		cmocka_unit_test(test_any_key_stops),
		cmocka_unit_test(test_no_timeout),
		cmocka_unit_test(test_moving),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_bytes_of_a_move),
		cmocka_unit_test(test_again),
	};

	return cmocka_run_group_tests_name("menu", tests, NULL, NULL);
}
