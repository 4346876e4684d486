/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "log.h"

/* What the ring has to hold: all lines ever logged in this program, and where each began. */
#define MODEL_LINES 20000
static char *model[MODEL_LINES];
static u64 model_start[MODEL_LINES + 1];
static u32 model_count;

static void model_log(const char *text)
{
	char line[2 * LOG_LINE_MAX];

	snprintf(line, sizeof(line), "[%5llu.%06llu] ring: %s", fake_time_us / 1000000, fake_time_us % 1000000, text);
	log_info("ring", "%s", text);
	model[model_count++] = strdup(line);
	model_start[model_count] = model_start[model_count - 1] + strlen(line) + 1;
}

/* Tests before this one logged too: their lines are no part of the model. */
static void model_init(void)
{
	while (model_count)
		free(model[--model_count]);
	model_start[0] = log_get_ring()->total;
}

/* Reading from the start gives exactly the newest lines that fit whole, down to `first`. */
static void check_against_model(u32 first)
{
	char line[LOG_LINE_MAX];
	u64 at = 0;

	assert_true(log_get_ring()->total == model_start[model_count]);
	assert_true(log_get_ring()->first == model_start[first]);
	for (u32 i = first; i < model_count; i++) {
		assert_true(log_read_line(&at, line, sizeof(line)));
		assert_string_equal(line, model[i]);
	}
	assert_false(log_read_line(&at, line, sizeof(line)));
	assert_true(at == model_start[model_count]);
	assert_int_equal(log_ring_sum(log_get_ring()), log_get_ring()->sum);
}

/* The oldest line that a ring of this size has room for from there on. */
static u32 oldest_whole(u32 first, u32 size)
{
	while (model_start[model_count] - model_start[first] > size)
		first++;
	return first;
}

/* Bytes of the line, without its newline. */
static void log_padded(u32 length)
{
	char text[LOG_LINE_MAX];
	u32 stamp = (u32)strlen("[    0.000000] ring: ");

	for (u32 i = 0; i < length - stamp; i++)
		text[i] = (char)('a' + (model_count + i) % 26);
	text[length - stamp] = '\0';
	model_log(text);
}

static void test_form(void **state)
{
	(void)state;
	fake_log_reset();
	fake_time_us = 1204113;
	log_info("verify", "kernel %s bytes=%u", "sha256 ok", 14186432u);
	fake_time_us = 123456000042;
	log_err("manifest", "/images/x: size 5, limit %d", 4);
	fake_time_us = 5;
	log_warn("source", "no hash");
	log_debug("tags", "%s", "");
	assert_string_equal(fake_log_text(), "[    1.204113] verify: kernel sha256 ok bytes=14186432\n"
					     "[123456.000042] manifest: error: /images/x: size 5, limit 4\n"
					     "[    0.000005] source: warning: no hash\n"
					     "[    0.000006] tags: \n");
	assert_int_equal(fake_log_errors(), 1);
}

static void test_levels(void **state)
{
	static const char *const names[] = { "err", "warn", "info", "debug", "step" };
	enum log_level level = LOG_WARN;

	(void)state;
	for (u32 shown = 0; shown < LOG_LEVEL_COUNT; shown++) {
		char digit[2] = { (char)('0' + shown), '\0' };

		assert_true(log_parse_level(names[shown], &level));
		assert_int_equal(level, shown);
		level = LOG_LEVEL_COUNT;
		assert_true(log_parse_level(digit, &level));
		assert_int_equal(level, shown);
		fake_log_reset();
		log_set_level(level);
		assert_int_equal(log_level(), shown);
		for (u32 i = 0; i < LOG_LEVEL_COUNT; i++)
			log_line((enum log_level)i, "level", "<%u>", i);
		for (u32 i = 0; i < LOG_LEVEL_COUNT; i++) {
			char text[8];

			snprintf(text, sizeof(text), "<%u>", i);
			assert_int_equal(fake_log_has(text), i <= shown);
		}
	}
}

static void test_bad_levels(void **state)
{
	static const char *const bad[] = { "", "5", "-1", "00", "0 ", "Err", "error", "information", "st" };
	enum log_level level = LOG_WARN;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		assert_false(log_parse_level(bad[i], &level));
		assert_int_equal(level, LOG_WARN);
	}
}

static void test_no_console(void **state)
{
	u64 before = log_get_ring()->total;

	(void)state;
	log_set_console(NULL);
	log_err("x", "into the ring alone");
	assert_true(log_get_ring()->total > before);
}

/* Text at the limit is whole, one more is cut and marked. */
static void test_long_lines(void **state)
{
	char text[400], wanted[500];

	(void)state;
	fake_time_us = 0;
	for (u32 length = 200; length < 300; length++) {
		memset(text, 'x', length);
		text[length] = '\0';
		fake_time_us = 0;
		fake_log_reset();
		log_info("a", "%s", text);
		snprintf(wanted, sizeof(wanted), "[    0.000000] a: %s", text);
		if (strlen("[    0.000000] a: ") + length > LOG_LINE_MAX - 1)
			strcpy(wanted + LOG_LINE_MAX - 4, "...");
		strcat(wanted, "\n");
		assert_string_equal(fake_log_text(), wanted);
	}
	memset(text, 'y', 300);
	text[300] = '\0';
	fake_log_reset();
	log_info(text, "never seen");
	assert_int_equal(strlen(fake_log_text()), LOG_LINE_MAX);
}

/* Of every length, at any place in a word: whatever does not fit is cut as the text is. */
static void test_areas(void **state)
{
	char area[8 + LOG_LINE_MAX + 8], wanted[2 * LOG_LINE_MAX];

	(void)state;
	for (u32 length = 0; length <= LOG_LINE_MAX; length++) {
		char *at = area + length % 8;

		memset(area, '~', sizeof(area));
		for (u32 i = 0; i < length; i++)
			at[i] = (char)('!' + (i * 7 + length) % 94);
		at[length] = '\0';
		fake_time_us = 0;
		fake_log_reset();
		log_info(at, "z%u", 1u);
		snprintf(wanted, sizeof(wanted), "[    0.000000] %s: z1", at);
		if (strlen(wanted) > LOG_LINE_MAX - 1)
			strcpy(wanted + LOG_LINE_MAX - 4, "...");
		strcat(wanted, "\n");
		assert_string_equal(fake_log_text(), wanted);
	}
}

static void test_no_control_characters(void **state)
{
	char all[256];

	(void)state;
	for (u32 i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	fake_log_reset();
	log_info("a", "%.130s", all);
	log_info("a", "%s", all + 100);
	for (const char *at = fake_log_text(); *at; at++)
		assert_true((*at >= ' ' && *at <= '~') || *at == '\n');
	assert_true(fake_log_has("??? !\"#$%&'()*+"));
	assert_non_null(strchr(strchr(fake_log_text(), '\n') + 1, '\n'));
	assert_null(strchr(strchr(strchr(fake_log_text(), '\n') + 1, '\n') + 1, '\n'));
	/* Of the log's own making there is none, but who knows. */
	log_info("a", "\tb\x1b[2J\n%c%d", '\r', 1);
	assert_true(fake_log_has("a: ?b?[2J??1\n"));
}

/* Where the ring goes at the end of a test that gives it other memory. */
static void park_ring(char *data)
{
	static char parking[4096];

	log_set_ring(parking, sizeof(parking));
	free(data);
}

/* A ring that holds lines of the model alone. Returns the oldest that is whole. */
static u32 fill_ring(char *data, u32 size)
{
	fake_time_us = 0;
	log_set_ring(data, size);
	model_init();
	while (model_start[model_count] - model_start[0] <= size)
		log_padded(LOG_LINE_MAX - 1);
	return oldest_whole(0, size);
}

/* Lines of all lengths into rings of many sizes; the whole ring is checked after each. */
static void test_wrap(void **state)
{
	(void)state;
	for (u32 size = LOG_LINE_MAX; size < 5 * LOG_LINE_MAX; size += 29) {
		char *data = malloc(size);
		u32 first = fill_ring(data, size);

		check_against_model(first);
		for (u32 i = 0; i < 120; i++) {
			log_padded(22 + i * 37 % 234);
			first = oldest_whole(first, size);
			check_against_model(first);
		}
		park_ring(data);
	}
}

/* From ring to ring, smaller and larger; what was lost in a small one does not come back. */
static void test_moves(void **state)
{
	static const u32 sizes[] = { 1000, 4096, 300, 256, 10007, 257, 4096, 512, 65536, 600 };
	char *data = malloc(2000), *before;
	u32 first = fill_ring(data, 2000);

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		before = data;
		data = malloc(sizes[i]);
		log_set_ring(data, sizes[i]);
		free(before);
		first = oldest_whole(first, sizes[i]);
		check_against_model(first);
		for (u32 k = 0; k < 7; k++) {
			log_padded(30 + (k * 61 + (u32)i * 17) % 225);
			first = oldest_whole(first, sizes[i]);
			check_against_model(first);
		}
	}
	park_ring(data);
}

/* Into a ring that is just as large as what is there: nothing is lost; one byte less loses a line. */
static void test_exact_move(void **state)
{
	char *data = malloc(2000);
	u32 first = fill_ring(data, 2000), size = (u32)(model_start[model_count] - model_start[first]);
	char *exact = malloc(size), *less = malloc(size - 1);

	(void)state;
	log_set_ring(exact, size);
	check_against_model(first);
	log_set_ring(less, size - 1);
	check_against_model(first + 1);
	park_ring(less);
	free(exact);
	free(data);
}

static void test_too_small(void **state)
{
	static char small[LOG_LINE_MAX];
	const struct log_ring before = *log_get_ring();

	(void)state;
	log_set_ring(small, LOG_LINE_MAX - 1);
	assert_ptr_equal(log_get_ring()->data, before.data);
	assert_int_equal(log_get_ring()->size, before.size);
}

/*
 * A reader that is slower than the writer goes on with the oldest line that is left; one that is at the end sees new
 * ones.
 */
static void test_reader(void **state)
{
	static char data[1024];
	char line[LOG_LINE_MAX], cut[8];
	u64 at = 0, at_end;

	(void)state;
	assert_int_equal(fill_ring(data, sizeof(data)), 1);	/* five lines of 256 bytes, room for four */
	assert_true(log_read_line(&at, line, sizeof(line)));
	assert_string_equal(line, model[1]);
	log_padded(255);
	log_padded(255);
	log_padded(255);
	assert_true(log_read_line(&at, line, sizeof(line)));
	assert_string_equal(line, model[4]);
	while (log_read_line(&at, line, sizeof(line)))
		;
	at_end = at;
	assert_false(log_read_line(&at, line, sizeof(line)));
	assert_true(at == at_end);
	log_padded(40);
	assert_true(log_read_line(&at, cut, sizeof(cut)));
	assert_memory_equal(cut, model[8], sizeof(cut) - 1);
	assert_int_equal(cut[sizeof(cut) - 1], '\0');
	assert_false(log_read_line(&at, line, sizeof(line)));
	log_padded(40);
	assert_true(log_read_line(&at, NULL, 0));
	assert_false(log_read_line(&at, NULL, 0));
}

/* The newest line of the ring. */
static const char *newest(void)
{
	static char line[LOG_LINE_MAX];
	u64 at = 0;

	while (log_read_line(&at, line, sizeof(line)))
		;
	return line;
}

static void test_times(void **state)
{
	static const u64 times[] = { 0, 9, 10, 999999, 1000000, 59123456, 99999999999, 100000000000, 123456000789 };
	u64 before = fake_time_us;
	char want[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(times); i++) {
		fake_time_us = times[i];
		log_info("time", "x");
		snprintf(want, sizeof(want), "[%5llu.%06llu] time: x", times[i] / 1000000, times[i] % 1000000);
		assert_string_equal(newest(), want);
	}
	fake_time_us = before;
}

/* Every byte at every place of a word and of the rest behind the words. */
static void test_every_byte_is_made_printable(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		for (u32 place = 0; place < 19; place++) {
			char text[20] = "abcdefghijklmnopqrs", want[20];
			const char *got;

			text[place] = (char)c;
			memcpy(want, text, sizeof(text));
			want[place] = c >= ' ' && c <= '~' ? (char)c : '?';
			log_info("bytes", "%s", text);
			got = strstr(newest(), "bytes: ");
			assert_non_null(got);
			assert_string_equal(got + 7, want);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_every_byte_is_made_printable),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_bad_levels),
		cmocka_unit_test(test_no_console),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_areas),
		cmocka_unit_test(test_no_control_characters),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_exact_move),
		cmocka_unit_test(test_too_small),
		cmocka_unit_test(test_reader),
	};
	int failed = cmocka_run_group_tests_name("log", tests, NULL, NULL);

	model_init();
	return failed;
}
