/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The shim's string functions against the host's. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libc_rename.h"
#include "../../libc/memory.c"
#include "../../libc/number.c"
#include "../../libc/sort.c"
#include "../../libc/string.c"
#include "libc_restore.h"

static bool malloc_fails;

void *shim_malloc(size_t size)
{
	return malloc_fails ? NULL : malloc(size);
}

#define SPAN 80

static void fill(unsigned char *bytes, size_t size, unsigned int seed)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(seed = seed * 1103515245 + 12345, seed >> 16);
}

/* Every length and every alignment of both sides; guards around the destination must stay. */
static void test_copy(void **state)
{
	unsigned char from[SPAN], want[SPAN], got[SPAN];

	(void)state;
	fill(from, sizeof(from), 1);
	for (size_t size = 0; size <= 48; size++) {
		for (size_t at = 0; at < 256; at++) {
			size_t to = at % 16, off = at / 16;

			fill(want, sizeof(want), 2);
			memcpy(got, want, sizeof(want));
			memcpy(want + to, from + off, size);
			assert_ptr_equal(shim_memcpy(got + to, from + off, size), got + to);
			assert_memory_equal(got, want, sizeof(want));
		}
	}
}

static void test_move(void **state)
{
	unsigned char want[SPAN], got[SPAN];

	(void)state;
	for (size_t size = 0; size <= 40; size++) {
		for (size_t at = 0; at < 40 * 40; at++) {
			size_t to = at % 40, from = at / 40;

			fill(want, sizeof(want), 3);
			fill(got, sizeof(got), 3);
			memmove(want + to, want + from, size);
			assert_ptr_equal(shim_memmove(got + to, got + from, size), got + to);
			assert_memory_equal(got, want, sizeof(want));
		}
	}
}

static void test_set(void **state)
{
	unsigned char want[SPAN], got[SPAN];

	(void)state;
	for (size_t size = 0; size <= 48; size++) {
		for (size_t to = 0; to < 16; to++) {
			fill(want, sizeof(want), 4);
			fill(got, sizeof(got), 4);
			memset(want + to, 0x1a5, size);
			assert_ptr_equal(shim_memset(got + to, 0x1a5, size), got + to);
			assert_memory_equal(got, want, sizeof(want));
		}
	}
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void test_compare_bytes(void **state)
{
	unsigned char a[SPAN], b[SPAN];

	(void)state;
	fill(a, sizeof(a), 5);
	for (size_t size = 0; size <= 40; size++) {
		for (size_t differ = 0; differ <= size; differ++) {
			fill(b, sizeof(b), 5);
			b[3 + differ] ^= 0x80;
			assert_int_equal(sign(shim_memcmp(a + 3, b + 3, size)), sign(memcmp(a + 3, b + 3, size)));
			assert_int_equal(sign(shim_memcmp(b + 3, a + 3, size)), sign(memcmp(b + 3, a + 3, size)));
		}
	}
}

static void test_find_bytes(void **state)
{
	static const char text[] = "ab\xff" "cab";

	(void)state;
	for (int c = 0; c < 256; c++)
		for (size_t size = 0; size <= sizeof(text); size++)
			assert_ptr_equal(shim_memchr(text, c, size), memchr(text, c, size));
	assert_ptr_equal(shim_memchr(text, 'c' + 256, 6), text + 3);
}

static const char *const samples[] = {
	"", "a", "b", "ab", "abc", "abd", "aab", "aabaab", "abab", "\xff", "a\xff", "a\x7f", "  a",
	"/boot/grub/manifest.dtb", "//",
};

#define EACH(name) for (size_t name = 0; name < sizeof(samples) / sizeof(samples[0]); name++)

static void test_one_string(void **state)
{
	(void)state;
	EACH(i) {
		const char *s = samples[i];

		assert_int_equal(shim_strlen(s), strlen(s));
		for (size_t max = 0; max < 8; max++)
			assert_int_equal(shim_strnlen(s, max), strnlen(s, max));
		for (int c = 0; c < 256; c++) {
			assert_ptr_equal(shim_strchr(s, c), strchr(s, c));
			assert_ptr_equal(shim_strrchr(s, c), strrchr(s, c));
		}
	}
}

static void test_two_strings(void **state)
{
	(void)state;
	EACH(i) {
		EACH(k) {
			const char *a = samples[i], *b = samples[k];

			assert_int_equal(sign(shim_strcmp(a, b)), sign(strcmp(a, b)));
			for (size_t max = 0; max < 8; max++)
				assert_int_equal(sign(shim_strncmp(a, b, max)), sign(strncmp(a, b, max)));
			assert_ptr_equal(shim_strstr(a, b), strstr(a, b));
			assert_int_equal(shim_strspn(a, b), strspn(a, b));
			assert_int_equal(shim_strcspn(a, b), strcspn(a, b));
		}
	}
}

static void test_duplicates(void **state)
{
	char *copy;

	(void)state;
	EACH(i) {
		copy = shim_strdup(samples[i]);
		assert_string_equal(copy, samples[i]);
		free(copy);
	}
	copy = shim_strndup("manifest", 4);
	assert_string_equal(copy, "mani");
	free(copy);
	malloc_fails = true;
	assert_null(shim_strdup("x"));
	malloc_fails = false;
}

static const char *const numbers[] = {
	"", "0", "7", "08", "017", "0x", "0x1f", "0X1F", "0xg", "x1", " \t\n42z", "-1", "+5", "-", "- 5", "-0x10", "zz",
	"Zz9", "12 34", "4294967295", "4294967296", "18446744073709551615", "18446744073709551616",
	"0xffffffffffffffff", "0x10000000000000000", "99999999999999999999999",
};

static void test_numbers(void **state)
{
	static const int bases[] = { 0, 2, 8, 10, 16, 36 };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		for (size_t k = 0; k < sizeof(bases) / sizeof(bases[0]); k++) {
			char *want_end, *got_end;
			unsigned long long want = strtoull(numbers[i], &want_end, bases[k]);

			assert_true(shim_strtoull(numbers[i], &got_end, bases[k]) == want);
			assert_ptr_equal(got_end, want_end);
			assert_true(shim_strtoul(numbers[i], &got_end, bases[k]) ==
				    strtoul(numbers[i], &want_end, bases[k]));
			assert_ptr_equal(got_end, want_end);
		}
	}
	assert_int_equal(shim_strtoul("12", NULL, 10), 12);
}

struct item {
	unsigned char key[3];
};

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct item));
}

static void test_sort(void **state)
{
	struct item want[200], got[200];

	(void)state;
	for (size_t count = 0; count <= 200; count++) {
		fill(want[0].key, sizeof(want), (unsigned int)count);
		for (size_t i = 0; i < count; i++)
			want[i].key[0] &= 7;
		memcpy(got, want, sizeof(want));
		qsort(want, count, sizeof(want[0]), by_key);
		shim_qsort(got, count, sizeof(got[0]), by_key);
		assert_memory_equal(got, want, sizeof(want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy), cmocka_unit_test(test_move), cmocka_unit_test(test_set),
		cmocka_unit_test(test_compare_bytes), cmocka_unit_test(test_find_bytes),
		cmocka_unit_test(test_one_string), cmocka_unit_test(test_two_strings),
		cmocka_unit_test(test_duplicates), cmocka_unit_test(test_numbers), cmocka_unit_test(test_sort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
