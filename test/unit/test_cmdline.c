/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Words of a command line as GRUB, QEMU and people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bootinfo.h"

/* want NULL: not given. The line ends where malloc's buffer does. */
static void check(const char *line, const char *name, const char *want)
{
	char *copy = strdup(line), *value;

	assert_non_null(copy);
	value = cmdline_get(copy, name);
	if (want) {
		assert_non_null(value);
		assert_string_equal(value, want);
	} else {
		assert_null(value);
	}
	free(value);
	free(copy);
}

static void test_plain(void **state)
{
	(void)state;
	check("menu=plain console=ttyS0,115200n8 quiet", "menu", "plain");
	check("menu=plain console=ttyS0,115200n8 quiet", "console", "ttyS0,115200n8");
	check("menu=plain console=ttyS0,115200n8 quiet", "quiet", "");
	check("menu=plain console=ttyS0,115200n8 quiet", "loglevel", NULL);
	check("a=b=c", "a", "b=c");
	check("a=", "a", "");
}

static void test_empty(void **state)
{
	(void)state;
	check("", "a", NULL);
	check("   ", "a", NULL);
	check("\t\n\r ", "a", NULL);
	check("\"\"", "a", NULL);
	check("=", "a", NULL);
	check("=b", "a", NULL);
}

static void test_blanks(void **state)
{
	(void)state;
	check("   a=1   b=2\t\tc=3\n", "a", "1");
	check("   a=1   b=2\t\tc=3\n", "b", "2");
	check("   a=1   b=2\t\tc=3\n", "c", "3");
}

static void test_names_whole(void **state)
{
	(void)state;
	check("menus=1 xmenu=2 men=3 menu.x=4 Menu=5", "menu", NULL);
	check("menus=1 menu=2", "menu", "2");
	check("other=menu=1", "menu", NULL);
	check("other=\"menu=1 menu=2\"", "menu", NULL);
}

static void test_last_wins(void **state)
{
	(void)state;
	check("a=1 b=x a=2", "a", "2");
	check("a=1 a", "a", "");
	check("a a=3", "a", "3");
	check("a=long a=s a=longer", "a", "longer");
	check("a=longer a=s", "a", "s");
}

static void test_quotes(void **state)
{
	(void)state;
	check("a=\"x y\" b=1", "a", "x y");
	check("a=\"x y\" b=1", "b", "1");
	check("\"a=x y\" b=1", "a", "x y");		/* what GRUB makes of a word with a blank */
	check("\"a=x y\" b=1", "b", "1");
	check("a=\"\"", "a", "");
	check("a=x\" \"y", "a", "x y");
	check("a=\"no end", "a", "no end");
	check("a=it's b=1", "a", "it's");		/* single quotes join nothing */
	check("a='x y'", "a", "'x");
}

static void test_escapes(void **state)
{
	(void)state;
	check("a=\\\"x\\\" b=1", "a", "\"x\"");
	check("a=it\\'s", "a", "it's");
	check("a=c:\\\\x", "a", "c:\\x");
	check("\"a=\\\"x y\\\"\"", "a", "\"x y\"");
	check("a=\\n", "a", "\\n");			/* nothing else is escaped */
	check("a=x\\", "a", "x\\");
	check("a=x\\ b=1", "a", "x\\");
	check("a=x\\ b=1", "b", "1");
}

static void test_words(void **state)
{
	static const char line[] = "  one \"two three\" four=\"\"  ";
	static const char *const want[] = { "one", "two three", "four=" };
	const char *at = line;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *word = cmdline_word(&at);

		assert_non_null(word);
		assert_string_equal(word, want[i]);
		free(word);
	}
	assert_null(cmdline_word(&at));
	assert_null(cmdline_word(&at));
	assert_ptr_equal(at, line + sizeof(line) - 1);
}

/* Every line of up to seven of these characters, against a word reader of the simplest kind. */
static void naive(const char *line, char *value, bool *found)
{
	char word[16];
	size_t n = 0;
	bool quoted = false;

	*found = false;
	for (size_t i = 0;; i++) {
		bool ends = !line[i] || (line[i] == ' ' && !quoted);

		if (!ends && line[i] == '\\' && line[i + 1] && strchr("\\\"'", line[i + 1]))
			word[n++] = line[++i];
		else if (!ends && line[i] == '"')
			quoted = !quoted;
		else if (!ends)
			word[n++] = line[i];
		if (!ends)
			continue;
		word[n] = '\0';
		if (word[0] == 'a' && (word[1] == '=' || !word[1])) {
			strcpy(value, word[1] ? word + 2 : "");
			*found = true;
		}
		n = 0;
		if (!line[i])
			return;
	}
}

static void test_exhaustive(void **state)
{
	static const char letters[] = "a= \"\\x";
	char line[8] = "", value[16] = "";
	bool found;

	(void)state;
	for (unsigned int number = 0; number < 6 * 6 * 6 * 6 * 6 * 6 * 6; number++) {
		unsigned int rest = number;

		for (int i = 0; i < 7; i++, rest /= 6)
			line[i] = letters[rest % 6];
		naive(line, value, &found);
		check(line, "a", found ? value : NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_names_whole),
		cmocka_unit_test(test_last_wins),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_exhaustive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
