/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The shell itself: words, quotes, numbers, help, what is wrong with a line; images started by name. */
#include "boot.h"
#include "menu_private.h"
#include "shell_fixture.h"

static void check_words(const char *line, u32 limit, const char *joined)
{
	char buffer[128], text[128] = "";
	struct shell_words words;

	assert_true(strlen(line) < sizeof(buffer));
	assert_null(shell_split(line, limit, buffer, &words));
	for (u32 i = 0; i < words.count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "[%s]", words.word[i]);
	assert_string_equal(text, joined);
}

static void test_words(void **state)
{
	(void)state;
	check_words("", SHELL_WORDS_MAX, "");
	check_words(" \t ", SHELL_WORDS_MAX, "");
	check_words("a", SHELL_WORDS_MAX, "[a]");
	check_words("  a\tbc  d ", SHELL_WORDS_MAX, "[a][bc][d]");
	check_words("a 'b  c' \"d e\" f\\ g", SHELL_WORDS_MAX, "[a][b  c][d e][f g]");
	check_words("'a'\"b\"c ''", SHELL_WORDS_MAX, "[abc][]");
	check_words("'a\\' \"b'\\\"c\" '\"'", SHELL_WORDS_MAX, "[a\\][b'\"c][\"]");
	check_words("a # b 'c", SHELL_WORDS_MAX, "[a]");
	check_words("# a", SHELL_WORDS_MAX, "");
	check_words("a#b #", SHELL_WORDS_MAX, "[a#b]");
}

/* Behind the limit nothing is looked at: a kernel's command line has quotes of its own. */
static void test_rest_as_it_stands(void **state)
{
	(void)state;
	check_words("boot name  a=\"b c\" # 'd  ", 2, "[boot][name][a=\"b c\" # 'd]");
	check_words("boot name ", 2, "[boot][name]");
	check_words("boot 'n m'\t\\", 2, "[boot][n m][\\]");
	check_words("boot", 2, "[boot]");
}

static void test_bad_lines(void **state)
{
	char line[2 * SHELL_WORDS_MAX + 8] = "md";

	(void)state;
	assert_complaint("md 'a", "md: a quote is not closed\n");
	assert_complaint("md \"a\\\"", "md: a quote is not closed\n");
	assert_complaint("md a\\", "md: nothing stands behind the last \\\n");
	assert_complaint("'md", "a quote is not closed\n");
	assert_complaint("mdx 1", "no command \"mdx\"; help lists them\n");
	assert_complaint("'' 1", "no command \"\"; help lists them\n");
	assert_complaint("m", "no command \"m\"; help lists them\n");
	assert_complaint("\"md md.w\" 1", "no command \"md md.w\"; help lists them\n");
	assert_complaint("md", "md: usage: md ADDRESS [COUNT]\n");
	assert_complaint("md.w 1 2 3", "md.w: usage: md.w ADDRESS [COUNT]\n");
	assert_complaint("e820 x", "e820: usage: e820 \n");
	for (u32 i = 0; i < SHELL_WORDS_MAX; i++)
		strcat(line, " 1");
	assert_complaint(line, "md: too many words\n");
	assert_answer("", "");
	assert_answer("  # nothing", "");
}

static void test_numbers(void **state)
{
	(void)state;
	assert_complaint("rdmsr 1x", "rdmsr: number \"1x\" is no number: decimal, or hexadecimal behind 0x\n");
	assert_complaint("rdmsr ff", "rdmsr: number \"ff\" is no number: decimal, or hexadecimal behind 0x\n");
	assert_complaint("rdmsr ''", "rdmsr: number \"\" is no number: decimal, or hexadecimal behind 0x\n");
	assert_complaint("rdmsr -1", "rdmsr: number \"-1\" is no number: decimal, or hexadecimal behind 0x\n");
	assert_complaint("rdmsr 0x100000000", "rdmsr: number 0x100000000 is too large, at most 0xffffffff\n");
	assert_complaint("rdmsr 99999999999999999999",
			 "rdmsr: number \"99999999999999999999\" is no number: decimal, or hexadecimal behind 0x\n");
	assert_complaint("md \033[2J", "md: address \"?[2J\" is no number: decimal, or hexadecimal behind 0x\n");
}

static void test_help(void **state)
{
	const char *all = answer("help", true);

	(void)state;
	for (u32 i = 0; i < shell_command_count; i++) {
		const struct shell_command *c = &shell_commands[i];
		char line[96], name[16] = "";

		memcpy(name, c->names, strcspn(c->names, " "));
		snprintf(line, sizeof(line), "\n%s %s", name, c->usage);
		assert_true(!i || strstr(all, line));
		assert_non_null(strstr(all, c->help));
		assert_true(33 + strlen(c->help) < 80 && strlen(line) < 34);
		assert_ptr_equal(shell_find_command(name), c);
		assert_true(c->min <= c->max && c->max < SHELL_WORDS_MAX);
		assert_true(!c->split || c->max == c->split);
	}
	assert_answer("help mw.l", "mw.l [-f] ADDRESS VALUE [COUNT]\n    write memory; -f: what Trapeze uses, too\n"
				   "    names: mw.b mw mw.w mw.l mw.q\n");
	assert_answer("? reboot", "reboot \n    reset the machine\n");
	assert_complaint("help x", "help: there is no command \"x\"\n");
}

/* At a prompt, with all that is typed. */
static void test_session(void **state)
{
	static const char typed[] = "help e820\rmx\r\003exit\r";

	(void)state;
	fake_console_init(typed, sizeof(typed) - 1);
	shell_run(&shell);
	assert_string_equal(fake_output,
			    "\r\nhelp lists the commands, exit leads back to the menu\r\n"
			    "shell> help e820\r\ne820 \r\n    the memory map, and what Trapeze uses of it\r\n"
			    "shell> mx\r\nno command \"mx\"; help lists them\r\n"
			    "shell> \r\nshell> exit\r\n");
}

/* Shown as if typed, on either face without stops, until one fails. */
static void test_script(void **state)
{
	static const char lines[] = "help reboot\0\0md\0help poweroff";

	(void)state;
	shell_run_script(&shell);
	assert_string_equal(fake_output, "");
	machine.manifest.shell = lines;
	machine.manifest.shell_size = sizeof(lines);
	machine.menu.plain = false;
	shell_run_script(&shell);
	assert_string_equal(fake_output, "shell> help reboot\r\nreboot \r\n    reset the machine\r\nshell> \r\n"
					 "shell> md\r\nmd: usage: md ADDRESS [COUNT]\r\n");
	assert_true(fake_log_has("shell: warning: trapeze,shell ends here, \"md\" failed"));
	assert_false(machine.menu.plain);
	fake_log_reset();
	machine.manifest.shell_size = sizeof("help reboot");
	shell_run_script(&shell);
	assert_string_equal(fake_log_text(), "");
}

static struct manifest_config configs[] = {
	{ .name = "linux", .description = "Linux", .bootargs = "quiet" },
	{ .name = "hello", .description = "hello", .preserve_context = true },
};
static const struct menu_entry entries[] = {
	{ .name = "linux", .title = "Linux", .note = "linux, 1 MiB", .bootargs = "quiet" },
	{ .name = "hello", .title = "hello", .note = "call", .bootargs = "1 2" },
};
static struct boot asleep = { .config = &configs[1], .swing = { .title = "hello" } };

static void give_entries(void)
{
	machine.manifest.configs = configs;
	machine.manifest.config_count = 2;
	machine.menu.entries = entries;
	machine.menu.entry_count = 2;
}

static void test_boot(void **state)
{
	(void)state;
	assert_complaint("entries", "entries: there are none\n");
	give_entries();
	assert_answer("entries", "linux                Linux; linux, 1 MiB\nhello                hello; call\n");
	assert_answer("boot linux", "");
	assert_string_equal(started, "run 0 \"quiet\"");
	assert_answer("boot linux  a=\"b c\"  d ", "");
	assert_string_equal(started, "run 0 \"a=\"b c\"  d\"");
	assert_answer("boot hello", "");
	assert_string_equal(started, "run 1 \"1 2\"");
	assert_answer("call hello 7", "");
	assert_string_equal(started, "run 1 \"7\"");
	started[0] = '\0';
	assert_complaint("call linux",
			 "call: \"linux\" does not come back (no trapeze,preserve-context): boot starts it\n");
	assert_complaint("kho", "kho: nothing was handed over to Trapeze\n");
	assert_complaint("kho lin", "kho: no entry \"lin\"; entries lists them\n");
	assert_complaint("boot lin", "boot: no entry \"lin\"; entries lists them\n");
	assert_complaint("boot", "boot: usage: boot NAME [ARGUMENTS]\n");
	assert_string_equal(started, "");
	start_works = false;
	assert_complaint("boot linux", "boot: nothing was changed\n");
}

static void check_completion(const char *text, const char *rest)
{
	const char *got = shell_complete(&shell, text, strlen(text));

	if (!rest)
		assert_null(got);
	else
		assert_string_equal(got, rest);
}

static void test_completion(void **state)
{
	(void)state;
	give_entries();
	check_completion("cpu", "id ");
	check_completion("mw.", NULL);
	check_completion("hex", "dump ");
	check_completion("o", "ut");
	check_completion("wr", "msr ");
	check_completion("lspci", " ");
	check_completion("zz", NULL);
	check_completion("boot l", "inux ");
	check_completion("boot   l", "inux ");
	check_completion("resume ", NULL);
	check_completion("call hello", " ");
	check_completion("help rd", "msr ");
	check_completion("md l", NULL);
	check_completion("boot linux h", NULL);
	/* Only what stands before the cursor counts. */
	assert_string_equal(shell_complete(&shell, "cpuid x", 3), "id ");
	assert_string_equal(shell_complete(&shell, "boot hello x", 6), "ello ");
}

/* In a session, on either face. */
static void test_tab(void **state)
{
	static const char typed[] = "help reb\t\rhelp zz\t\rex\t\r";

	(void)state;
	for (u32 plain = 0; plain < 2; plain++) {
		machine.menu.plain = plain;
		fake_console_init(typed, sizeof(typed) - 1);
		shell_run(&shell);
		assert_non_null(strstr(fake_output, "reset the machine"));
		assert_non_null(strstr(fake_output, "\a"));
		assert_non_null(strstr(fake_output, "there is no command \"zz\""));
		lineedit_history_free(&shell.history);
	}
}

/* What was edited in the menu counts here, too. */
static void test_boot_edited(void **state)
{
	(void)state;
	give_entries();
	menu_set_bootargs(&machine.menu, 0, strdup("single"));
	assert_answer("boot linux", "");
	assert_string_equal(started, "run 0 \"single\"");
	menu_free(&machine.menu);
}

static void test_resume(void **state)
{
	(void)state;
	give_entries();
	assert_complaint("resume hello", "resume: no image \"hello\" sleeps, and no other\n");
	machine.asleep = &asleep;
	assert_complaint("resume linux", "resume: no image \"linux\" sleeps\n");
	assert_answer("resume hello", "");
	assert_string_equal(started, "resume 0 \"\"");
	assert_answer("resume resume:hello 5 6", "");
	assert_string_equal(started, "resume 0 \"5 6\"");
}

static void test_log(void **state)
{
	const char *text;

	(void)state;
	for (u32 i = 0; i < 30; i++)
		log_info("test", "line %u", i);
	text = answer("log 2", true);
	assert_null(strstr(text, "line 27"));
	assert_non_null(strstr(text, "test: line 28\n"));
	assert_non_null(strstr(text, "test: line 29\n"));
	text = answer("log", true);
	assert_null(strstr(text, "line 9\n"));
	assert_non_null(strstr(text, "line 10\n"));
	assert_answer("log 0", "");
	assert_complaint("log x", "log: lines \"x\" is no number: decimal, or hexadecimal behind 0x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		shell_test(test_words),
		shell_test(test_rest_as_it_stands),
		shell_test(test_bad_lines),
		shell_test(test_numbers),
		shell_test(test_help),
		shell_test(test_session),
		shell_test(test_script),
		shell_test(test_boot),
		shell_test(test_completion),
		shell_test(test_tab),
		shell_test(test_boot_edited),
		shell_test(test_resume),
		shell_test(test_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
