/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "console.h"
#include "fake.h"
#include "term.h"
#include "vt100.h"

/* All keys that come of `input`, typed at once, until nothing came for a second. */
static void check_keys(const char *input, size_t size, const int *wanted, size_t count)
{
	/* The NUL ends what the check before may have left: a CR whose LF is still to come. */
	struct vt100_step steps[] = { { .keys = "", .size = 1 }, { .keys = input, .size = size } };

	vt100_play(steps, ARRAY_COUNT(steps));
	for (size_t i = 0; i < count; i++)
		assert_int_equal(term_read_key(1000000), wanted[i]);
	assert_int_equal(term_read_key(1000000), KEY_NONE);
}

#define check(input, ...) \
	check_keys(input, sizeof(input) - 1, (const int[]){ __VA_ARGS__ }, \
		   sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int))
#define check_nothing(input) check_keys(input, sizeof(input) - 1, NULL, 0)

static void test_characters(void **state)
{
	char all[95];
	int keys[95];

	(void)state;
	for (int i = 0; i < 95; i++)
		all[i] = (char)(keys[i] = ' ' + i);
	check_keys(all, 95, keys, 95);
	check("\x01\x05\x0c\x15", KEY_CTRL('A'), KEY_CTRL('E'), KEY_CTRL('L'), KEY_CTRL('U'));
	check("\x08\x7f", KEY_BACKSPACE, KEY_BACKSPACE);
}

static void test_enter(void **state)
{
	(void)state;
	check("\r", KEY_ENTER);
	check("\n", KEY_ENTER);
	check("\r\n", KEY_ENTER);
	check("\r\r", KEY_ENTER, KEY_ENTER);
	check("\n\n", KEY_ENTER, KEY_ENTER);
	check("\r\n\r\n", KEY_ENTER, KEY_ENTER);
	check("\r\n\n", KEY_ENTER, KEY_ENTER);
	check("\rx\n", KEY_ENTER, 'x', KEY_ENTER);
	check("\n\r", KEY_ENTER, KEY_ENTER);
}

/* The LF of a CR LF may come after the program was busy for a long while. */
static void test_late_line_feed(void **state)
{
	struct vt100_step steps[] = { { .keys = "\r" }, { .pause_ms = 5000, .keys = "\n" }, { .keys = "x" } };

	(void)state;
	vt100_play(steps, ARRAY_COUNT(steps));
	assert_int_equal(term_read_key(0), KEY_ENTER);
	assert_int_equal(term_read_key(0), 'x');
}

/* A disturbance is told once, by the one who reads; who only waits is not woken by it, and passes it on. */
static void test_disturbance(void **state)
{
	struct vt100_step steps[] = { { .pause_ms = 1000, .keys = "x" } };

	(void)state;
	vt100_play(steps, ARRAY_COUNT(steps));
	console_disturb();
	assert_int_equal(term_read_key(0), KEY_DISTURBED);
	console_disturb();
	assert_false(term_wait_key(100000));
	assert_int_equal(term_read_key(100000), KEY_DISTURBED);
	assert_int_equal(term_read_key(100000), KEY_NONE);
	assert_int_equal(term_read_key(0), 'x');
}

static void test_sequences(void **state)
{
	(void)state;
	check("\033[A\033[B\033[C\033[D\033[H\033[F", KEY_UP, KEY_DOWN, KEY_RIGHT, KEY_LEFT, KEY_HOME, KEY_END);
	check("\033OA\033OB\033OC\033OD\033OH\033OF", KEY_UP, KEY_DOWN, KEY_RIGHT, KEY_LEFT, KEY_HOME, KEY_END);
	check("\033[1~\033[4~\033[7~\033[8~", KEY_HOME, KEY_END, KEY_HOME, KEY_END);
	check("\033[3~\033[5~\033[6~", KEY_DELETE, KEY_PAGE_UP, KEY_PAGE_DOWN);
	check("\033[1;5A\033[3;2~\033[24;5~", KEY_UP, KEY_DELETE, KEY_UNKNOWN);
	check("\033OM\033Op\033Oy", KEY_ENTER, '0', '9');
	check("\033[2~\033[15~\033OP\033[[A\033[Z\033[999999999999~", KEY_UNKNOWN, KEY_UNKNOWN, KEY_UNKNOWN,
	      KEY_UNKNOWN, KEY_UNKNOWN, KEY_UNKNOWN);
	check("\033[?1;2c\033[200~x", KEY_UNKNOWN, KEY_UNKNOWN, 'x');
	check("\033b\033f\033d", KEY_ALT | 'b', KEY_ALT | 'f', KEY_ALT | 'd');
}

static void test_escape(void **state)
{
	(void)state;
	check("\033", KEY_ESCAPE);
	check("\033\r", KEY_ESCAPE, KEY_ENTER);
	check("\033\033", KEY_ESCAPE);
	check("\033\033[A", KEY_UP);
	check("\033[", KEY_ALT | '[');
	check("\033O", KEY_ALT | 'O');
}

/* An ESC is the Escape key when 50 ms pass, and no sooner; what comes then stands for itself. */
static void test_escape_timeout(void **state)
{
	struct vt100_step slow[] = { { .keys = "\033" }, { .pause_ms = 51, .keys = "[A" } };
	struct vt100_step quick[] = { { .keys = "\033" },
				      { .pause_ms = 45, .keys = "[" },
				      { .pause_ms = 45, .keys = "A" } };
	u64 start;

	(void)state;
	vt100_play(slow, ARRAY_COUNT(slow));
	start = fake_time_us;
	assert_int_equal(term_read_key(0), KEY_ESCAPE);
	assert_in_range(fake_time_us - start, 50000, 51000);
	assert_int_equal(term_read_key(0), '[');
	assert_int_equal(term_read_key(0), 'A');
	vt100_play(quick, ARRAY_COUNT(quick));
	assert_int_equal(term_read_key(0), KEY_UP);
}

static void test_noise(void **state)
{
	(void)state;
	check_nothing("\0\0\0");
	check_nothing("\x80\x9b\xbf");
	check("\xc3\xa4", KEY_FOREIGN);
	check("a\0\xffz", 'a', KEY_FOREIGN, 'z');
	check_nothing("\033[1\x80");
	check_nothing("\033\xff");
	check_nothing("\033O\xff");
	check_nothing("\033[[\xff");
	/* A broken sequence does not take the Enter with it. */
	check("\033[1\r", KEY_ENTER);
	check("\033O\r", KEY_ENTER);
	check("\033[1\033[B", KEY_DOWN);
}

/* Neither hangs, nor gives something that is no key, whatever comes. */
static void test_random_bytes(void **state)
{
	static char bytes[20000];
	struct vt100_step step = { .keys = bytes, .size = sizeof(bytes) };
	u32 random = 12345;
	int key;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		random = random * 1103515245 + 12345;
		bytes[i] = (char)(random >> 16);
		if (i % 3 == 0)
			bytes[i] = "\033[O1;~A\r"[(random >> 24) % 8];
	}
	vt100_play(&step, 1);
	while ((key = term_read_key(1000000)) != KEY_NONE)
		assert_true((key > 0 && key < 0x7f) || (key >= KEY_ENTER && key <= KEY_FOREIGN) ||
			    (key >= (KEY_ALT | ' ') && key <= (KEY_ALT | '~')));
}

static void test_timeouts(void **state)
{
	struct vt100_step steps[] = { { .pause_ms = 300, .keys = "\xe2\x82\xac" }, { .pause_ms = 300, .keys = "k" } };
	u64 start;

	(void)state;
	vt100_play(steps, ARRAY_COUNT(steps));
	start = fake_time_us;
	assert_false(term_wait_key(500000));
	assert_in_range(fake_time_us - start, 500000, 501000);
	assert_true(term_wait_key(500000));
	assert_true(term_wait_key(1));
	assert_in_range(fake_time_us - start, 600000, 602000);
	assert_int_equal(term_read_key(1), 'k');
	assert_int_equal(term_read_key(1), KEY_NONE);
	assert_false(term_wait_key(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_enter),
		cmocka_unit_test(test_late_line_feed),
		cmocka_unit_test(test_disturbance),
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_escape_timeout),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_timeouts),
	};

	return cmocka_run_group_tests_name("term", tests, NULL, NULL);
}
