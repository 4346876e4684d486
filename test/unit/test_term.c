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

static void check_clean(const char *text, const char *wanted, size_t length)
{
	char out[8];

	assert_true(term_clean(out, sizeof(out), text) == length);
	assert_string_equal(out, wanted);
	assert_true(term_clean(NULL, 0, text) == length);
}

static void test_clean(void **state)
{
	(void)state;
	check_clean("", "", 0);
	check_clean("plain", "plain", 5);
	check_clean("a\033[2J", "a?[2J", 5);
	check_clean("Z\xc3\xbcrich", "Z?rich", 6);
	check_clean("\xe2\x82\xac 5", "? 5", 3);
	check_clean("tab\tnl\n\x7f", "tab?nl?", 8);
	check_clean("longer than that", "longer ", 16);
}

static void test_fit(void **state)
{
	char out[12];

	(void)state;
	assert_int_equal(term_fit(out, 5, "abcde"), 5);
	assert_string_equal(out, "abcde");
	assert_int_equal(term_fit(out, 5, "abcdef"), 5);
	assert_string_equal(out, "ab...");
	assert_int_equal(term_fit(out, 2, "abc"), 2);
	assert_string_equal(out, "..");
	assert_int_equal(term_fit(out, 0, "abc"), 0);
	assert_string_equal(out, "");
	assert_int_equal(term_fit(out, 3, "\xc3\xbc\xc3\xbc\xc3\xbc"), 3);
	assert_string_equal(out, "???");
}

/* The lines that a text makes at a width, joined with '|'. */
static void check_wrap(const char *text, u32 columns, const char *wanted)
{
	char line[32], all[128] = "";
	size_t at = 0, length = strlen(text), used;

	while (at < length) {
		used = term_wrap(text + at, length - at, line, columns);
		assert_true(used > 0 && used <= length - at);
		assert_true(strlen(line) <= columns);
		strcat(strcat(all, line), "|");
		at += used;
	}
	assert_string_equal(all, wanted);
}

static void test_wrap(void **state)
{
	char line[4];

	(void)state;
	assert_true(term_wrap("", 0, line, 3) == 0);
	assert_string_equal(line, "");
	check_wrap("short", 10, "short|");
	check_wrap("ten bytes.", 10, "ten bytes.|");
	check_wrap("ten bytes. more", 10, "ten bytes.|more|");
	check_wrap("two words more", 10, "two words|more|");
	check_wrap("unbreakable text", 5, "unbre|akabl|e|text|");
	check_wrap("  indented words", 10, "  indented|words|");
	check_wrap("   abcdefgh", 5, "   ab|cdefg|h|");
	check_wrap("a     b", 3, "a|b|");
	check_wrap("trailing   ", 8, "trailing|");
	check_wrap("     ", 3, "|");
	check_wrap("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 3, "???|?|");
	check_wrap("x\033y", 3, "x?y|");
}

static void show_two(struct term_block *block, const char *first, const char *second, u8 attribute)
{
	term_block_wipe(block);
	term_block_put(block, 0, 0, TERM_COLUMNS, first, attribute);
	term_block_put(block, 1, 2, 10, second, 0);
	term_block_show(block, 0, 3);
}

static void test_block(void **state)
{
	static u8 cells[4][TERM_COLUMNS];
	char picture[VT100_TEXT_SIZE];
	struct term_block block;
	size_t sent;

	(void)state;
	vt100_play(NULL, 0);
	term_puts("before");
	term_block_begin(&block, cells, 2);
	show_two(&block, "first", "a second line", 0);
	vt100_picture(picture);
	assert_string_equal(picture, "first\n  a secon...\n");
	sent = strlen(vt100_sent);
	show_two(&block, "first", "a second line", 0);
	assert_int_equal(strlen(vt100_sent), sent);
	show_two(&block, "fir", "a third", TERM_REVERSE);
	vt100_picture(picture);
	assert_string_equal(picture, "{fir}\n  a third\n");
	assert_int_equal(vt100_row, 0);
	assert_int_equal(vt100_column, 3);
	term_block_end(&block);
	term_puts("after");
	vt100_picture(picture);
	assert_string_equal(picture, "{fir}\n  a third\nafter\n");
	assert_int_equal(vt100_strange, 0);
}

static u32 next_random(u32 *state)
{
	*state = *state * 1103515245 + 12345;
	return *state >> 16;
}

/* Blanks at the end of a line are erased, not sent. */
static void test_block_erases(void **state)
{
	static u8 cells[2][TERM_COLUMNS];
	char picture[VT100_TEXT_SIZE];
	struct term_block block;
	size_t sent;

	(void)state;
	vt100_play(NULL, 0);
	term_block_begin(&block, cells, 1);
	term_block_put(&block, 0, 0, TERM_COLUMNS, "a line that is long, to be followed by a short one", TERM_REVERSE);
	term_block_show(&block, 0, 0);
	sent = strlen(vt100_sent);
	term_block_wipe(&block);
	term_block_put(&block, 0, 0, TERM_COLUMNS, "a line", 0);
	term_block_show(&block, 0, 0);
	assert_in_range(strlen(vt100_sent) - sent, 7, 12);
	vt100_picture(picture);
	assert_string_equal(picture, "a line\n");
}

/* A few cells, or a whole row, become something else. */
static void scramble(struct term_block *block, u32 *random)
{
	static const u8 kinds[] = { ' ', ' ', '#', '=' | TERM_REVERSE, ' ' | TERM_REVERSE };

	for (u32 i = next_random(random) % 20; i; i--)
		block->next[next_random(random) % block->rows][next_random(random) % TERM_COLUMNS] =
			kinds[next_random(random) % ARRAY_COUNT(kinds)];
	if (next_random(random) % 8 == 0)
		memset(block->next[next_random(random) % block->rows], ' ', TERM_COLUMNS);
}

/* What the terminal shows, against the block's own `next`. */
static void check_screen(const struct term_block *block, u32 top)
{
	for (u32 row = 0; row < block->rows; row++)
		for (u32 column = 0; column < TERM_COLUMNS; column++)
			assert_int_equal(vt100_cell(top + row, column), block->next[row][column]);
}

/* Whatever is composed, the screen shows it, wherever on the screen the block lies, and the lines above stay. */
static void test_block_random(void **state)
{
	static u8 cells[6][TERM_COLUMNS];
	struct term_block block;
	u32 random = 1, row, column, top;

	(void)state;
	for (u32 lines = 0; lines < 30; lines += 7) {
		vt100_play(NULL, 0);
		for (u32 i = 0; i < lines; i++)
			console_puts("line\n");
		term_block_begin(&block, cells, 3);
		top = vt100_row - 2;
		for (u32 round = 0; round < 300; round++) {
			scramble(&block, &random);
			row = next_random(&random) % 3;
			column = next_random(&random) % TERM_COLUMNS;
			term_block_show(&block, row, column);
			check_screen(&block, top);
			assert_int_equal(vt100_row, top + row);
			assert_int_equal(vt100_column, column);
		}
		assert_true(!top || vt100_cell(top - 1, 0) == 'l');
		assert_int_equal(vt100_strange, 0);
	}
}

/* After somebody else wrote on a row, it is sent whole. */
static void test_block_forget(void **state)
{
	static u8 cells[4][TERM_COLUMNS];
	struct term_block block;

	(void)state;
	vt100_play(NULL, 0);
	term_block_begin(&block, cells, 2);
	show_two(&block, "first", "second", 0);
	console_puts("somebody else's words");
	term_block_forget_row(&block);
	term_block_show(&block, 1, 0);
	check_screen(&block, 0);
	assert_int_equal(vt100_row, 1);
}

static void test_block_on_empty_screen(void **state)
{
	static u8 cells[4][TERM_COLUMNS];
	char picture[VT100_TEXT_SIZE];
	struct term_block block;

	(void)state;
	vt100_play(NULL, 0);
	console_puts("left\nover\nin\nreverse \033[7m");
	term_block_begin_clear(&block, cells, 2);
	show_two(&block, "first", "second", 0);
	vt100_picture(picture);
	assert_string_equal(picture, "first\n  second\n");
	assert_int_equal(vt100_strange, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_enter),
		cmocka_unit_test(test_late_line_feed),
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_escape_timeout),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_block_erases),
		cmocka_unit_test(test_block_random),
		cmocka_unit_test(test_block_forget),
		cmocka_unit_test(test_block_on_empty_screen),
	};

	return cmocka_run_group_tests_name("term", tests, NULL, NULL);
}
