/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What goes out to a terminal: text made fit for it, and blocks of which only changes are sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "console.h"
#include "term.h"
#include "vt100.h"

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
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_block_erases),
		cmocka_unit_test(test_block_random),
		cmocka_unit_test(test_block_forget),
		cmocka_unit_test(test_block_on_empty_screen),
	};

	return cmocka_run_group_tests_name("term_block", tests, NULL, NULL);
}
