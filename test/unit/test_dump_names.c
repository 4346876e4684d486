/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Names of functions in the dump: behind the instruction pointer, in the trace, cut where there is no room. */
#include "dump_fixture.h"

#include "../../src/symbols.c"

#define FUNCTIONS 8u
#define FUNCTION_SIZE 0x20u

static struct {
	struct symbols header;
	struct symbol entries[FUNCTIONS];
	char names[FUNCTIONS][SYMBOLS_NAME_LIMIT + 1];
} table;

/* Functions one behind the other from the sample's instruction pointer on, called `name` and its copies. */
static void make_table(const char *name)
{
	table.header = (struct symbols){ .magic = SYMBOLS_MAGIC, .size = sizeof(table), .count = FUNCTIONS,
					 .base = HIGH_START + 0x100 };
	memset(table.names, 0, sizeof(table.names));
	for (u32 i = 0; i < FUNCTIONS; i++) {
		table.entries[i].start = i * FUNCTION_SIZE;
		table.entries[i].size = FUNCTION_SIZE;
		table.entries[i].name = (u32)(table.names[i] - (char *)&table);
		snprintf(table.names[i], sizeof(table.names[i]), "%s", name);
	}
	table.header.sum = symbols_sum(&table, sizeof(table));
	assert_true(symbols_are_whole(&table, sizeof(table)));
}

static void make_frames(struct dump_regs *regs, u32 width)
{
	u32 size = width / 8;

	regs->bp = regs->sp = HIGH_START + 0x1000;
	for (u32 i = 0; i < FUNCTIONS; i++) {
		u64 frame = HIGH_START + 0x1000 + 2 * size * i;

		store(frame, size, frame + 2 * size);
		store(frame + size, size, HIGH_START + 0x100 + FUNCTION_SIZE * i + 4);
	}
}

static void test_both_widths(void **state)
{
	struct dump_regs wide = sample(14, 64), narrow = sample(14, 32);

	(void)state;
	make_table("read_nowhere");
	wide.ip += 6;
	narrow.ip += 0x26;
	dump_with(&wide, "here", &table);
	check_line(3, " rip 0000000050000106  read_nowhere+0x6  cs 0008  flags 00010246 [PF ZF IF RF]");
	dump_with(&narrow, "here", &table);
	check_line(3, " eip 50000126  read_nowhere+0x6  cs 0008  flags 00010246 [PF ZF IF RF]");
}

static void test_no_symbol(void **state)
{
	struct dump_regs regs = sample(14, 64);

	(void)state;
	make_table("read_nowhere");
	regs.ip += FUNCTIONS * FUNCTION_SIZE;
	dump_with(&regs, "here", &table);
	check_line(3, " rip 0000000050000200  cs 0008  flags 00010246 [PF ZF IF RF]");
	check_line(16, " trace 50000200");
}

static void test_trace(void **state)
{
	(void)state;
	make_table("f");
	for (u32 width = 32; width <= 64; width += 32) {
		struct dump_regs regs = sample(14, width);

		make_frames(&regs, width);
		dump_with(&regs, "here", &table);
		assert_non_null(strstr(out, "\n trace f+0x0 <- f+0x4 <- f+0x4 <- f+0x4 <- f+0x4 <- f+0x4 <- f+0x4\n"));
	}
}

/* A call that never comes back may be the last instruction of its function. */
static void test_return_behind_the_function(void **state)
{
	struct dump_regs regs = sample(14, 64);

	(void)state;
	make_table("f");
	strcpy(table.names[0], "caller");
	regs.bp = regs.sp = HIGH_START + 0x1000;
	store(regs.bp, 8, 0);
	store(regs.bp + 8, 8, HIGH_START + 0x100 + FUNCTION_SIZE);
	dump_with(&regs, "here", &table);
	check_line(16, " trace caller+0x0 <- caller+0x20");
}

/* A leaf: its caller's address is on top of the stack, if that is what it looks like. */
static void test_function_without_frame(void **state)
{
	(void)state;
	make_table("f");
	strcpy(table.names[1], "caller");
	for (u32 width = 32; width <= 64; width += 32) {
		struct dump_regs regs = sample(14, width);

		regs.sp = HIGH_START + 0x1000;
		store(regs.sp, width / 8, HIGH_START + 0x100 + FUNCTION_SIZE + 9);
		store(HIGH_START + 0x100 + FUNCTION_SIZE + 4, 1, 0xe8);
		dump_with(&regs, "here", &table);
		assert_non_null(strstr(out, "\n trace f+0x0 <- caller+0x9\n"));
		store(HIGH_START + 0x100 + FUNCTION_SIZE + 4, 1, 0xe9);
		dump_with(&regs, "here", &table);
		assert_non_null(strstr(out, "\n trace f+0x0\n"));
	}
}

/* Of a broken stack pointer and a frame pointer nobody knows which is right: what has a name is believed. */
static void test_frames_below_the_stack(void **state)
{
	struct dump_regs regs = sample(14, 64);

	(void)state;
	make_table("f");
	make_frames(&regs, 64);
	regs.sp = 0xdead000000000000;
	store(HIGH_START + 0x1000, 8, 0);
	dump_with(&regs, "here", &table);
	check_line(16, " trace f+0x0 <- f+0x4");
	dump(&regs, "here");
	check_line(16, " trace 50000100");
}

/* However long the names are, it is one screen, and an offset is whole. */
static void test_long_names(void **state)
{
	char name[SYMBOLS_NAME_LIMIT + 1];

	(void)state;
	for (u32 length = 1; length <= SYMBOLS_NAME_LIMIT; length++) {
		for (u32 width = 32; width <= 64; width += 32) {
			struct dump_regs regs = sample(14, width);

			memset(name, 'n', length);
			name[length] = '\0';
			make_table(name);
			make_frames(&regs, width);
			regs.error = 0x3f;	/* the longest reason, on two lines */
			dump_with(&regs, "here", &table);
			check_shape();
			assert_non_null(strstr(out, "+0x0  cs 0008  flags 00010246 [PF ZF IF RF]\n"));
			assert_non_null(strstr(out, length < 40 ? "n+0x4" : "+0x4"));
		}
	}
	assert_non_null(strstr(out, "nnn...+0x0  cs"));
}

static void test_foreign_bytes(void **state)
{
	struct dump_regs regs = sample(14, 64);

	(void)state;
	make_table("a\033[2J\xff");
	dump_with(&regs, "here", &table);
	check_shape();
	check_line(3, " rip 0000000050000100  a?[2J?+0x0  cs 0008  flags 00010246 [PF ZF IF RF]");
}

/* All flags, and no room for a name: the line is as without. */
static void test_no_room(void **state)
{
	struct dump_regs regs = sample(14, 64);

	(void)state;
	make_table("read_nowhere");
	regs.flags = 0x3f7fd7;
	dump_with(&regs, "here", &table);
	check_line(3, " rip 0000000050000100  cs 0008  flags 003f7fd7 [CF PF AF ZF SF TF IF DF OF NT RF");
	check_line(16, " trace read_nowhere+0x0");
}

/* Segments of real mode are in no table. */
static void test_real_mode(void **state)
{
	struct dump_regs regs = sample(6, 16);

	(void)state;
	make_table("f");
	dump_with(&regs, "here", &table);
	assert_null(strstr(out, "f+"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_widths), cmocka_unit_test(test_no_symbol), cmocka_unit_test(test_trace),
		cmocka_unit_test(test_return_behind_the_function), cmocka_unit_test(test_frames_below_the_stack),
		cmocka_unit_test(test_function_without_frame), cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_foreign_bytes), cmocka_unit_test(test_no_room), cmocka_unit_test(test_real_mode),
	};

	return cmocka_run_group_tests(tests, map_memory, NULL);
}
