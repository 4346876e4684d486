/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "div.h"
#include "fmt.h"
#include "random.h"

/* The host's printf is the model: text, length and what lies behind the end are the same, for every size of buffer. */
#define check(...) do { \
	char ours[256], model[256]; \
	size_t wanted = (size_t)snprintf(model, sizeof(model), __VA_ARGS__); \
	\
	for (size_t size = 0; size < wanted + 2; size++) { \
		memset(ours, '!', sizeof(ours)); \
		memset(model, '!', sizeof(model)); \
		snprintf(model, size, __VA_ARGS__); \
		assert_true(fmt_snprintf(ours, size, __VA_ARGS__) == wanted); \
		assert_memory_equal(ours, model, sizeof(ours)); \
	} \
} while (0)

static void test_plain_conversions(void **state)
{
	(void)state;
	check("no conversion");
	check("%%");
	check("%c%c", 'a', 'b');
	check("%s and %s", "one", "");
	check("%d %i %d", 0, -1, INT_MIN);
	check("%u %u", 0u, UINT_MAX);
	check("%x %X %x", 0xdeadbeefu, 0xdeadbeefu, 0u);
	check("%p", (void *)0x1234);
	check("%5d%%|%-5u|", 42, 7u);
}

static void test_sizes(void **state)
{
	(void)state;
	check("%hhd %hhu %hhx", -1, 300, 0x1ff);
	check("%hd %hu %hx", 70000, 70000, 0x12345);
	check("%ld %lu %lx", LONG_MIN, ULONG_MAX, ULONG_MAX);
	check("%lld %llu %llx %llX", LLONG_MIN, ULLONG_MAX, 0x123456789abcdefull, ULLONG_MAX);
	check("%zu %zd %zx", SIZE_MAX, (ptrdiff_t)-5, (size_t)0xabc);
	check("%td", (ptrdiff_t)-7);
	check("%llu %d %s", 1ull << 40, 5, "arguments keep in step");
}

/* Each combination of flags, width and precision; the model does not define some ('0' with '-'), which all agree on. */
static void test_fields(void **state)
{
	static const int values[] = { 0, 1, -1, 12345, -12345 };

	(void)state;
	for (int width = 0; width < 9; width++)
		for (int precision = -1; precision < 8; precision++)
			for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
				check("%*.*d|", width, precision, values[i]);
				check("%-*.*d|", width, precision, values[i]);
				check("%+*.*d|", width, precision, values[i]);
				check("%*.*x|", width, precision, (unsigned int)values[i]);
				check("%*.*s|", width, precision, "string");
				check("%-*.*s|", width, precision, "string");
			}
	for (int width = 0; width < 9; width++)
		for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
			check("%0*d|", width, values[i]);
			check("%+0*d|", width, values[i]);
			check("%0*x|", width, (unsigned int)values[i]);
			check("%*c|%-*c|", width, 'x', width, 'y');
		}
	check("%*d|%*s|", -6, 42, -6, "left");
	check("%08llx %016llx", 0xabcull, 0xdeadbeefull);
	check("%.3s", "abcdef");
	check("%.d|%.0d|%.0d", 0, 0, 5);
}

/* A string with a precision need not end in a NUL. */
static void test_unterminated(void **state)
{
	char *text = malloc(3), out[8];

	(void)state;
	memcpy(text, "abc", 3);
	assert_true(fmt_snprintf(out, sizeof(out), "%.3s", text) == 3);
	assert_string_equal(out, "abc");
	free(text);
}

static void check_odd(const char *wanted, const char *fmt, ...)
{
	char out[64];
	va_list args;

	va_start(args, fmt);
	assert_true(fmt_vsnprintf(out, sizeof(out), fmt, args) == strlen(wanted));
	va_end(args);
	assert_string_equal(out, wanted);
}

static void test_unknown(void **state)
{
	(void)state;
	check_odd("%y 5", "%y %d", 5);
	check_odd("%-08q|7", "%-08q|%d", 7);
	check_odd("100 %", "100 %");
	check_odd("%5", "%5");
	check_odd("%ll", "%ll");
	check_odd("% d %#x", "% d %#x");
	check_odd("%f", "%f");
	check_odd("  007", "%05.3d", 7);	/* a precision takes the meaning from '0', C99 7.19.6.1 */
	check_odd("(null)", "%s", NULL);
	check_odd("(nu", "%.3s", NULL);
}

/* Through a function of its own: the compiler would warn of each. */
static size_t length_of(const char *fmt, ...)
{
	char out[16];
	va_list args;
	size_t length;

	va_start(args, fmt);
	length = fmt_vsnprintf(out, sizeof(out), fmt, args);
	va_end(args);
	return length;
}

static void test_absurd_width(void **state)
{
	(void)state;
	assert_true(length_of("%*d", INT_MIN, 1) == 65535);
	assert_true(length_of("%*d", INT_MAX, 1) == 65535);
	assert_true(length_of("%.*d", INT_MAX, 1) == 65535);
	assert_true(length_of("%99999999999999999999d", 1) == 65535);
	check_odd("1", "%.*s", INT_MIN, "1");
}

static void test_size_text(void **state)
{
	static const struct {
		u64 bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" }, { 1, "1 B" }, { 1023, "1023 B" }, { 1024, "1 KiB" }, { 1025, "1 KiB" }, { 1075, "1 KiB" },
		{ 1076, "1.1 KiB" }, { 1536, "1.5 KiB" }, { 4096, "4 KiB" }, { 1048524, "1023.9 KiB" },
		{ 1048525, "1 MiB" }, { MIB(1) - 1, "1 MiB" }, { MIB(1), "1 MiB" }, { 14186432, "13.5 MiB" },
		{ GIB(1) - 1, "1 GiB" }, { GIB(5) / 4, "1.3 GiB" }, { GIB(6), "6 GiB" }, { GIB(1024) * 3, "3 TiB" },
		{ 1ull << 50, "1 PiB" }, { 1ull << 60, "1 EiB" }, { ~0ull, "16 EiB" },
	};
	char out[16], cut[4];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		assert_string_equal(fmt_size(out, sizeof(out), cases[i].bytes), cases[i].text);
	assert_string_equal(fmt_size(cut, sizeof(cut), 1536), "1.5");
}

static void test_text(void **state)
{
	char buf[8];

	(void)state;
	for (size_t size = 1; size <= sizeof(buf); size++) {
		memset(buf, '!', sizeof(buf));
		assert_int_equal(fmt_text(buf, size, "abcde"), 5);
		assert_int_equal(strlen(buf), size <= 5 ? size - 1 : 5);
		assert_memory_equal(buf, "abcde", strlen(buf));
		assert_true(size == sizeof(buf) || buf[size] == '!');
	}
	assert_int_equal(fmt_text(buf, sizeof(buf), ""), 0);
	assert_string_equal(buf, "");
}

/* Memory that ends where a page does, and nothing behind it. */
static char *page_end(void)
{
	static char *pages;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!pages) {
		pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_true(pages != MAP_FAILED);
		assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
	}
	return pages + page;
}

enum kind { ARGUMENT, FORMAT, OWN_FORMAT };

static size_t random_text(struct random *random, char *text, u32 longest, enum kind kind)
{
	size_t length = random_below(random, longest + 1);

	for (size_t i = 0; i < length; i++) {
		text[i] = (char)(random_below(random, 8) ? ' ' + random_below(random, 95) : 1 + random_below(random, 255));
		if ((kind != ARGUMENT && text[i] == '%') || (kind == OWN_FORMAT && (u8)text[i] > '~'))
			text[i] = '*';
	}
	text[length] = '\0';
	return length;
}

static size_t printable_of(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	size_t length;

	va_start(args, fmt);
	length = fmt_vprintable(buf, size, fmt, args);
	va_end(args);
	return length;
}

/* Formats and strings of any bytes and lengths, at any place in a word and at the end of memory (formats: a word before), into any room. */
static void test_random_text(void **state)
{
	static const char *const conversions[][4] = {
		{ "%s", "%u", "%llx", "%s" }, { "%s", "%x", "%llu", "%-9s" }, { "%.3s", "%5u", "%016llx", "%s" },
		{ "%s", "%d", "%lld", "%12.4s" }, { "%s%%", "%c", "%llX", "%s" },
	};
	struct random random = { 3 };
	char parts[5][24], text[2][48], made[256] = "", model[512], ours[512], foreign[512];

	(void)state;
	for (u32 round = 0; round < 30000; round++) {
		const char *const *c = conversions[random_below(&random, ARRAY_COUNT(conversions))];
		size_t size = random_below(&random, 300), fmt_size, length;
		u64 number = random_next(&random) >> random_below(&random, 64);
		enum kind kind = round % 3 ? FORMAT : OWN_FORMAT;
		char *fmt, *first;

		for (u32 i = 0; i < 5; i++)
			random_text(&random, parts[i], 20, kind);
		random_text(&random, text[0], 40, ARGUMENT);
		length = random_text(&random, text[1], 40, ARGUMENT);
		fmt_size = (size_t)snprintf(made, sizeof(made), "%s%s%s%s%s%s%s%s%s", parts[0], c[0], parts[1], c[1], parts[2], c[2],
					    parts[3], c[3], parts[4]) + 1 + sizeof(uintptr_t);
		/* One of the two ends where memory does. */
		first = page_end() - (round % 2 ? length + 1 : fmt_size + length + 1 + random_below(&random, 9));
		memcpy(first, text[1], length + 1);
		fmt = round % 2 ? first - fmt_size - random_below(&random, 9) : page_end() - fmt_size;
		memcpy(fmt, made, fmt_size);
		memset(model, '!', sizeof(model));
		memset(ours, '!', sizeof(ours));
		assert_int_equal(fmt_snprintf(ours, size, fmt, text[0], (u32)number | 1, number, first),
				 snprintf(model, size, fmt, text[0], (u32)number | 1, number, first));
		if (size)
			assert_string_equal(ours, model);
		assert_memory_equal(ours + size, model + size, sizeof(ours) - size);
		if (!size || kind != OWN_FORMAT)
			continue;
		printable_of(foreign, size, fmt, text[0], (u32)number | 1, number, first);
		for (char *at = model; *at; at++)
			*at = *at >= ' ' && *at <= '~' ? *at : '?';
		assert_string_equal(foreign, model);
	}
}

/* Digits come in pairs: every number of few of them, and around each power of ten. */
static void test_digits(void **state)
{
	char buf[32], expected[32];
	u64 power = 1;

	(void)state;
	for (u32 i = 0; i < 20000; i++) {
		snprintf(expected, sizeof(expected), "%u %x", i, i);
		fmt_snprintf(buf, sizeof(buf), "%u %x", i, i);
		assert_string_equal(buf, expected);
	}
	for (int digits = 1; digits <= 20; digits++, power *= 10)
		for (u64 n = power - 2; n != power + 3; n++) {
			snprintf(expected, sizeof(expected), "%llu", n);
			fmt_snprintf(buf, sizeof(buf), "%llu", n);
			assert_string_equal(buf, expected);
		}
}

static void test_division(void **state)
{
	u64 random = 88172645463325252ull, n;
	u32 d, rest;

	(void)state;
	for (unsigned int i = 0; i < 200000; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		n = random >> (i % 64);
		d = (u32)(random * 0x9e3779b97f4a7c15ull >> 32) >> (i / 64 % 32);
		if (!d)
			continue;
		assert_true(div_u64_u32(n, d, &rest) == n / d);
		assert_true(rest == n % d);
	}
	assert_true(div_u64_u32(~0ull, UINT32_MAX, &rest) == ~0ull / UINT32_MAX);
	assert_true(rest == 0);
	assert_true(div_u64_u32(~0ull - 1, UINT32_MAX, NULL) == (~0ull - 1) / UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_conversions),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_unterminated),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_absurd_width),
		cmocka_unit_test(test_size_text),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_random_text),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_division),
	};

	return cmocka_run_group_tests_name("fmt", tests, NULL, NULL);
}
