/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Registers as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "log.h"
#include "registers.h"

static void test_real(void **state)
{
	struct entry_state e = { .mode = ENTRY_REAL, .gs = 9 };

	(void)state;
	assert_int_equal(registers_parse("it", " ax=1 ebx=0xffffffff cx=3\tdx=4 si=5 di=6 bp=7 sp=8 ip=0xffff cs=0xf000 "
					 "ds=10 es=11 fs=12 ss=13 flags=0x202 ", &e), ERR_OK);
	assert_int_equal(e.ax, 1);
	assert_int_equal(e.bx, 0xffffffff);
	assert_int_equal(e.cx, 3);
	assert_int_equal(e.dx, 4);
	assert_int_equal(e.si, 5);
	assert_int_equal(e.di, 6);
	assert_int_equal(e.bp, 7);
	assert_int_equal(e.sp, 8);
	assert_int_equal(e.ip, 0xffff);
	assert_int_equal(e.cs, 0xf000);
	assert_int_equal(e.ds, 10);
	assert_int_equal(e.es, 11);
	assert_int_equal(e.fs, 12);
	assert_int_equal(e.gs, 9);
	assert_int_equal(e.ss, 13);
	assert_int_equal(e.flags, 0x202);
	assert_int_equal(registers_parse("it", "", &e), ERR_OK);
}

static void test_wide(void **state)
{
	struct entry_state e = { .mode = ENTRY_LONG };

	(void)state;
	assert_int_equal(registers_parse("it", "rax=0xffffffffffffffff r8=8 r9=9 rip=0x140000000", &e), ERR_OK);
	assert_true(e.ax == UINT64_MAX);
	assert_int_equal(e.r8, 8);
	assert_int_equal(e.r9, 9);
	assert_true(e.ip == 0x140000000ull);
	e = (struct entry_state){ .mode = ENTRY_PROTECTED };
	assert_int_equal(registers_parse("it", "eip=0xffffffff", &e), ERR_OK);
	assert_true(e.ip == 0xffffffff);
}

static void refused(enum entry_mode mode, const char *text, const char *complaint)
{
	struct entry_state e = { .mode = mode };
	char line[LOG_LINE_MAX];
	u64 at = log_get_ring()->total;

	assert_int_equal(registers_parse("it", text, &e), ERR_VALUE);
	assert_true(log_read_line(&at, line, sizeof(line)));
	assert_non_null(strstr(line, complaint));
	assert_false(log_read_line(&at, line, sizeof(line)));
}

static void test_refused(void **state)
{
	(void)state;
	refused(ENTRY_REAL, "ax", "\"ax\" is not understood");
	refused(ENTRY_REAL, "ax=", "\"ax=\" is not understood");
	refused(ENTRY_REAL, "=1", "\"=1\" is not understood");
	refused(ENTRY_REAL, "ax=1 bogus=2", "\"bogus=2\" is not understood");
	refused(ENTRY_REAL, "averylongname=2", "\"averylongname=2\" is not understood");
	refused(ENTRY_REAL, "ecs=1", "\"ecs=1\"");
	refused(ENTRY_LONG, "er8=1", "\"er8=1\"");
	refused(ENTRY_REAL, "ax=0x100000000", "ax=0x100000000, at most 0xffffffff in real mode");
	refused(ENTRY_REAL, "ip=0x10000", "ip=0x10000, at most 0xffff in real mode");
	refused(ENTRY_REAL, "ss=0x10000", "ss=0x10000, at most 0xffff in real mode");
	refused(ENTRY_REAL, "r9=0", "r9 cannot be given in real mode");
	refused(ENTRY_LONG, "cs=8", "cs cannot be given in long mode");
	refused(ENTRY_PROTECTED, "flags=2", "flags cannot be given in protected mode");
	refused(ENTRY_PROTECTED, "ip=0x100000000", "ip=0x100000000, at most 0xffffffff in protected mode");
}

static void test_format(void **state)
{
	const struct entry_state s = { .ax = 1, .bx = 0xffffffff, .ds = 0x1000, .flags = 0xed7 };
	char text[192], small[8];

	(void)state;
	assert_string_equal(registers_format(text, sizeof(text), &s),
			    "ax=0x1 bx=0xffffffff cx=0x0 dx=0x0 si=0x0 di=0x0 bp=0x0 ds=0x1000 es=0x0 flags=0xed7 "
			    "[CF PF AF ZF SF IF DF OF]");
	assert_string_equal(registers_format(small, sizeof(small), &s), "ax=0x1 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
