/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The menu on a VT100: numbers, command lines, long lists, odd contents, help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "console.h"
#include "menu_fixture.h"

#define MANY 25

static struct menu_entry many_entries[MANY];
static char many_titles[MANY][16];

static struct menu new_many(void)
{
	for (u32 i = 0; i < MANY; i++) {
		snprintf(many_titles[i], sizeof(many_titles[i]), "entry %c", 'A' + i);
		many_entries[i] = (struct menu_entry){ .title = many_titles[i], .bootargs = many_titles[i] };
	}
	return (struct menu){ .header = "Many", .entries = many_entries, .entry_count = MANY, .timeout = -1 };
}

static void test_numbers(void **state)
{
	(void)state;
	check_keys("1", MENU_BOOT, 0, "console=ttyS0 ro");
	check_keys("4", MENU_BOOT, 3, "");
	check_keys("0592", MENU_BOOT, 1, "console=ttyS0,115200");
	assert_int_equal(vt100_bells, 3);
}

/* Digits collect while a longer number is possible. */
static void check_many(const char *keys, u32 entry, u32 bells)
{
	struct menu menu = new_many();
	struct vt100_step step = { .keys = keys };

	play(&menu, &step, 1, MENU_BOOT, entry, many_titles[entry]);
	assert_int_equal(menu.selected, entry);
	assert_int_equal(vt100_bells, bells);
	menu_free(&menu);
}

static void test_long_numbers(void **state)
{
	(void)state;
	check_many("3", 2, 0);
	check_many("12", 11, 0);
	check_many("25", 24, 0);
	check_many("2\r", 1, 0);
	check_many("26\x0e\r", 1, 1);
	check_many("2j\r", 1, 0);
	check_many("2\x7f\x33", 2, 0);
	check_many("1\xff" "5", 14, 0);
}

/* Twenty entries: 2 may still become 20. */
static void test_round_number(void **state)
{
	struct menu menu = new_many();
	struct vt100_step step = { .keys = "20" };

	(void)state;
	menu.entry_count = 20;
	play(&menu, &step, 1, MENU_BOOT, 19, many_titles[19]);
	menu_free(&menu);
}

static void test_number_pause(void **state)
{
	char picture[VT100_TEXT_SIZE];
	struct vt100_step steps[] = { { .keys = "2", .picture = picture }, { .pause_ms = 10000, .keys = "x" } };
	struct menu menu = new_many();
	u64 start = fake_time_us;

	(void)state;
	play(&menu, steps, ARRAY_COUNT(steps), MENU_BOOT, 1, many_titles[1]);
	assert_in_range(fake_time_us - start, 1500000, 1600000);
	assert_non_null(strstr(picture, "\n 2... more digits, or Enter\n"));
	menu_free(&menu);
}

/* 25 entries on 24 lines: the window jumps, and tells how much there is out of it. */
static void test_scrolling(void **state)
{
	char top[VT100_TEXT_SIZE], middle[VT100_TEXT_SIZE], bottom[VT100_TEXT_SIZE];
	struct vt100_step steps[] = {
		{ .picture = top }, { .keys = "\033[6~j", .picture = middle }, { .keys = "\033[F", .picture = bottom },
		{ .keys = "\033[5~\r" },
	};
	struct menu menu = new_many();

	(void)state;
	play(&menu, steps, ARRAY_COUNT(steps), MENU_BOOT, 6, "entry G");
	assert_string_equal(
		top, "\nMany\n\n {>  1  entry A}\n    2  entry B\n    3  entry C\n    4  entry D\n    5  entry E\n"
		     "    6  entry F\n    7  entry G\n    8  entry H\n    9  entry I\n   10  entry J\n   11  entry K\n"
		     "   12  entry L\n   13  entry M\n   14  entry N\n   15  entry O\n   16  entry P\n   17  entry Q\n"
		     "   18  entry R\n   (7 more below)\n\n" KEYS);
	assert_string_equal(
		middle, "\nMany\n   (7 more above)\n    8  entry H\n    9  entry I\n   10  entry J\n"
			"   11  entry K\n   12  entry L\n   13  entry M\n   14  entry N\n   15  entry O\n"
			"   16  entry P\n   17  entry Q\n   18  entry R\n   19  entry S\n {> 20  entry T}\n"
			"   21  entry U\n   22  entry V\n   23  entry W\n   24  entry X\n   25  entry Y\n\n\n" KEYS);
	assert_non_null(strstr(bottom, "   24  entry X\n {> 25  entry Y}\n"));
	menu_free(&menu);
}

static void test_edit(void **state)
{
	char editing[VT100_TEXT_SIZE], after[VT100_TEXT_SIZE];
	struct vt100_step steps[] = {
		{ .keys = "jje" },
		{ .keys = "debug=1", .picture = editing },
		{ .keys = "\r", .picture = after },
		{ .keys = "\r" },
	};
	struct menu menu = new_menu(-1);

	(void)state;
	play(&menu, steps, ARRAY_COUNT(steps), MENU_BOOT, 2, "debug=1");
	assert_string_equal(editing, TOP FIRST SECOND
			    " {> 3  hello}                             call, long mode, 4 KiB, returns\n"
			    "   4  trips over itself                 call, protected mode, faults on purpose\n"
			    " Command line of 3, hello\n debug=1\n"
			    " Enter keep  Esc discard  Up/Down history  Ctrl-A/E ends  -U/-K cut  -Y paste\n");
	assert_string_equal(after, TOP FIRST SECOND
			    " {> 3* hello}                             call, long mode, 4 KiB, returns\n"
			    "   4  trips over itself                 call, protected mode, faults on purpose\n"
			    "\n * command line edited\n" KEYS);
	menu_free(&menu);
}

/* What was edited stays from call to call, until it is what the manifest says. */
static void test_edit_kept(void **state)
{
	struct menu menu = new_menu(-1);
	struct vt100_step edits[] = { { .keys = "e single\r\r" } };
	struct vt100_step looks[] = { { .keys = "i" } };
	struct vt100_step undoes[] = { { .keys = "e\x17\x7f\ri" } };

	(void)state;
	play(&menu, edits, 1, MENU_BOOT, 0, "console=ttyS0 ro single");
	play(&menu, looks, 1, MENU_INSPECT, 0, "console=ttyS0 ro single");
	assert_non_null(menu.edited[0]);
	play(&menu, undoes, 1, MENU_INSPECT, 0, "console=ttyS0 ro");
	assert_null(menu.edited[0]);
	menu_free(&menu);
	assert_null(menu.edited);
}

static void test_edit_discarded(void **state)
{
	struct vt100_step steps[] = { { .keys = "exyz\033" }, { .pause_ms = 100, .keys = "ezzz\x03\r" } };
	struct menu menu = new_menu(-1);

	(void)state;
	play(&menu, steps, ARRAY_COUNT(steps), MENU_BOOT, 0, "console=ttyS0 ro");
	menu_free(&menu);
}

/* One entry's line is in the history of the next, and of the next call. */
static void test_edit_history(void **state)
{
	struct menu menu = new_menu(-1);
	struct vt100_step first[] = { { .keys = "e one\rje\x15two\r\r" } };
	struct vt100_step second[] = { { .keys = "je\033[A\033[A\ri" } };

	(void)state;
	play(&menu, first, 1, MENU_BOOT, 1, "two");
	play(&menu, second, 1, MENU_INSPECT, 2, "console=ttyS0 ro one");
	menu_free(&menu);
}

static void test_help(void **state)
{
	char help[VT100_TEXT_SIZE], after[VT100_TEXT_SIZE];
	struct vt100_step steps[] = { { .keys = "j?", .picture = help },
				      { .keys = "q", .picture = after },
				      { .keys = "\r" } };
	struct menu menu = new_menu(-1);

	(void)state;
	play(&menu, steps, ARRAY_COUNT(steps), MENU_BOOT, 1, "console=ttyS0,115200");
	assert_non_null(strstr(help, "\n-- Keys --\nUp, Down, k, j     mark an entry;"));
	assert_non_null(strstr(help, "\n{-- end, any key for the menu --}\n"));
	assert_null(strstr(help, "\n    "));	/* no line of it was wrapped */
	assert_non_null(strstr(after, "\n" TOP FIRST SECOND_MARKED REST "\n\n" KEYS));
	menu_free(&menu);
}

/* Somebody connects a terminal late, and sees nothing before Ctrl-L. */
static void test_redraw(void **state)
{
	char picture[VT100_TEXT_SIZE];
	struct vt100_step steps[] = { { .keys = "\x0c", .picture = picture }, { .keys = "\r" } };
	struct menu menu = new_menu(30);

	(void)state;
	vt100_play(steps, ARRAY_COUNT(steps));
	for (u32 i = 0; i < 30; i++)
		console_puts("rubbish\n");
	free(menu_run(&menu).bootargs);
	assert_string_equal(picture, FIRST_SCREEN(""));
	assert_int_equal(vt100_strange, 0);
	menu_free(&menu);
}

/* Something else was printed: the menu is drawn once more, as a whole, where the cursor is now. */
static void test_disturbed(void **state)
{
	struct vt100_step step = { .pause_ms = 100, .keys = "\r" };
	struct menu menu = new_menu(-1);
	const char *first;

	(void)state;
	vt100_play(&step, 1);
	console_disturb();
	free(menu_run(&menu).bootargs);
	first = strstr(vt100_sent, "Trapeze 0.1");
	assert_non_null(first);
	assert_non_null(strstr(first + 1, "Trapeze 0.1"));
	assert_null(strstr(vt100_sent, "\033[2J"));
	assert_int_equal(vt100_strange, 0);
	menu_free(&menu);
}

static void play_choice(struct menu *menu, u32 entry, const char *bootargs)
{
	struct menu_choice choice = menu_run(menu);

	assert_int_equal(choice.action, MENU_BOOT);
	assert_int_equal(choice.entry, entry);
	assert_string_equal(choice.bootargs, bootargs);
	free(choice.bootargs);
}

/* The list may change between two runs: what was edited stays with the entries that stay. */
static void test_entries_change(void **state)
{
	struct menu_entry more[ARRAY_COUNT(entries) + 1];
	struct menu menu = new_menu(-1);

	(void)state;
	memcpy(more, entries, sizeof(entries));
	more[ARRAY_COUNT(entries)] = (struct menu_entry){ "resume:hello", "resume hello", "asleep", "" };
	menu_set_entries(&menu, more, ARRAY_COUNT(more), ARRAY_COUNT(entries));
	vt100_play((struct vt100_step[]){ { .keys = "\033[B" "e1\r" "\033[F" "e 7\r\r" } }, 1);
	play_choice(&menu, 4, " 7");
	menu_set_entries(&menu, more, ARRAY_COUNT(more), ARRAY_COUNT(entries));
	vt100_play((struct vt100_step[]){ { .keys = "\r" } }, 1);
	play_choice(&menu, 4, "");
	menu_set_entries(&menu, entries, ARRAY_COUNT(entries), ARRAY_COUNT(entries));
	vt100_play((struct vt100_step[]){ { .keys = "2" } }, 1);
	play_choice(&menu, 1, "console=ttyS0,1152001");
	menu_free(&menu);
}

static void check_first_screen(struct menu *menu, const char *wanted)
{
	char picture[VT100_TEXT_SIZE];
	struct vt100_step steps[] = { { .picture = picture }, { .keys = "r" } };

	menu->timeout = -1;
	play(menu, steps, ARRAY_COUNT(steps), MENU_REBOOT, 0, NULL);
	assert_string_equal(picture, wanted);
	menu_free(menu);
}

static void test_no_entries(void **state)
{
	struct menu menu = { .header = "Trapeze", .timeout = 3 };
	struct vt100_step step = { .keys = "\r1eijk\033[6~\033[5~\033[F0m" };

	(void)state;
	play(&menu, &step, 1, MENU_MEMORY, 0, NULL);
	assert_int_equal(vt100_bells, 5);
	check_first_screen(&menu, "\nTrapeze\n\n   no entries\n\n\n" KEYS);
}

/* Titles and notes are cut, each to its share, and notes that are missing leave titles the line. */
static void test_long_texts(void **state)
{
	static const struct menu_entry long_entries[] = {
		{ NULL, "A title that goes on and on for as long as there is anything to say about it, and then some",
		  "note", "" },
		{ NULL, "short",
		  "A note that goes on and on for as long as there is anything to say about it, and more", "" },
	};
	struct menu menu = { .header = "Long", .entries = long_entries, .entry_count = 2 };
	struct menu title_only = { .header = "Long", .entries = long_entries, .entry_count = 1, .selected = 7 };
	struct menu_entry no_note = long_entries[0];

	(void)state;
	check_first_screen(
		&menu, "\nLong\n\n {> 1  A title that goes on and on for a...}  note\n"
		       "   2  short                                 A note that goes on and on for a...\n\n\n" KEYS);
	no_note.note = NULL;
	title_only.entries = &no_note;
	check_first_screen(&title_only,
			   "\nLong\n\n {> 1  A title that goes on and on for as long as there is anything to say "
			   "ab...}\n\n\n" KEYS);
}

/* Bytes that would steer a terminal come out as question marks, wherever they stand. */
static void test_hostile_texts(void **state)
{
	static const struct menu_entry hostile[] = {
		{ "x", "\033[2Jtitle\n\r\a", "no\x9bte\x7f", "a\033]0;x\ab" },
		{ "y", "Z\xc3\xbcrich \xe2\x82\xac", "", "\n\n" },
	};
	struct menu menu = { .header = "Tra\033[5mpeze\nsecond\tline", .entries = hostile, .entry_count = 2 };
	char picture[VT100_TEXT_SIZE];
	struct vt100_step steps[] = { { .keys = "e", .picture = picture }, { .keys = "\r\r" } };

	(void)state;
	menu.timeout = -1;
	play(&menu, steps, ARRAY_COUNT(steps), MENU_BOOT, 0, "a\033]0;x\ab");
	assert_string_equal(picture, "\nTra?[5mpeze\nsecond?line\n\n {> 1  ?[2Jtitle???}                      note?\n"
				     "   2  Z?rich ?\n Command line of 1, ?[2Jtitle???\n a?]0;x?b\n"
				     " Enter keep  Esc discard  Up/Down history  Ctrl-A/E ends  -U/-K cut  -Y paste\n");
	check_first_screen(&menu, "\nTra?[5mpeze\nsecond?line\n\n {> 1  ?[2Jtitle???}                      note?\n"
				  "   2  Z?rich ?\n\n\n" KEYS);
}

/* A header of any size leaves room for the list. */
static void test_long_header(void **state)
{
	char header[3000], picture[VT100_TEXT_SIZE];
	struct vt100_step steps[] = { { .picture = picture }, { .keys = "r" } };
	struct menu menu = new_many();

	(void)state;
	memset(header, 'h', sizeof(header) - 1);
	header[sizeof(header) - 1] = '\0';
	menu.header = header;
	play(&menu, steps, ARRAY_COUNT(steps), MENU_REBOOT, 0, NULL);
	assert_non_null(strstr(picture, "h\n\n {>  1  entry A}\n"));
	assert_non_null(strstr(picture, "   11  entry K\n   (14 more below)\n\n" KEYS));
	menu.header = NULL;
	play(&menu, (struct vt100_step[]){ { .keys = "r" } }, 1, MENU_REBOOT, 0, NULL);
	menu.header = "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n";
	play(&menu, (struct vt100_step[]){ { .keys = "r" } }, 1, MENU_REBOOT, 0, NULL);
	menu_free(&menu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_long_numbers),
		cmocka_unit_test(test_round_number),
		cmocka_unit_test(test_number_pause),
		cmocka_unit_test(test_scrolling),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_edit_kept),
		cmocka_unit_test(test_edit_discarded),
		cmocka_unit_test(test_edit_history),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_redraw),
		cmocka_unit_test(test_disturbed),
		cmocka_unit_test(test_entries_change),
		cmocka_unit_test(test_no_entries),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_hostile_texts),
		cmocka_unit_test(test_long_header),
	};

	return cmocka_run_group_tests_name("menu_edit", tests, NULL, NULL);
}
