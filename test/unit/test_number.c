/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Numbers in text: at their limits, cut, with things behind them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "number.h"

static void check_digits(const char *text, u32 base, u64 max, u64 wanted, const char *rest)
{
	u64 number;
	const char *end = number_digits(text, base, max, &number);

	assert_non_null(end);
	assert_string_equal(end, rest);
	assert_true(number == wanted);
}

static void test_digits(void **state)
{
	u64 number;

	(void)state;
	check_digits("0", 10, 0, 0, "");
	check_digits("123,n8", 10, 123, 123, ",n8");
	check_digits("18446744073709551615", 10, UINT64_MAX, UINT64_MAX, "");
	check_digits("ffFFffffFFFFffffg", 16, UINT64_MAX, UINT64_MAX, "g");
	check_digits("0000000000000000000000012", 10, 12, 12, "");
	check_digits("778", 8, 63, 63, "8");
	assert_null(number_digits("", 10, UINT64_MAX, &number));
	assert_null(number_digits("-1", 10, UINT64_MAX, &number));
	assert_null(number_digits("124", 10, 123, &number));
	assert_null(number_digits("18446744073709551616", 10, UINT64_MAX, &number));
	assert_null(number_digits("99999999999999999999", 10, UINT64_MAX, &number));
	assert_null(number_digits("10000000000000000", 16, UINT64_MAX, &number));
}

/* Around the letters that a careless comparison of cases lets through: '@', '`', 'G', 'g', 0x1a, 0x81. */
static void test_every_character(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		const char text[] = { (char)c, '\0' };
		const char *digits = "0123456789abcdef", *upper = "0123456789ABCDEF", *found = strchr(digits, c);
		u64 number;
		const char *end = number_digits(text, 16, 15, &number);

		if (!found && strchr(upper, c))
			found = digits + (strchr(upper, c) - upper);
		assert_int_equal(end != NULL, found != NULL);
		if (found)
			assert_int_equal(number, found - digits);
	}
}

static bool word(const char *text, size_t length, u64 wanted)
{
	u64 number;

	return number_word(text, length, &number) && number == wanted;
}

static void test_words(void **state)
{
	(void)state;
	assert_true(word("12 13", 2, 12));
	assert_true(word("0x1F", 4, 31));
	assert_true(word("0XfF\t", 4, 255));
	assert_true(word("0", 1, 0));
	assert_true(word("010", 3, 10));
	assert_false(word("", 0, 0));
	assert_false(word("0x", 2, 0));
	assert_false(word("0x 1", 2, 0));
	assert_false(word("12a", 3, 12));
	assert_false(word("+1", 2, 1));
	assert_false(word("0x10000000000000000", 19, 0));
}

static bool size(const char *text, u64 wanted)
{
	u64 number;

	return number_size(text, &number) && number == wanted;
}

static void test_sizes(void **state)
{
	u64 number;

	(void)state;
	assert_true(size("4096", 4096));
	assert_true(size("64M", MIB(64)));
	assert_true(size("0x10k", KIB(16)));
	assert_true(size("010", 8));
	assert_true(size("0", 0));
	assert_true(size("15E", 15ull << 60));
	assert_true(size("3T", 3ull << 40));
	assert_true(size("1p", 1ull << 50));
	assert_false(size("16E", 0));
	assert_false(size("18014398509481984K", 0));
	assert_false(size("64MB", 0));
	assert_false(size("64 ", 0));
	assert_false(size("64@", 0));
	assert_false(size("M", 0));
	assert_false(size("nopentium", 0));
	assert_string_equal(number_size_prefix("64K$0x1000", &number), "$0x1000");
	assert_int_equal(number, KIB(64));
	assert_string_equal(number_size_prefix("64!", &number), "!");
	assert_null(number_size_prefix("$", &number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_every_character),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
