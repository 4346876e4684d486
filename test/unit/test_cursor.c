/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The checked cursor: what it reads, and that it never reads a byte more (the buffers end where malloc's do). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cursor.h"
#include "random.h"

static const u8 sample[] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };

static u8 *exact_copy(const void *data, size_t size)
{
	u8 *copy = malloc(size);

	if (size) {
		assert_non_null(copy);
		memcpy(copy, data, size);
	}
	return copy;
}

static void test_numbers(void **state)
{
	u8 *data = exact_copy(sample, sizeof(sample));
	struct cursor c;

	(void)state;
	cursor_init(&c, data, sizeof(sample));
	assert_int_equal(cursor_u8(&c), 0x11);
	assert_int_equal(cursor_u16(&c), 0x3322);
	assert_int_equal(cursor_u32(&c), 0x77665544);
	assert_true(cursor_u64(&c) == 0xffeeddccbbaa9988ull);
	assert_int_equal(cursor_left(&c), 0);
	assert_false(c.failed);
	assert_int_equal(cursor_u8(&c), 0);
	assert_true(c.failed);
	free(data);
}

/* At each size, each number read at each place: the value where it fits, zero and failed where not. */
static void test_ends(void **state)
{
	(void)state;
	for (size_t size = 0; size <= sizeof(sample); size++) {
		u8 *data = exact_copy(sample, size);

		for (size_t at = 0; at <= size; at++) {
			struct cursor c8, c16, c32, c64;
			u64 want = 0;

			cursor_init(&c8, data, size);
			cursor_seek(&c8, at);
			assert_false(c8.failed);
			c16 = c32 = c64 = c8;
			memcpy(&want, sample + at, size - at < 8 ? size - at : 8);
			assert_int_equal(cursor_u8(&c8), size - at < 1 ? 0 : (u8)want);
			assert_int_equal(cursor_u16(&c16), size - at < 2 ? 0 : (u16)want);
			assert_int_equal(cursor_u32(&c32), size - at < 4 ? 0 : (u32)want);
			assert_true(cursor_u64(&c64) == (size - at < 8 ? 0 : want));
			assert_int_equal(c8.failed, size - at < 1);
			assert_int_equal(c16.failed, size - at < 2);
			assert_int_equal(c32.failed, size - at < 4);
			assert_int_equal(c64.failed, size - at < 8);
		}
		free(data);
	}
}

static void test_failed_stays(void **state)
{
	struct cursor c;

	(void)state;
	cursor_init(&c, sample, 4);
	cursor_skip(&c, 5);
	assert_true(c.failed);
	assert_int_equal(c.at, 0);
	assert_int_equal(cursor_u8(&c), 0);
	assert_null(cursor_bytes(&c, 0));
	assert_null(cursor_string(&c));
	cursor_seek(&c, 1);
	assert_int_equal(cursor_u16(&c), 0);
	assert_true(cursor_sub(&c, 1).failed);
	assert_true(c.failed);
}

static void test_huge_sizes(void **state)
{
	static const u64 sizes[] = { 5, 0x100000000ull, 0x100000001ull, ~0ull, ~0ull - 3, 0x8000000000000000ull };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		struct cursor c, d, e;

		cursor_init(&c, sample, 8);
		cursor_skip(&c, 4);
		d = e = c;
		cursor_skip(&c, sizes[i]);
		assert_true(c.failed && c.at == 4);
		assert_null(cursor_bytes(&d, sizes[i]));
		assert_true(d.failed && d.at == 4);
		assert_true(cursor_sub(&e, sizes[i]).failed);
		assert_true(e.failed && e.at == 4);
		cursor_init(&c, sample, 4);
		cursor_seek(&c, sizes[i]);
		assert_true(c.failed && c.at == 0);
	}
}

static void test_strings(void **state)
{
	static const char text[] = "ab\0\0cde";
	u8 *data = exact_copy(text, 7);		/* "cde" has no NUL */
	struct cursor c;

	(void)state;
	cursor_init(&c, data, 7);
	assert_string_equal(cursor_string(&c), "ab");
	assert_int_equal(c.at, 3);
	assert_string_equal(cursor_string(&c), "");
	assert_int_equal(c.at, 4);
	assert_null(cursor_string(&c));
	assert_true(c.failed);
	assert_int_equal(c.at, 4);
	cursor_init(&c, data, 0);
	assert_null(cursor_string(&c));
	assert_true(c.failed);
	free(data);
}

static void test_sub(void **state)
{
	struct cursor c, sub;

	(void)state;
	cursor_init(&c, sample, sizeof(sample));
	cursor_skip(&c, 1);
	sub = cursor_sub(&c, 3);
	assert_int_equal(cursor_u16(&sub), 0x3322);
	assert_int_equal(cursor_u16(&sub), 0);
	assert_true(sub.failed);
	assert_false(c.failed);
	assert_int_equal(cursor_u8(&c), 0x55);
	sub = cursor_sub(&c, 0);
	assert_false(sub.failed);
	assert_int_equal(cursor_left(&sub), 0);
}

static void test_nothing(void **state)
{
	struct cursor c;

	(void)state;
	cursor_init(&c, NULL, 0);
	assert_int_equal(cursor_left(&c), 0);
	assert_false(c.failed);
	assert_int_equal(cursor_u32(&c), 0);
	assert_true(c.failed);
}

/* Long chains of steps of any kind keep `at` within the size, and every pointer given within the buffer. */
static void test_random_steps(void **state)
{
	struct random random = { 1 };

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t size = random_below(&random, sizeof(sample) + 1);
		u8 *data = exact_copy(sample, size);
		struct cursor c;

		cursor_init(&c, data, size);
		for (int step = 0; step < 20; step++) {
			u64 n = random_below(&random, 20);
			const u8 *p = NULL;

			switch (random_below(&random, 5)) {
			case 0:
				p = cursor_bytes(&c, n);
				break;
			case 1:
				cursor_skip(&c, n);
				break;
			case 2:
				cursor_seek(&c, n);
				break;
			case 3:
				p = (const u8 *)cursor_string(&c);
				n = p ? strlen((const char *)p) + 1 : 0;
				break;
			case 4:
				(void)cursor_u64(&c);
				break;
			}
			assert_true(c.at <= c.size && c.size == size);
			if (p)
				assert_true(p >= data && n <= (u64)(data + size - p));
		}
		free(data);
	}
}

static void test_find(void **state)
{
	const u8 data[] = { 1, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0x78, 0x56, 0x34, 0x12, 0x78, 0x56, 0x34, 0x12, 0x78, 0x56, 0x34 };
	struct cursor c;

	(void)state;
	cursor_init(&c, data, sizeof(data));
	assert_true(cursor_find_u32(&c, 0x12345678, 4));
	assert_int_equal(c.at, 8);
	/* Where it stands counts as well. */
	assert_true(cursor_find_u32(&c, 0x12345678, 4));
	assert_int_equal(cursor_u32(&c), 0x12345678);
	assert_true(cursor_find_u32(&c, 0x12345678, 4));
	assert_int_equal(c.at, 12);
	cursor_seek(&c, 13);
	/* Three of its four bytes at the very end. */
	assert_false(cursor_find_u32(&c, 0x12345678, 1));
	assert_int_equal(c.at, 13);
	cursor_seek(&c, 0);
	assert_true(cursor_find_u32(&c, 0x78563412, 1));
	assert_int_equal(c.at, 1);
	cursor_seek(&c, 0);
	assert_false(cursor_find_u32(&c, 0x78563412, 4));
	/* Steps beyond the end, and a cursor that has failed. */
	assert_false(cursor_find_u32(&c, 0x78563412, 0xffffffff));
	cursor_seek(&c, 100);
	assert_false(cursor_find_u32(&c, 0x12345678, 4));
	cursor_init(&c, data, 8 + 3);
	assert_false(cursor_find_u32(&c, 0x12345678, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_failed_stays),
		cmocka_unit_test(test_huge_sizes),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_sub),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_random_steps),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
