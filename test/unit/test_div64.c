/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The shim's 64-bit division against the host compiler's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define __udivmoddi4 shim_udivmoddi4
#define __udivdi3 shim_udivdi3
#define __umoddi3 shim_umoddi3
#define __divmoddi4 shim_divmoddi4
#define __divdi3 shim_divdi3
#define __moddi3 shim_moddi3
#include "../../libc/div64.c"

static void check(u64 n, u64 d)
{
	u64 rest;
	s64 signed_rest;

	assert_true(shim_udivmoddi4(n, d, &rest) == n / d);
	assert_true(rest == n % d);
	assert_true(shim_udivdi3(n, d) == n / d);
	assert_true(shim_umoddi3(n, d) == n % d);
	if ((s64)n == INT64_MIN && (s64)d == -1)
		return;
	assert_true(shim_divmoddi4((s64)n, (s64)d, &signed_rest) == (s64)n / (s64)d);
	assert_true(signed_rest == (s64)n % (s64)d);
	assert_true(shim_divdi3((s64)n, (s64)d) == (s64)n / (s64)d);
	assert_true(shim_moddi3((s64)n, (s64)d) == (s64)n % (s64)d);
}

/* Numbers around every power of two, and all their differences: where quotient digits are guessed wrong. */
static void test_edges(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 64 * 5; i++)
		for (unsigned int k = 0; k < 64 * 5; k++) {
			u64 n = (1ull << i / 5) + i % 5 - 2, d = (1ull << k / 5) + k % 5 - 2;

			if (d)
				check(n, d);
		}
}

static void test_random(void **state)
{
	u64 a = 88172645463325252ull, b;

	(void)state;
	for (unsigned int i = 0; i < 300000; i++) {
		a ^= a << 13;
		a ^= a >> 7;
		a ^= a << 17;
		b = a * 0x9e3779b97f4a7c15ull;
		check(a >> (i & 63), b >> ((i >> 6) & 63) | 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_edges), cmocka_unit_test(test_random) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
