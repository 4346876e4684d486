/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The words of the shim's own command line: what is taken, what is refused and in which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "options.h"

/* Warnings logged since the last reset. */
static unsigned int warnings(void)
{
	const char *at = fake_log_text();
	unsigned int count = 0;

	while ((at = strstr(at, " warning: "))) {
		count++;
		at++;
	}
	return count;
}

static struct options parse(const char *command_line)
{
	struct options options;

	/* Nothing is taken over from what was there. */
	memset(&options, 0xa5, sizeof(options));
	fake_log_reset();
	options_parse(&options, command_line);
	assert_int_equal(fake_log_errors(), 0);
	return options;
}

static void done(struct options *options)
{
	free(options->console);
	free(options->manifest);
}

static void check_defaults(const struct options *options)
{
	assert_null(options->console);
	assert_null(options->manifest);
	assert_false(options->has_log_level);
	assert_false(options->plain_menu);
	assert_false(options->has_timeout);
	assert_int_equal(options->trap, -1);
}

static void test_nothing(void **state)
{
	static const char *const lines[] = { "", " ", "\t\n ", "/trapeze.elf", "/boot/a=b " };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_COUNT(lines); i++) {
		struct options options = parse(lines[i]);

		check_defaults(&options);
		assert_int_equal(warnings(), 0);
		done(&options);
	}
}

static void test_all(void **state)
{
	struct options options = parse("BOOT_IMAGE=/trapeze.elf initrd=/cargo /trapeze.elf console=ttyS1,9600 manifest=bench "
				       "loglevel=debug menu=plain timeout=30 trap=3");

	(void)state;
	assert_string_equal(options.console, "ttyS1,9600");
	assert_string_equal(options.manifest, "bench");
	assert_true(options.has_log_level);
	assert_int_equal(options.log_level, LOG_DEBUG);
	assert_true(options.plain_menu);
	assert_true(options.has_timeout);
	assert_int_equal(options.timeout, 30);
	assert_int_equal(options.trap, 3);
	assert_int_equal(warnings(), 0);
	done(&options);
}

static void test_quotes(void **state)
{
	struct options options = parse("manifest=\"lab bench\" console=\"ttyS0\"");

	(void)state;
	assert_string_equal(options.manifest, "lab bench");
	assert_string_equal(options.console, "ttyS0");
	assert_int_equal(warnings(), 0);
	done(&options);
	/* GRUB puts the whole word in quotes, and a backslash before those inside. */
	options = parse("\"manifest=the \\\"lab\\\" bench\"\tmenu=plain");
	assert_string_equal(options.manifest, "the \"lab\" bench");
	assert_true(options.plain_menu);
	assert_int_equal(warnings(), 0);
	done(&options);
}

static void test_last_wins(void **state)
{
	struct options options = parse("timeout=1 loglevel=err timeout=2 menu=plain loglevel=4 manifest=a manifest=b");

	(void)state;
	assert_int_equal(options.timeout, 2);
	assert_int_equal(options.log_level, LOG_STEP);
	assert_string_equal(options.manifest, "b");
	assert_int_equal(warnings(), 0);
	done(&options);
	options = parse("menu=plain menu=vt100");
	assert_false(options.plain_menu);
	assert_int_equal(warnings(), 0);
	done(&options);
}

/* --- numbers --- */

static void test_timeouts(void **state)
{
	static const struct {
		const char *text;
		s32 value;
	} good[] = { { "0", 0 }, { "5", 5 }, { "-1", -1 }, { "86400", 86400 }, { "007", 7 }, { "-0", 0 } };
	static const char *const bad[] = {
		"", "-", "-2", "86401", "2147483648", "4294967295", "4294967296", "18446744073709551617",
		"99999999999999999999999", "5s", "0x5", "+5", " 5", "five", "--1", "5-", "-86400",
	};
	char line[64];

	(void)state;
	for (unsigned int i = 0; i < ARRAY_COUNT(good); i++) {
		struct options options;

		snprintf(line, sizeof(line), "timeout=%s", good[i].text);
		options = parse(line);
		assert_true(options.has_timeout);
		assert_int_equal(options.timeout, good[i].value);
		assert_int_equal(warnings(), 0);
		done(&options);
	}
	for (unsigned int i = 0; i < ARRAY_COUNT(bad); i++) {
		struct options options;
		char wanted[128];

		snprintf(line, sizeof(line), "\"timeout=%s\"", bad[i]);
		options = parse(line);
		check_defaults(&options);
		snprintf(wanted, sizeof(wanted), "options: warning: timeout=%s is not a number from -1 to 86400",
			 bad[i]);
		assert_true(fake_log_has(wanted));
		assert_int_equal(warnings(), 1);
		done(&options);
	}
}

static void test_traps(void **state)
{
	static const char *const bad[] = { "-1", "32", "", "x", "256", "4294967299" };
	char line[32];

	(void)state;
	for (int trap = 0; trap < 32; trap++) {
		struct options options;

		snprintf(line, sizeof(line), "trap=%d", trap);
		options = parse(line);
		assert_int_equal(options.trap, trap);
		assert_int_equal(warnings(), 0);
		done(&options);
	}
	for (unsigned int i = 0; i < ARRAY_COUNT(bad); i++) {
		struct options options;

		snprintf(line, sizeof(line), "trap=%s", bad[i]);
		options = parse(line);
		check_defaults(&options);
		assert_true(fake_log_has("is not a number from 0 to 31"));
		assert_int_equal(warnings(), 1);
		done(&options);
	}
}

/* --- names --- */

static void test_log_levels(void **state)
{
	static const char *const names[] = { "err", "warn", "info", "debug", "step" };
	static const char *const bad[] = { "", "5", "-1", "warning", "ERR", "info,debug" };
	char line[32];

	(void)state;
	for (unsigned int i = 0; i < ARRAY_COUNT(names); i++) {
		for (int by_number = 0; by_number < 2; by_number++) {
			struct options options;

			if (by_number)
				snprintf(line, sizeof(line), "loglevel=%u", i);
			else
				snprintf(line, sizeof(line), "loglevel=%s", names[i]);
			options = parse(line);
			assert_true(options.has_log_level);
			assert_int_equal(options.log_level, i);
			assert_int_equal(warnings(), 0);
			done(&options);
		}
	}
	for (unsigned int i = 0; i < ARRAY_COUNT(bad); i++) {
		struct options options;

		snprintf(line, sizeof(line), "loglevel=%s", bad[i]);
		options = parse(line);
		check_defaults(&options);
		assert_true(fake_log_has("known are err, warn, info, debug, step (0 to 4)"));
		assert_int_equal(warnings(), 1);
		done(&options);
	}
}

static void test_menu_kinds(void **state)
{
	static const char *const bad[] = { "menu", "menu=", "menu=Plain", "menu=plain,fast" };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_COUNT(bad); i++) {
		struct options options = parse(bad[i]);

		check_defaults(&options);
		assert_true(fake_log_has("known are vt100 and plain"));
		assert_int_equal(warnings(), 1);
		done(&options);
	}
}

static void test_unknown_words(void **state)
{
	static const struct {
		const char *line, *word;
	} unknown[] = {
		{ "timout=5", "timout=5" },
		{ "TIMEOUT=5", "TIMEOUT=5" },
		{ "timeouts=5", "timeouts=5" },
		{ "time=5", "time=5" },
		{ "quiet", "quiet" },
		{ "menu=plain\tquiet", "quiet" },
		{ "manifest=\"a b\" \"root = x\"", "root = x" },
		{ "\"quiet", "quiet" },
		{ "=5", "=5" },
		{ "console/=5", "console/=5" },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_COUNT(unknown); i++) {
		struct options options = parse(unknown[i].line);
		char wanted[128];

		snprintf(wanted, sizeof(wanted), "options: warning: unknown word \"%s\" on the command line\n",
			 unknown[i].word);
		assert_true(fake_log_has(wanted));
		assert_int_equal(warnings(), 1);
		done(&options);
	}
}

/* A line as long as anybody may write, without a word in it that is known. */
static void test_long_line(void **state)
{
	size_t size = 100000;
	char *line = malloc(size);
	struct options options;

	(void)state;
	assert_non_null(line);
	memset(line, 'x', size);
	line[size - 1] = '\0';
	options = parse(line);
	check_defaults(&options);
	assert_int_equal(warnings(), 1);
	done(&options);
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_all), cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_last_wins), cmocka_unit_test(test_timeouts), cmocka_unit_test(test_traps),
		cmocka_unit_test(test_log_levels), cmocka_unit_test(test_menu_kinds),
		cmocka_unit_test(test_unknown_words), cmocka_unit_test(test_long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
