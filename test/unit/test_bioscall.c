/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The calls that tools/bioscall asks for, and where their results go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../bioscall/calls.c"
#include "bios_rig.h"

#define RESULT_PAGE 0x100000
#define PAGES 2

static struct {
	struct bioscall_page page;
	u8 rest[PAGES * PAGE_SIZE - sizeof(struct bioscall_page)];
} area;
static struct bioscall_page *page = &area.page;

/* Adds one to eax and ebx; carry where ah is ff. */
static void count(const struct arch_bios_target *target, struct bios_regs *regs)
{
	(void)target;
	regs->eflags = bios_ah(regs) == 0xff ? 0x203 : 0x202;
	regs->eax++;
	regs->ebx++;
}

static int setup(void **state)
{
	(void)state;
	bios_rig_init(count);
	fake_bios_calls = 0;
	fake_bios_end = ARCH_BIOS_RETURNED;
	memset(&area, 0, sizeof(area));
	memcpy(page->token, "0123456789abcdef", sizeof(page->token));
	page->page_count = PAGES;
	for (u32 i = 0; i < PAGES; i++) {
		page->result[i] = RESULT_PAGE + 2 * i * PAGE_SIZE;
		memcpy(fake_ram + page->result[i], page->token, sizeof(page->token));
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_bios_end = ARCH_BIOS_RETURNED;
	bios_rig_free();
	return 0;
}

static void test_registers(void **state)
{
	(void)state;
	page->call_count = 2;
	page->call[0] = (struct bioscall_call){ .kind = ARCH_BIOS_INT, .target = 0x15, .in = { .eax = 5, .ebx = 7 } };
	page->call[1] = (struct bioscall_call){ .kind = ARCH_BIOS_FAR, .target = 0xc0000003, .kept = 2, .in = { .eax = 9, .ebx = 1 } };
	bioscall_make(page);
	assert_int_equal(page->status, BIOSCALL_DONE);
	assert_int_equal(page->call[0].in.eax, 5);
	assert_int_equal(page->call[0].out.eax, 6);
	/* What was kept is what went in; the rest is what was given. */
	assert_int_equal(page->call[1].in.ebx, 8);
	assert_int_equal(page->call[1].out.ebx, 9);
	assert_int_equal(page->call[1].out.eax, 10);
	assert_int_equal(page->call[0].made + page->call[1].made, 2);
	assert_string_equal(page->call[1].flags, "0x202 [IF]");
}

static void test_carry(void **state)
{
	static const struct { u32 vector; const char *text; } cases[] = {
		{ 0x13, "ah=0xff: sense failed" }, { 0x15, "ah=0xff: error without a known name" }, { 0x10, "" },
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(cases); i++) {
		page->call_count = 1;
		page->call[0] = (struct bioscall_call){ .target = cases[i].vector, .in = { .eax = 0xff00 } };
		bioscall_make(page);
		assert_int_equal(page->status, BIOSCALL_DONE);
		assert_string_equal(page->call[0].error, cases[i].text);
		assert_string_equal(page->call[0].flags, "0x203 [CF IF]");
	}
}

/* Nothing is called behind one that had to be ended. */
static void test_ended(void **state)
{
	(void)state;
	page->call_count = 3;
	fake_bios_end = ARCH_BIOS_TIMEOUT;
	bioscall_make(page);
	assert_int_equal(page->status, BIOSCALL_ENDED);
	assert_string_equal(page->why, "call 1 was ended: did not come back in time");
	assert_int_equal(fake_bios_calls, 1);
	assert_int_equal(page->call[0].made, 0);
}

static void test_no_bios(void **state)
{
	(void)state;
	memset(fake_ram, 0, PAGE_SIZE);
	bios_start(&machine.memory, true);
	page->call_count = 1;
	bioscall_make(page);
	assert_int_equal(page->status, BIOSCALL_NO_BIOS);
	assert_non_null(strstr(page->why, "the firmware is UEFI"));
	assert_int_equal(fake_bios_calls, 0);
}

/* A count from outside that is too large is as many as there are. */
static void test_count(void **state)
{
	(void)state;
	page->call_count = 0xffffffff;
	bioscall_make(page);
	assert_int_equal(fake_bios_calls, BIOSCALL_CALLS);
}

static void test_results(void **state)
{
	(void)state;
	memset(area.rest, 0x5a, sizeof(area.rest));
	assert_true(bioscall_result_is_ours(page));
	bioscall_copy_result(page);
	for (u32 i = 0; i < PAGES; i++)
		assert_memory_equal(fake_ram + page->result[i], (u8 *)&area + i * PAGE_SIZE, PAGE_SIZE);
	/* Between and behind them nothing. */
	for (u32 at = 0; at < PAGE_SIZE; at++)
		assert_false(fake_ram[RESULT_PAGE + PAGE_SIZE + at] || fake_ram[RESULT_PAGE + 3 * PAGE_SIZE + at]);
}

static void test_strange_page(void **state)
{
	(void)state;
	fake_ram[page->result[1] + sizeof(page->token) - 1] ^= 1;
	assert_false(bioscall_result_is_ours(page));
	assert_true(fake_log_has("result page 1 at 0x102000 is not the caller's any more"));
	page->result[1] = MIB(64);
	assert_false(bioscall_result_is_ours(page));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_registers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_carry, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_bios, setup, teardown),
		cmocka_unit_test_setup_teardown(test_count, setup, teardown),
		cmocka_unit_test_setup_teardown(test_results, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strange_page, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
