/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* menu=plain: what a script sends and what it gets, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "menu_fixture.h"

#define LIST "\r\n" \
	"Trapeze 0.1 x86_64 | GRUB 2.06, BIOS | 1 of 2 processors | 511 MiB usable\r\n" \
	"ttyS0 115200n8\r\n" \
	"Manifest \"Lab bench\", 4 entries, sha256 ok\r\n" \
	"\r\n" \
	" > 1  Debian 12, cloud kernel           linux, 13.5 MiB + 2.4 MiB initrd\r\n" \
	"   2  memtest86+ 6.10                   linux, 0.1 MiB\r\n" \
	"   3  hello                             call, long mode, 4 KiB, returns\r\n" \
	"   4  trips over itself                 call, protected mode, faults on purpose\r\n" \
	"\r\n"

static struct menu new_plain(s32 timeout)
{
	struct menu menu = new_menu(timeout);

	menu.plain = true;
	return menu;
}

/* After the list and the prompt: what a script types and what comes back until the choice. */
static void check(const char *typed, const char *answer, enum menu_action action, u32 entry, const char *bootargs)
{
	struct menu menu = new_plain(-1);
	struct vt100_step step = { .keys = typed };

	play(&menu, &step, 1, action, entry, bootargs);
	assert_memory_equal(vt100_sent, LIST "trapeze> ", sizeof(LIST "trapeze> ") - 1);
	assert_string_equal(vt100_sent + sizeof(LIST "trapeze> ") - 1, answer);
	assert_int_equal(vt100_escapes, 0);
	assert_int_equal(menu.selected, 0);
	menu_free(&menu);
}

static void test_boot(void **state)
{
	(void)state;
	check("2\r", "2\r\n", MENU_BOOT, 1, "console=ttyS0,115200");
	check("4\n", "4\r\n", MENU_BOOT, 3, "");
	check("memtest\r\n", "memtest\r\n", MENU_BOOT, 1, "console=ttyS0,115200");
	check("\r", "\r\n", MENU_BOOT, 0, "console=ttyS0 ro");
	check("  3  \r", "  3  \r\n", MENU_BOOT, 2, "");
}

static void test_long_number(void **state)
{
	struct menu_entry many[12];
	struct menu menu = { .header = "Many", .entries = many, .entry_count = 12, .timeout = -1, .plain = true };
	struct vt100_step step = { .keys = "12\r" };

	(void)state;
	for (u32 i = 0; i < 12; i++)
		many[i] = entries[0];
	play(&menu, &step, 1, MENU_BOOT, 11, "console=ttyS0 ro");
	menu_free(&menu);
}

static void test_actions(void **state)
{
	(void)state;
	check("i 2\r", "i 2\r\n", MENU_INSPECT, 1, "console=ttyS0,115200");
	check("i trips\r", "i trips\r\n", MENU_INSPECT, 3, "");
	check("i\r", "i\r\n", MENU_INSPECT, 0, "console=ttyS0 ro");
	check("c\r", "c\r\n", MENU_SHELL, 0, NULL);
	check("l\r", "l\r\n", MENU_LOG, 0, NULL);
	check("m\r", "m\r\n", MENU_MEMORY, 0, NULL);
	check("r\r", "r\r\n", MENU_REBOOT, 0, NULL);
}

static void test_edit(void **state)
{
	(void)state;
	check("e 2 single  quiet\r2\r",
	      "e 2 single  quiet\r\n2* command line: single  quiet\r\ntrapeze> 2\r\n", MENU_BOOT, 1, "single  quiet");
	check("e hello a=b\ri hello\r", "e hello a=b\r\n3* command line: a=b\r\ntrapeze> i hello\r\n", MENU_INSPECT, 2,
	      "a=b");
	check("e 1\r\x15new\r\r",
	      "e 1\r\ncommand line: console=ttyS0 ro\r\ncommand line: new\r\n1* command line: new\r\ntrapeze> \r\n",
	      MENU_BOOT, 0, "new");
	check("e 1 x\re 1 console=ttyS0 ro\r\r",
	      "e 1 x\r\n1* command line: x\r\ntrapeze> e 1 console=ttyS0 ro\r\n1  command line: console=ttyS0 ro\r\n"
	      "trapeze> \r\n", MENU_BOOT, 0, "console=ttyS0 ro");
	check("e\rx\x03\r",
	      "e\r\ncommand line: console=ttyS0 rox\r\n1  command line: console=ttyS0 ro\r\ntrapeze> \r\n", MENU_BOOT,
	      0, "console=ttyS0 ro");
}

/* An edited entry is marked in the list that comes with the next call. */
static void test_edit_mark(void **state)
{
	struct menu menu = new_plain(-1);
	struct vt100_step first = { .keys = "e 2 x\rl\r" }, second = { .keys = "2\r" };

	(void)state;
	play(&menu, &first, 1, MENU_LOG, 0, NULL);
	play(&menu, &second, 1, MENU_BOOT, 1, "x");
	assert_non_null(strstr(vt100_sent, "\r\n   2* memtest86+ 6.10                   linux, 0.1 MiB\r\n"));
	menu_free(&menu);
}

static void test_mistakes(void **state)
{
	(void)state;
	check("5\r0\r99999999999999999999\r2x\r\033\r",
	      "5\r\nno entry \"5\"; ? for help\r\ntrapeze> 0\r\nno entry \"0\"; ? for help\r\n"
	      "trapeze> 99999999999999999999\r\nno entry \"99999999999999999999\"; ? for help\r\n"
	      "trapeze> 2x\r\nno entry \"2x\"; ? for help\r\ntrapeze> \r\ntrapeze> \r\n",
	      MENU_BOOT, 0, "console=ttyS0 ro");
	check("1 single\ri 9\re 9 x\rl x\rr\r",
	      "1 single\r\ntoo much on the line: \"single\"; ? for help\r\n"
	      "trapeze> i 9\r\nno entry \"9\"; ? for help\r\n"
	      "trapeze> e 9 x\r\nno entry \"9\"; ? for help\r\n"
	      "trapeze> l x\r\ntoo much on the line: \"x\"; ? for help\r\n"
	      "trapeze> r\r\n",
	      MENU_REBOOT, 0, NULL);
	check("3\x7f\xc3\xa4\x1b[A2\r", "3\b \b\a\a2\r\n", MENU_BOOT, 1, "console=ttyS0,115200");
}

static void test_help(void **state)
{
	struct menu menu = new_plain(-1);
	struct vt100_step step = { .keys = "?\rhelp\rr\r" };
	const char *first;

	(void)state;
	play(&menu, &step, 1, MENU_REBOOT, 0, NULL);
	first = strstr(vt100_sent, "trapeze> ?\r\n\r\n-- Keys --\r\nN             start entry N");
	assert_non_null(first);
	assert_non_null(strstr(first, "? or help     this help\r\ntrapeze> help\r\n\r\n-- Keys --\r\n"));
	assert_int_equal(vt100_escapes, 0);
	menu_free(&menu);
}

/* Said once; nothing more is sent until the time is up. */
static void test_countdown(void **state)
{
	struct menu menu = new_plain(5);
	u64 start = fake_time_us;

	(void)state;
	play(&menu, NULL, 0, MENU_BOOT, 0, "console=ttyS0 ro");
	assert_string_equal(vt100_sent, LIST "booting 1 in 5 s, any key stops\r\ntrapeze> \r\n");
	assert_in_range(fake_time_us - start, 5000000, 5005000);
	menu_free(&menu);
}

/* The key that stops the countdown is the first of the line. */
static void test_countdown_stopped(void **state)
{
	struct menu menu = new_plain(5);
	struct vt100_step steps[] = { { .pause_ms = 1000, .keys = "\xff\0", .size = 2 },
				      { .pause_ms = 3900, .keys = "3" },
				      { .pause_ms = 30000, .keys = "\r" } };

	(void)state;
	play(&menu, steps, ARRAY_COUNT(steps), MENU_BOOT, 2, "");
	assert_string_equal(vt100_sent, LIST "booting 1 in 5 s, any key stops\r\ntrapeze> 3\r\n");
	menu_free(&menu);
}

static void test_no_timeout(void **state)
{
	struct menu menu = new_plain(0);

	(void)state;
	play(&menu, NULL, 0, MENU_BOOT, 0, "console=ttyS0 ro");
	assert_string_equal(vt100_sent, "");
	menu_free(&menu);
}

static void test_no_entries(void **state)
{
	struct menu menu = { .header = "Trapeze", .timeout = 3, .plain = true };
	struct vt100_step step = { .keys = "\r1\rm\r" };

	(void)state;
	play(&menu, &step, 1, MENU_MEMORY, 0, NULL);
	assert_string_equal(vt100_sent,
			    "\r\nTrapeze\r\n\r\n   no entries\r\n\r\ntrapeze> \r\nno entry \"\"; ? for help\r\n"
			    "trapeze> 1\r\nno entry \"1\"; ? for help\r\ntrapeze> m\r\n");
	menu_free(&menu);
}

static void test_hostile_texts(void **state)
{
	static const struct menu_entry hostile[] = { { "x", "\033[2Jtitle\n", "no\x1bte", "a\033]0;x\ab" } };
	struct menu menu = {
		.header = "Tra\033peze", .entries = hostile, .entry_count = 1, .timeout = -1, .plain = true
	};
	struct vt100_step step = { .keys = "e x\r\rr\r" };

	(void)state;
	play(&menu, &step, 1, MENU_REBOOT, 0, NULL);
	assert_int_equal(vt100_escapes, 0);
	assert_non_null(strstr(vt100_sent, " > 1  ?[2Jtitle?                        no?te\r\n"));
	assert_non_null(strstr(vt100_sent, "1  command line: a?]0;x?b\r\n"));
	menu_free(&menu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boot),
		cmocka_unit_test(test_long_number),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_edit_mark),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_countdown),
		cmocka_unit_test(test_countdown_stopped),
		cmocka_unit_test(test_no_timeout),
		cmocka_unit_test(test_no_entries),
		cmocka_unit_test(test_hostile_texts),
	};

	return cmocka_run_group_tests_name("menu_plain", tests, NULL, NULL);
}
