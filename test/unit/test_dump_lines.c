/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The dump of an exception line by line: what is decoded, and how lines end. */
#include "dump_fixture.h"

static void test_page_fault_reasons(void **state)
{
	static const struct {
		u64 error;
		const char *text;
	} reasons[] = {
		{ 0x0, " read of 0x1000, not present, supervisor                     error 0x0000" },
		{ 0x2, " write to 0x1000, not present, supervisor                    error 0x0002" },
		{ 0x7, " write to 0x1000, protection, user                           error 0x0007" },
		{ 0x11, " fetch from 0x1000, protection, supervisor                   error 0x0011" },
		{ 0x9, " read of 0x1000, protection, supervisor, reserved bit set    error 0x0009" },
		{ 0x25, " read of 0x1000, protection, user, protection key            error 0x0025" },
	};
	struct dump_regs regs = sample(14, 64);

	(void)state;
	regs.cr2 = 0x1000;
	for (unsigned int i = 0; i < ARRAY_COUNT(reasons); i++) {
		regs.error = reasons[i].error;
		dump(&regs, "here");
		check_line(2, reasons[i].text);
	}
}

/* However long the explanation is, the error code is whole. */
static void test_page_fault_error_is_whole(void **state)
{
	struct dump_regs regs = sample(14, 64);
	char wanted[32];

	(void)state;
	for (regs.error = 0; regs.error < 64; regs.error++) {
		dump(&regs, "here");
		check_shape();
		snprintf(wanted, sizeof(wanted), " error 0x%04llx\n", regs.error);
		assert_non_null(strstr(out, wanted));
	}
}

static void test_selector_reasons(void **state)
{
	static const struct {
		u64 error;
		const char *text;
	} reasons[] = {
		{ 0, " no selector involved                                        error 0x0000" },
		{ 0x18, " GDT selector 0x18                                           error 0x0018" },
		{ 0x1c, " LDT selector 0x1c                                           error 0x001c" },
		{ 0x102, " IDT vector 0x20                                             error 0x0102" },
		{ 0xfff9, " GDT selector 0xfff8, while delivering an external event     error 0xfff9" },
	};
	static const u32 vectors[] = { 10, 11, 12, 13 };

	(void)state;
	for (unsigned int v = 0; v < ARRAY_COUNT(vectors); v++) {
		struct dump_regs regs = sample(vectors[v], 32);

		for (unsigned int i = 0; i < ARRAY_COUNT(reasons); i++) {
			regs.error = reasons[i].error;
			dump(&regs, "here");
			check_line(2, reasons[i].text);
		}
	}
}

static void test_debug_reasons(void **state)
{
	struct dump_regs regs = sample(1, 64);

	(void)state;
	regs.dr6 = 0xffff4ff0;
	dump(&regs, "here");
	check_line(2, " single step");
	regs.dr6 = 0xffff0ff4;
	dump(&regs, "here");
	check_line(2, " hardware breakpoint");
	regs.dr6 = 0xffff0ff0;
	dump(&regs, "here");
	check_line(2, " no reason in DR6");
}

/* Which vectors push an error code: Intel SDM vol. 3, table 6-1; AMD64 APM vol. 2, table 8-1. */
static void test_error_codes(void **state)
{
	static const bool has_error[DUMP_EXCEPTIONS] = { [8] = true, [10] = true, [11] = true, [12] = true, [13] = true,
						      [14] = true, [17] = true, [21] = true, [29] = true, [30] = true };

	(void)state;
	for (u32 vector = 0; vector < DUMP_EXCEPTIONS; vector++) {
		struct dump_regs regs = sample(vector, 64);

		regs.error = 0x12;
		dump(&regs, "here");
		assert_int_equal(strstr(out, " error 0x0012\n") != NULL, has_error[vector]);
		assert_int_equal(strstr(out, " no error code\n") != NULL, !has_error[vector] && vector != VECTOR_DB);
	}
}

static void test_flags(void **state)
{
	static const struct {
		u64 flags;
		const char *text;
	} flags[] = {
		{ 0x2, " eip 50000100  cs 0008  flags 00000002 []" },
		{ 0xfffd7, " eip 50000100  cs 0008  flags 000fffd7 [CF PF AF ZF SF TF IF DF OF NT RF VM AC V" },
		{ 0x300000, " eip 50000100  cs 0008  flags 00300000 [VIP ID]" },
	};
	struct dump_regs regs = sample(3, 32);

	(void)state;
	for (unsigned int i = 0; i < ARRAY_COUNT(flags); i++) {
		regs.flags = flags[i].flags;
		dump(&regs, "here");
		check_line(3, flags[i].text);
	}
}

/* The head: the name, the place at the right edge, both whole as long as they fit. */
static void test_head(void **state)
{
	struct dump_regs regs = sample(0, 32);
	char where[200], wanted[400];

	(void)state;
	for (size_t length = 0; length < sizeof(where); length++) {
		int dashes = (int)(LINE_WIDTH - strlen("---- #DE divide error  ") - length);

		memset(where, 'w', length);
		where[length] = '\0';
		dump(&regs, where);
		check_shape();
		snprintf(wanted, sizeof(wanted), "---- #DE divide error %.*s %s", dashes > 0 ? dashes : 0,
			 "--------------------------------------------------------------------------------", where);
		wanted[LINE_WIDTH] = '\0';
		check_line(1, wanted);
	}
	regs.vector = 0x20;
	dump(&regs, "here");
	check_line(1, "---- unexpected interrupt 0x20 -------------------------------------------- here");
}

/* #GP by way of the interrupt table: error code, bytes at the instruction pointer -> the vector, and who raised it. */
static void test_interrupts(void **state)
{
	static const struct {
		u32 width;
		u64 error;
		u8 code[2];
		u32 vector, by_hardware;
	} cases[] = {
		{ 32, 0x80 << 3 | 2, { 0xcd, 0x80 }, 0x80, 0 },
		{ 64, 0x80 << 3 | 2, { 0xcd, 0x80 }, 0x80, 0 },
		{ 64, 0x80 << 4 | 2, { 0xcd, 0x80 }, 0x80, 0 },
		{ 32, 0x41 << 3 | 3, { 0xcd, 0x80 }, 0x41, 1 },
		{ 64, 0x41 << 3 | 3, { 0x90, 0x90 }, 0x41, 1 },
		{ 64, 0x41 << 4 | 2, { 0x90, 0x90 }, 0x41, 1 },
		{ 32, 0x41 << 3 | 2, { 0x90, 0x90 }, 0x41, 1 },
		/* A gate that is there; a selector; an index that no vector has. */
		{ 32, 0x0d << 3 | 2, { 0xcd, 0x0d }, 13, 0x0d << 3 | 2 },
		{ 32, 0xfff8, { 0xcd, 0x80 }, 13, 0xfff8 },
		{ 32, 0x100 << 3 | 3, { 0x90, 0x90 }, 13, 0x100 << 3 | 3 },
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(cases); i++) {
		struct dump_regs regs = sample(13, cases[i].width);

		regs.error = cases[i].error;
		store(regs.ip, sizeof(cases[i].code), cases[i].code[0] | cases[i].code[1] << 8);
		dump_find_interrupt(&regs);
		assert_int_equal(regs.vector, cases[i].vector);
		assert_int_equal(regs.error, cases[i].by_hardware);
	}
}

static void test_interrupt_lines(void **state)
{
	struct dump_regs regs = sample(0x80, 64);

	(void)state;
	regs.error = 0;
	dump(&regs, "here");
	check_shape();
	check_line(2, " raised by an int instruction");
	regs.error = 1;
	dump(&regs, "here");
	check_line(2, " raised by hardware");
}

/* --- code, stack, trace --- */

static void test_code_at_edges(void **state)
{
	static const struct {
		u64 ip;
		const char *text;
	} edges[] = {
		{ HIGH_START + 4, " code ?? ?? ?? ?? e0 e1 e2 e3 <e4> e5 e6 e7 e8 e9 ea eb ec ed ee ef" },
		{ HIGH_START + READABLE - 2, " code f0 f1 f2 f3 f4 f5 f6 f7 <f8> f9 ?? ?? ?? ?? ?? ?? ?? ?? ?? ??" },
		{ 0, " code <?\?> ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ??" },
		{ ~0ull, " code ?? ?? ?? ?? ?? ?? ?? ?? <?\?> ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ??" },
	};
	struct dump_regs regs = sample(3, 64);

	(void)state;
	for (u32 i = 0; i < 20; i++)
		store(HIGH_START + i, 1, 0xe0 + i);
	for (u32 i = 0; i < 10; i++)
		store(HIGH_START + READABLE - 10 + i, 1, 0xf0 + i);
	for (unsigned int i = 0; i < ARRAY_COUNT(edges); i++) {
		regs.ip = edges[i].ip;
		dump(&regs, "here");
		check_line(13, edges[i].text);
	}
}

/* A stack pointer that is not aligned is read as it is. */
static void test_stack_unaligned(void **state)
{
	struct dump_regs regs = sample(12, 64);

	(void)state;
	regs.sp = HIGH_START + READABLE - 11;
	store(regs.sp, 8, 0x123456789abcdef0);
	dump(&regs, "here");
	check_line(14, " stack 123456789abcdef0 ???????? ???????? ????????");
	regs.sp = ~0ull - 3;
	dump(&regs, "here");
	check_line(14, " stack ???????? ???????? ???????? ????????");
}

/* Frames that go down, stand still, leap, are not aligned or lie below the stack are no frames; six are shown at most. */
static void test_trace_ends(void **state)
{
	static const struct {
		u64 bp, next;
		const char *text;
	} ends[] = {
		{ 0, 0, " trace 50000100" },
		{ HIGH_START + 0x404, 0, " trace 50000100" },
		{ HIGH_START + READABLE - 8, 0, " trace 50000100" },
		{ HIGH_START + READABLE - 16, HIGH_START, " trace 50000100 <- 77" },
		{ HIGH_START + 0x400, HIGH_START + 0x400, " trace 50000100 <- 77" },
		{ HIGH_START + 0x400, HIGH_START + 0x10408, " trace 50000100 <- 77" },
		{ HIGH_START + 0x400, HIGH_START + 0x40c, " trace 50000100 <- 77" },
		{ HIGH_START + 0x3f8, HIGH_START + 0x500, " trace 50000100" },
	};
	struct dump_regs regs = sample(3, 64);

	(void)state;
	regs.sp = HIGH_START + 0x400;
	for (unsigned int i = 0; i < ARRAY_COUNT(ends); i++) {
		regs.bp = ends[i].bp;
		if (dump_can_read(regs.bp, 16)) {
			store(regs.bp, 8, ends[i].next);
			store(regs.bp + 8, 8, 0x77);
		}
		dump(&regs, "here");
		check_line(16, ends[i].text);
	}
	for (u32 i = 0; i < 8; i++) {
		store(HIGH_START + 0x400 + 16 * i, 8, HIGH_START + 0x410 + 16 * i);
		store(HIGH_START + 0x408 + 16 * i, 8, i + 1);
	}
	regs.bp = HIGH_START + 0x400;
	dump(&regs, "here");
	check_line(16, " trace 50000100 <- 1 <- 2 <- 3 <- 4 <- 5 <- 6");
}

/* An address is shown whole or not at all: a cut one would be a wrong one. */
static void test_trace_of_high_addresses(void **state)
{
	struct dump_regs regs = sample(3, 64);

	(void)state;
	regs.ip = 0xffffffff81000000;
	regs.bp = regs.sp = HIGH_START + 0x400;
	for (u32 i = 0; i < 8; i++) {
		store(HIGH_START + 0x400 + 16 * i, 8, HIGH_START + 0x410 + 16 * i);
		store(HIGH_START + 0x408 + 16 * i, 8, 0xffffffff81000001 + i);
	}
	dump(&regs, "here");
	check_shape();
	check_line(16, " trace ffffffff81000000 <- ffffffff81000001 <- ffffffff81000002");
	check_line(17, "       <- ffffffff81000003 <- ffffffff81000004 <- ffffffff81000005");
	check_line(18, "       <- ffffffff81000006");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_fault_reasons), cmocka_unit_test(test_page_fault_error_is_whole),
		cmocka_unit_test(test_selector_reasons), cmocka_unit_test(test_debug_reasons),
		cmocka_unit_test(test_error_codes), cmocka_unit_test(test_flags), cmocka_unit_test(test_head),
		cmocka_unit_test(test_interrupts), cmocka_unit_test(test_interrupt_lines),
		cmocka_unit_test(test_code_at_edges), cmocka_unit_test(test_stack_unaligned),
		cmocka_unit_test(test_trace_ends), cmocka_unit_test(test_trace_of_high_addresses),
	};

	return cmocka_run_group_tests(tests, map_memory, NULL);
}
