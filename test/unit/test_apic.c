/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Where the local APIC may lie for the watchdog: its register's address is a word of 32 bits in the control pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../arch/x86/apic.c"

#define ENABLED (APIC_BASE_ENABLED | APIC_BASE_BSP)

static void test_in_reach(void **state)
{
	(void)state;
	assert_null(apic_reach_of_calls(0xfee00000 | ENABLED));
	assert_null(apic_reach_of_calls(0x1000 | ENABLED));
	assert_null(apic_reach_of_calls(0xfffff000 | ENABLED));
}

/* Each address bit from 4 GiB on alone. */
static void test_out_of_reach(void **state)
{
	(void)state;
	for (u32 bit = 32; bit < 52; bit++)
		assert_string_equal(apic_reach_of_calls(1ull << bit | 0xfee00000 | ENABLED),
				    "firmware has moved the local APIC above 4 GiB");
	assert_string_equal(apic_reach_of_calls(0xfee00000 | ENABLED | APIC_BASE_X2APIC), "the local APIC is in x2APIC mode");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_in_reach), cmocka_unit_test(test_out_of_reach) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
