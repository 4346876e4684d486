/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* BIOS calls by hand: what the BIOS gets, what is shown of what it gives back, buffers. */
#include "fake_bios.h"
#include "shell_fixture.h"

static struct arch_bios_target target;
static struct bios_regs got, give;

static void answer_call(const struct arch_bios_target *t, struct bios_regs *regs)
{
	target = *t;
	got = *regs;
	*regs = give;
}

static int setup(void **state)
{
	setup_shell(state);
	fake_bios_vectors();
	fake_bios = answer_call;
	fake_bios_calls = 0;
	bios_start(&machine.memory, false);
	assert_true(bios_present(NULL));
	give = (struct bios_regs){ .eflags = 0x202 };
	return 0;
}

static int teardown(void **state)
{
	(void)answer("free buf1", strstr(answer("buf", true), "buf1") != NULL);
	return teardown_shell(state);
}

static void test_registers_in(void **state)
{
	(void)state;
	assert_answer("bios 0x12", "changed nothing\nflags 0x202 [IF]\n");
	assert_true(target.kind == ARCH_BIOS_INT && target.address == 0x12);
	give = (struct bios_regs){ .eax = 0x11305678,
				   .ebx = 0x600,
				   .ecx = 0x89abcdef,
				   .edx = 0x0180,
				   .esi = 7,
				   .edi = 0xffffffff,
				   .ebp = 0xffff,
				   .ds = 1,
				   .es = 2,
				   .fs = 3,
				   .gs = 0xffff,
				   .eflags = 0x5 };
	assert_complaint("bios 16 eax=0x11300000 ax=0x5678 bh=6 ecx=0x89abcdef dl=0x80 dh=1 si=7 edi=0xffffffff "
			 "bp=65535 ds=1 es=2 fs=3 gs=0xffff flags=1",
			 "changed nothing\nflags 0x5 [CF PF]\nbios: came back with carry set\n");
	give.eflags = got.eflags;
	assert_int_equal(got.eflags, 1);
	assert_memory_equal(&got, &give, sizeof(got));
}

static void test_limit(void **state)
{
	(void)state;
	assert_answer("bios -w 500 0x12 ax=3", "changed eax=0x00000000\nflags 0x202 [IF]\n");
	assert_true(target.address == 0x12 && target.limit_ms == 500 && got.eax == 3);
	assert_answer("bios 0x12", "changed nothing\nflags 0x202 [IF]\n");
	assert_int_equal(target.limit_ms, BIOS_LIMIT_MS);
	assert_complaint("bios -w 500", "bios: -w MILLISECONDS, then a vector\n");
	assert_complaint("bios -w 0 0x12", "bios: a limit is at least 1 millisecond\n");
	assert_complaint("bios -w x 0x12", "bios: limit \"x\" is no number: decimal, or hexadecimal behind 0x\n");
	/* A line that is refused leaves no limit to whoever calls the BIOS next. */
	assert_complaint("bios -w 500 0x12 nonsense",
			 "bios: \"nonsense\" is not understood: REGISTER=NUMBER, as in ax=0x1130, or es:di=BUFFER\n");
	assert_int_equal(bios_int(0x12, &got), ERR_OK);
	assert_int_equal(target.limit_ms, BIOS_LIMIT_MS);
	assert_complaint("bios -w 500 edid ax=1", "bios: edid takes no registers\n");
	assert_int_equal(bios_int(0x12, &got), ERR_OK);
	assert_int_equal(target.limit_ms, BIOS_LIMIT_MS);
	fake_bios_end = ARCH_BIOS_TIMEOUT;
	assert_complaint("bios 0x12", "bios: not done: the log (log 1) says why\n");
	fake_bios_end = ARCH_BIOS_RETURNED;
}

static void test_registers_out(void **state)
{
	(void)state;
	give = (struct bios_regs){ .eax = 0x86, .ebx = 0x10000, .edi = 1, .es = 0xc000, .gs = 9, .eflags = 0x246 };
	assert_answer("bios 0x10 ax=0x85 bp=5 gs=9",
		      "changed eax=0x00000086 ebx=0x00010000 edi=0x00000001 ebp=0x00000000 es=0xc000\n"
		      "flags 0x246 [PF ZF IF]\n");
	give = (struct bios_regs){ .eax = 0x0400, .eflags = 0x203 };
	assert_complaint("bios 0x13 ah=2",
			 "changed eax=0x00000400\nflags 0x203 [CF IF]\nbios: error ah=0x04: sector not found\n");
	give.eax = 0x8600;
	assert_complaint("bios 0x15 ax=0x8600",
			 "changed nothing\nflags 0x203 [CF IF]\nbios: error ah=0x86: function not supported\n");
}

static void test_refused(void **state)
{
	static const char hint[] = "is not understood: REGISTER=NUMBER, as in ax=0x1130, or es:di=BUFFER\n";
	static const char *const words[] = { "ax", "ax=", "ax=x", "ip=1", "=1", "rax=1", "xal=1", "a=1", "ax==1" };

	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(words); i++) {
		char line[32];

		snprintf(line, sizeof(line), "bios 1 %s", words[i]);
		assert_non_null(strstr(answer(line, false), hint));
	}
	assert_complaint("bios time ax=1", "bios: time takes no registers\n");
	assert_complaint("bios tim", "bios: vector \"tim\" is no number: decimal, or hexadecimal behind 0x\n");
	assert_complaint("bios 256", "bios: vector 0x100 is too large, at most 0xff\n");
	assert_complaint("bios 1 ah=256", "bios: ah=0x100 does not fit 8 bits\n");
	assert_complaint("bios 1 es=0x10000", "bios: es=0x10000 does not fit 16 bits\n");
	assert_complaint("bios 1 eax=0x100000000", "bios: eax=0x100000000 does not fit 32 bits\n");
	assert_complaint("bios 1 es:di=buf1", "bios: no buffer \"buf1\"; buf lists them\n");
	assert_complaint("bios 1 es:al=buf1", "bios: \"es:al=buf1\" names no segment and offset, as es:di does\n");
	assert_complaint("bios 1 eax:di=buf1", "bios: \"eax:di=buf1\" names no segment and offset, as es:di does\n");
	assert_int_equal(fake_bios_calls, 0);
	fake_ram_init(SHELL_RAM);
	bios_start(&machine.memory, true);
	assert_complaint(
		"bios 0x12",
		"bios: there is no BIOS: the firmware is UEFI, without a BIOS beside it: its interrupt vectors are not "
		"set up\n");
	assert_complaint("buf 16", "buf: no buffer: the log (log 1) says why\n");
}

/* int 1Ah is asked for the date, the time and the ticks. */
static void test_service(void **state)
{
	(void)state;
	answer("bios time", true);
	assert_true(fake_bios_calls >= 3);
	assert_true(target.address == 0x1a);
	assert_true(fake_log_has("bios: time: "));
}

static void test_buffers(void **state)
{
	char expected[96];
	u64 at;

	(void)state;
	assert_answer("buf", "");
	assert_false(shell_buffer("buf1", &at));
	answer("buf 512", true);
	assert_true(shell_buffer("buf1", &at) && at && at + 512 <= 0xa0000 && !(at & 15));
	snprintf(expected, sizeof(expected), "buf1  at 0x%llx, in real mode %04llx:0000, 512 bytes\n", at, at >> 4);
	assert_answer("buf", expected);
	/* Writable without -f though it is the shim's, and only the buffer itself. */
	assert_answer("poke buf1 0x41 0x42", "");
	assert_non_null(strstr(answer("md buf1 2", true), "  41 42  "));
	assert_answer("mw buf1 0x43 512", "");
	assert_non_null(strstr(answer("mw buf1 1 513", false), "is in Trapeze's own memory (BIOS buffer)"));
	assert_int_equal(fake_ram[at + 511], 0x43);
	answer("bios 0x15 es:di=buf1 ds:esi=buf1", true);
	assert_true(got.es == at >> 4 && got.edi == 0 && got.ds == at >> 4 && got.esi == 0);
	assert_complaint("free buf2", "free: no buffer \"buf2\"; buf lists them\n");
	assert_complaint("free buf0", "free: no buffer \"buf0\"; buf lists them\n");
	assert_answer("free buf1", "");
	assert_answer("buf", "");
	assert_null(memory_find_claim(&machine.memory, at, at + 512));
}

static void test_buffer_limits(void **state)
{
	char line[16];

	(void)state;
	assert_complaint("buf 0", "buf: a buffer has at least a byte\n");
	assert_complaint("buf 0x10001", "buf: size 0x10001 is too large, at most 0x10000\n");
	for (u32 i = 1; i <= 16; i++)
		answer("buf 16", true);
	assert_complaint("buf 16", "buf: there are 16 buffers already: free one\n");
	for (u32 i = 16; i > 0; i--) {
		snprintf(line, sizeof(line), "free buf%u", i);
		assert_answer(line, "");
	}
}

#define bios_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bios_test(test_registers_in),
		bios_test(test_limit),
		bios_test(test_registers_out),
		bios_test(test_refused),
		bios_test(test_service),
		bios_test(test_buffers),
		bios_test(test_buffer_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
