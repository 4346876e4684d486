/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "console.h"
#include "fake.h"
#include "lineedit.h"
#include "term.h"
#include "vt100.h"

#define MAX 60

/* Type `keys` and Enter at `initial`: what comes of it, and how often the bell rang. */
static void check_bells(const char *initial, const char *keys, const char *wanted, u32 bells)
{
	struct lineedit edit = { .prompt = "> ", .initial = initial, .max_length = MAX };
	struct vt100_step steps[] = { { .keys = keys }, { .pause_ms = 100, .keys = "\r" } };
	char picture[VT100_TEXT_SIZE], shown[2 * VT100_TEXT_SIZE], *text;

	vt100_play(steps, ARRAY_COUNT(steps));
	text = lineedit_run(&edit);
	assert_string_equal(text, wanted);
	assert_int_equal(vt100_bells, bells);
	assert_int_equal(vt100_strange, 0);
	vt100_picture(picture);
	snprintf(shown, sizeof(shown), *wanted ? "> %s\n" : ">\n", wanted);
	assert_string_equal(picture, shown);
	free(text);
}

static void check(const char *initial, const char *keys, const char *wanted)
{
	check_bells(initial, keys, wanted, 0);
}

static void test_typing(void **state)
{
	(void)state;
	check("", "", "");
	check("", "quiet ro", "quiet ro");
	check("root=/dev/sda", "1 ro", "root=/dev/sda1 ro");
}

static void test_moving(void **state)
{
	(void)state;
	check("bc", "\x01" "a" "\x05" "d", "abcd");
	check("bc", "\033[Ha\033[Fd", "abcd");
	check("bc", "\033[1~a\033[4~d", "abcd");
	check("ad", "\x02" "b" "\x06" "e", "abde");
	check("ad", "\033[Db\033[Ce", "abde");
	check("one two three", "\033b\033bX\033fY", "one XtwoY three");
	check("one two", "\x01\033f\033fX", "one twoX");
	check_bells("a", "\x06\x02\x02\x02", "a", 3);
}

static void test_deleting(void **state)
{
	(void)state;
	check("abc", "\x7f\x08", "a");
	check("abc", "\x01\x04\033[3~", "c");
	check_bells("a", "\x04\x01\x7f", "a", 2);
}

static void test_cutting(void **state)
{
	(void)state;
	check("one two", "\x02\x02\x0b", "one t");
	check("one two", "\x02\x02\x15", "wo");
	check("one two  ", "\x17!", "one !");
	check("one two", "\x01\033d", " two");
	check("one two", "\x17\x01\x19\x05!", "twoone !");
	check("one two", "\x15\x19 \x19", "one two one two");
	check_bells("", "\x0b\x15\x17\033d\x19", "", 5);
}

static void test_swapping(void **state)
{
	(void)state;
	check("ab", "\x14", "ba");
	check("abc", "\x02\x02\x14X", "baXc");
	check_bells("a", "\x14", "a", 1);
	check_bells("ab", "\x01\x14", "ab", 1);
}

/* Anything but printable ASCII is refused, and a bell says so: one for a character, not for a byte. */
static void test_refused(void **state)
{
	(void)state;
	check_bells("", "a\xc3\xa4" "b", "ab", 1);
	check_bells("", "\xe2\x82\xac", "", 1);
	check_bells("", "\x07\x1e\033[5~\033x", "", 4);
	check_bells("", "a\tb", "ab", 1);
}

static void test_max_length(void **state)
{
	char line[MAX + 20], full[MAX + 1];
	char keys[MAX + 20];

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	memset(full, 'x', MAX);
	full[MAX] = '\0';
	check_bells("", line, full, (u32)strlen(line) - MAX);
	check_bells(line, "y", full, 1);
	/* A paste that does not fit whole is not done at all. */
	snprintf(keys, sizeof(keys), "\x15\x19%s", "yy");
	full[MAX - 1] = '\0';
	line[MAX - 1] = 'y';
	line[MAX] = '\0';
	check_bells(full, keys, line, 1);
	check_bells(full, "\x15\x19\x19", full, 1);
}

/* Bytes that the line had already are kept, and shown harmless. */
static void test_initial_bytes(void **state)
{
	struct lineedit edit = { .prompt = "> ", .initial = "a\033[2J\xc3\xa4\n", .max_length = MAX };
	struct vt100_step step = { .keys = "z\r" };
	char picture[VT100_TEXT_SIZE], *text;

	(void)state;
	vt100_play(&step, 1);
	text = lineedit_run(&edit);
	assert_string_equal(text, "a\033[2J\xc3\xa4\nz");
	vt100_picture(picture);
	assert_string_equal(picture, "> a?[2J???z\n");
	free(text);
}

static void check_cancel(const char *keys, bool plain)
{
	struct lineedit edit = { .prompt = "> ", .initial = "text", .max_length = MAX, .plain = plain };
	struct vt100_step steps[] = { { .keys = keys }, { .pause_ms = 100, .keys = "\r" } };

	vt100_play(steps, ARRAY_COUNT(steps));
	assert_null(lineedit_run(&edit));
}

static void test_cancel(void **state)
{
	(void)state;
	check_cancel("abc\033", false);
	check_cancel("abc\x03", false);
	check_cancel("abc\033", true);
	check_cancel("abc\x03", true);
}

static void check_history(struct lineedit_history *history, const char *keys, const char *wanted)
{
	struct lineedit edit = { .prompt = "> ", .initial = "", .max_length = MAX, .history = history };
	struct vt100_step steps[] = { { .keys = keys }, { .pause_ms = 100, .keys = "\r" } };
	char *text;

	vt100_play(steps, ARRAY_COUNT(steps));
	text = lineedit_run(&edit);
	assert_string_equal(text, wanted);
	free(text);
}

static void test_history(void **state)
{
	struct lineedit_history history;

	(void)state;
	lineedit_history_init(&history, 3);
	check_history(&history, "\x10\x0e", "");
	assert_int_equal(vt100_bells, 2);
	assert_int_equal(history.count, 0);
	check_history(&history, "one", "one");
	check_history(&history, "\033[A\033[A", "one");
	assert_int_equal(vt100_bells, 1);
	assert_int_equal(history.count, 1);
	check_history(&history, "two", "two");
	check_history(&history, "three", "three");
	check_history(&history, "\x10\x10!", "two!");
	/* The draft comes back; the oldest line is gone. */
	check_history(&history, "draft\033[A\033[A\033[A\033[A\033[B\033[B\033[B\033[B", "draft");
	assert_int_equal(vt100_bells, 2);
	assert_int_equal(history.count, 3);
	assert_string_equal(history.lines[0], "three");
	assert_string_equal(history.lines[2], "draft");
	lineedit_history_free(&history);
	assert_int_equal(history.count, 0);
}

/* A line longer than the screen: the window moves by half, and marks say that there is more. */
static void test_scrolling(void **state)
{
	static const char line[] = "console=ttyS0,115200n8 earlyprintk=serial,ttyS0,115200 root=/dev/vda1 "
				   "rootfstype=ext4 ro quiet panic=10 trapeze.test=1";
	struct lineedit edit = { .prompt = " ", .initial = line, .max_length = 200 };
	char at_end[VT100_TEXT_SIZE], at_start[VT100_TEXT_SIZE], inside[VT100_TEXT_SIZE];
	u32 typed, jumped;
	struct vt100_step steps[] = {
		{ .picture = at_end }, { .keys = "\x01", .picture = at_start }, { .keys = "x", .sent = &typed },
		{ .keys = "\x05\033b\033b\033b\033b\033b\033b", .picture = inside, .sent = &jumped }, { .keys = "\r" },
	};
	char *text;

	(void)state;
	vt100_play(steps, ARRAY_COUNT(steps));
	text = lineedit_run(&edit);
	assert_int_equal(strlen(text), strlen(line) + 1);
	assert_string_equal(at_end, " {<}=ext4 ro quiet panic=10 trapeze.test=1\n");
	assert_string_equal(at_start,
			    " console=ttyS0,115200n8 earlyprintk=serial,ttyS0,115200 root=/dev/vda1 rootfst{>}\n");
	assert_string_equal(inside,
			    " {<}tk=serial,ttyS0,115200 root=/dev/vda1 rootfstype=ext4 ro quiet panic=10 trap{>}\n");
	free(text);
}

/* Appending sends the character and nothing else; a serial line is slow. */
static void test_bytes_per_key(void **state)
{
	struct lineedit edit = { .prompt = "> ", .initial = "", .max_length = 200 };
	u32 sent[70];
	struct vt100_step steps[71];
	char *text;

	(void)state;
	for (u32 i = 0; i < 70; i++)
		steps[i] = (struct vt100_step){ .keys = "x", .sent = &sent[i] };
	steps[70] = (struct vt100_step){ .keys = "\r" };
	vt100_play(steps, 71);
	text = lineedit_run(&edit);
	for (u32 i = 1; i < 70; i++)
		assert_int_equal(sent[i], 1);
	free(text);
}

static void check_plain(const char *initial, const char *keys, const char *wanted, const char *sent)
{
	struct lineedit edit = { .prompt = "p> ", .initial = initial, .max_length = 10, .plain = true };
	struct vt100_step steps[] = { { .keys = keys }, { .pause_ms = 100, .keys = "\r" } };
	char *text;

	vt100_play(steps, ARRAY_COUNT(steps));
	text = lineedit_run(&edit);
	assert_string_equal(text, wanted);
	assert_string_equal(vt100_sent, sent);
	assert_int_equal(vt100_escapes, 0);
	free(text);
}

static void test_plain(void **state)
{
	(void)state;
	check_plain("", "hello", "hello", "p> hello");
	check_plain("ab", "\x7f" "c", "ac", "p> ab\b \bc");
	check_plain("one two", "\x17x", "one x", "p> one two\b \b\b \b\b \bx");
	check_plain("one", "\x15two", "two", "p> one\r\np> two");
	check_plain("one", "\x0c", "one", "p> one\r\np> one");
	check_plain("", "\x7f\x15\x17", "", "p> \a\a\a");
	check_plain("", "0123456789x", "0123456789", "p> 0123456789\a");
	check_plain("a\033\xc3\xa4", "", "a\033\xc3\xa4", "p> a??");
	check_plain("", "\033[A\033[D\t", "", "p> \a\a\a");
}

/* Something was printed while the user thought: the prompt and what is typed so far come again. */
static void test_plain_disturbed(void **state)
{
	struct lineedit edit = { .prompt = "p> ", .initial = "ab", .max_length = 10, .plain = true };
	struct vt100_step step = { .pause_ms = 100, .keys = "c\r" };
	char *text;

	(void)state;
	vt100_play(&step, 1);
	console_disturb();
	text = lineedit_run(&edit);
	assert_string_equal(text, "abc");
	assert_string_equal(vt100_sent, "p> ab\r\np> abc");
	free(text);
}

static void test_plain_prompt_shown(void **state)
{
	struct lineedit edit = {
		.prompt = "p> ", .initial = "", .max_length = 10, .plain = true, .prompt_shown = true
	};
	struct vt100_step step = { .keys = "x\r" };
	char *text;

	(void)state;
	vt100_play(&step, 1);
	text = lineedit_run(&edit);
	assert_string_equal(vt100_sent, "x");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typing),
		cmocka_unit_test(test_moving),
		cmocka_unit_test(test_deleting),
		cmocka_unit_test(test_cutting),
		cmocka_unit_test(test_swapping),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_max_length),
		cmocka_unit_test(test_initial_bytes),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_scrolling),
		cmocka_unit_test(test_bytes_per_key),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_plain_disturbed),
		cmocka_unit_test(test_plain_prompt_shown),
	};

	return cmocka_run_group_tests_name("lineedit", tests, NULL, NULL);
}
