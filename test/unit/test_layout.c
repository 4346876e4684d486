/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Planner, page list and mover together on layouts made of random bytes (test/fake/layout.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake.h"
#include "layout.h"

#define LAYOUTS 20000

static void test_random_bytes(void **unused)
{
	struct layout_tally tally = { 0 };

	(void)unused;
	for (u64 seed = 1; seed <= LAYOUTS; seed++) {
		u64 state = seed * 0x9e3779b97f4a7c15ull;
		const char *what;
		u8 bytes[256];

		for (u32 i = 0; i < sizeof(bytes); i++) {
			state = state * 6364136223846793005ull + 1442695040888963407ull;
			bytes[i] = (u8)(state >> 56);
		}
		what = layout_try(bytes, sizeof(bytes), &tally);
		if (what)
			fail_msg("seed %llu: %s", seed, what);
	}
	/* All of it was tried, not only what is refused at once. */
	assert_true(tally.refused > LAYOUTS / 2);
	assert_true(tally.unplaced > LAYOUTS / 20);
	assert_true(tally.placed > LAYOUTS / 10);
	assert_true(tally.moved > LAYOUTS / 20);
	fake_ram_free();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_bytes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
