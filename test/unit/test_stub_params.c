/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The zero page, as the stub of trapeze.bzimage reads it: what is there, and one line for each thing that cannot be. */
#include "zeropage_fixture.h"

static void test_least(void **state)
{
	(void)state;
	assert_int_equal(read_params(), ERR_OK);
	assert_ptr_equal(params.zero_page, ram(ZERO_PAGE));
	assert_string_equal(params.command_line, "menu=plain");
	assert_true(params.initrd_start == params.initrd_end && !params.setup_data && !params.efi_is_virtual);
	assert_string_equal(fake_log_text(), "");
}

static void test_no_command_line(void **state)
{
	(void)state;
	poke_zp(HDR_CMD_LINE_PTR, 0, 4);
	assert_int_equal(read_params(), ERR_OK);
	assert_string_equal(params.command_line, "");
}

/* The longest, with nothing in reach behind it; one more character, and one without an end. */
static void test_long_command_line(void **state)
{
	paddr_t at = RAM - COMMAND_LINE_MAX - 1;

	(void)state;
	memset(ram(at), 'x', COMMAND_LINE_MAX + 1);
	poke_zp(HDR_CMD_LINE_PTR, at, 4);
	assert_int_equal(read_params(), ERR_VALUE);
	require_line("linux: error: command line at=0x1f000 does not end within 4095 characters in reach");
	fake_log_reset();
	poke(RAM - 1, 0, 1);
	assert_int_equal(read_params(), ERR_OK);
	assert_int_equal(strlen(params.command_line), COMMAND_LINE_MAX);
	memset(ram(COMMAND_LINE), 'x', COMMAND_LINE_MAX + 1);
	poke_zp(HDR_CMD_LINE_PTR, COMMAND_LINE, 4);
	assert_int_equal(read_params(), ERR_VALUE);
	fake_log_reset();
	poke_zp(ZP_EXT_CMD_LINE_PTR, 1, 4);
	assert_int_equal(read_params(), ERR_VALUE);
	require_line("command line at=0x100003000");
}

static void test_initrd(void **state)
{
	(void)state;
	poke_zp(HDR_RAMDISK_IMAGE, 0x34567000, 4);
	assert_int_equal(read_params(), ERR_OK);
	assert_true(!params.initrd_start && !params.initrd_end);
	poke_zp(HDR_RAMDISK_SIZE, 0x1001, 4);
	poke_zp(ZP_EXT_RAMDISK_IMAGE, 0x12, 4);
	poke_zp(ZP_EXT_RAMDISK_SIZE, 0x1, 4);
	assert_int_equal(read_params(), ERR_OK);
	assert_true(params.initrd_start == 0x1234567000 && params.initrd_end == 0x1234567000 + 0x100001001);
	poke_zp(ZP_EXT_RAMDISK_SIZE, 0xffffffff, 4);
	assert_int_equal(read_params(), ERR_OVERFLOW);
	require_line("linux: error: initrd at=0x1234567000 size=18446744069414588417: past 0x10000000000000");
}

static void test_out_of_reach(void **state)
{
	(void)state;
	assert_int_equal(params_read(&params, RAM - ZP_SIZE + 1), ERR_VALUE);
	require_line("linux: error: zero page at=0x1f001 is out of reach");
	fake_log_reset();
	assert_int_equal(params_read(&params, ~0ull), ERR_VALUE);
}

static void test_no_map(void **state)
{
	(void)state;
	poke_zp(ZP_E820_COUNT, 0, 1);
	assert_int_equal(read_params(), ERR_NOT_FOUND);
	require_line("linux: error: no memory map: the zero page at=0x1000 has no E820 entries");
}

static void test_nodes(void **state)
{
	(void)state;
	poke_zp(HDR_SETUP_DATA, NODES, 8);
	put_node(NODES, RAM - 16, 9, 32);
	put_node(RAM - 16, 0, SETUP_EFI, 0);
	assert_int_equal(read_params(), ERR_OK);
	assert_true(params.setup_data == NODES && params.efi_is_virtual);
}

static void test_longest_list(void **state)
{
	(void)state;
	poke_zp(HDR_SETUP_DATA, NODES, 8);
	for (u32 i = 0; i < SETUP_NODES_MAX; i++)
		put_node(NODES + 16 * i, i + 1 < SETUP_NODES_MAX ? NODES + 16 * (i + 1) : 0, 9, 0);
	assert_int_equal(read_params(), ERR_OK);
	put_node(NODES + 16 * (SETUP_NODES_MAX - 1), NODES, 9, 0);
	assert_int_equal(read_params(), ERR_VALUE);
	require_line("linux: error: setup_data: more than 64 nodes, or a list without an end");
}

static void test_bad_nodes(void **state)
{
	static const struct {
		u64 first, next;
		u32 size;
		const char *line;
	} bad[] = {
		{ RAM - 15, 0, 0, "error: setup_data: node 0 at=0x1fff1 is out of reach" },
		{ ~0ull - 7, 0, 0, "error: setup_data: node 0 at=0xfffffffffffffff8 is out of reach" },
		{ NODES, ~0ull, 0, "error: setup_data: node 1 at=0xffffffffffffffff is out of reach" },
		{ NODES, 0, 0xffffffff, "error: setup_data: node 0 at=0x5000 type=9 ends out of reach size=429496" },
		{ NODES, 0, RAM - NODES - 15, "error: setup_data: node 0 at=0x5000 type=9 ends out of reach size=" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		setup(state);
		poke_zp(HDR_SETUP_DATA, bad[i].first, 8);
		put_node(NODES, bad[i].next, 9, bad[i].size);
		assert_int_equal(read_params(), ERR_VALUE);
		require_line(bad[i].line);
		teardown(state);
	}
}

/* Entries of the zero page, then those of the nodes in their order; half an entry is none. */
static void test_e820(void **state)
{
	struct params_walk walk;
	struct params_e820 e;
	u32 count = 0;

	(void)state;
	add_e820(GIB(4), ~0ull, 7);
	add_e820(~0ull, ~0ull, 1);
	poke_zp(HDR_SETUP_DATA, NODES, 8);
	put_node(NODES, NODES + 0x100, SETUP_E820_EXT, 2 * E820_ENTRY_SIZE + 19);
	poke(NODES + 16, GIB(8), 8);
	poke(NODES + 24, GIB(1), 8);
	poke(NODES + 32, 1, 4);
	poke(NODES + 36, GIB(16), 8);
	poke(NODES + 52, 12, 4);
	put_node(NODES + 0x100, NODES + 0x200, 9, 100);
	put_node(NODES + 0x200, 0, SETUP_E820_EXT, E820_ENTRY_SIZE);
	poke(NODES + 0x210, GIB(32), 8);
	assert_int_equal(read_params(), ERR_OK);
	walk = (struct params_walk){ .node = params.setup_data };
	for (; params_next_e820(&params, &walk, &e); count++) {
		static const struct params_e820 want[] = {
			{ 0, 0x9fc00, 1 }, { 0xf0000, 0x100000, 2 }, { MIB(1), MIB(256), 1 },
			{ GIB(4), PADDR_LIMIT, 7 }, { PADDR_LIMIT, PADDR_LIMIT, 1 }, { GIB(8), GIB(9), 1 },
			{ GIB(16), GIB(16), 12 }, { GIB(32), GIB(32), 0 },
		};

		assert_true(count < ARRAY_COUNT(want));
		assert_true(e.start == want[count].start && e.end == want[count].end && e.type == want[count].type);
	}
	assert_int_equal(count, 8);
}

/* More than the table holds: what follows in the page is not read as entries. */
static void test_e820_count(void **state)
{
	struct params_walk walk = { 0 };
	struct params_e820 e;
	u32 count = 0;

	(void)state;
	poke_zp(ZP_E820_COUNT, 255, 1);
	assert_int_equal(read_params(), ERR_OK);
	while (params_next_e820(&params, &walk, &e))
		count++;
	assert_int_equal(count, E820_ZP_MAX);
}

/* Against a model of 16 pages, for every range and a hole at every place. */
static void test_is_memory(void **state)
{
	for (u32 hole = 0; hole <= 16; hole++) {
		setup(state);
		poke_zp(ZP_E820_COUNT, 0, 1);
		add_e820(8 << 12, 8 << 12, 1);
		add_e820(0, 5 << 12, 1);
		add_e820(4 << 12, 4 << 12, 1);
		if (hole < 16)
			add_e820(hole << 12, 1 << 12, 2);
		assert_int_equal(read_params(), ERR_OK);
		for (u32 start = 0; start < 18; start++) {
			for (u32 end = start + 1; end < 18; end++) {
				bool want = end <= 16 && !(hole >= start && hole < end);

				assert_int_equal(params_is_memory(&params, start << 12, end << 12), want);
			}
		}
		teardown(state);
	}
}

/* Ranges that only touch are apart. */
static void test_place(void **state)
{
	static const struct {
		struct params_place place;
		paddr_t initrd, initrd_end;
		const char *line;
	} cases[] = {
		{ { MIB(8), MIB(10), MIB(2), MIB(3), MIB(8) }, MIB(3), MIB(8), NULL },
		{ { MIB(3), MIB(5), MIB(2), MIB(3), MIB(8) }, 0, 0, NULL },
		{ { MIB(8), MIB(10), MIB(2), MIB(3), MIB(8) }, MIB(1), MIB(2), NULL },
		{ { GIB(5), GIB(5) + MIB(2), MIB(2), MIB(3), MIB(8) }, GIB(6), GIB(7), NULL },
		{ { MIB(1), MIB(3), MIB(2), MIB(3), MIB(8) }, 0, 0,
		  "error: loaded at 0x100000..0x300000, and Trapeze goes to 0x200000..0x300000: a multiple of 0x800000 is" },
		{ { MIB(8), MIB(10), MIB(2), MIB(3), MIB(8) }, MIB(3) - 1, MIB(4),
		  "error: initrd at 0x2fffff..0x400000, and Trapeze goes to 0x200000..0x300000" },
		{ { MIB(8), MIB(10), MIB(2), MIB(3), MIB(8) }, MIB(1), MIB(2) + 1,
		  "error: initrd at 0x100000..0x200001, and Trapeze" },
		{ { MIB(8), MIB(10), MIB(2), MIB(3), MIB(8) }, MIB(9), MIB(9) + 5,
		  "error: initrd at 0x900000..0x900005, and this kernel at 0x800000..0xa00000" },
		{ { MIB(8), MIB(10), MIB(255), MIB(257), MIB(8) }, 0, 0,
		  "error: Trapeze goes to 0xff00000..0x10100000, which is not all usable memory" },
	};

	(void)state;
	assert_int_equal(read_params(), ERR_OK);
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		fake_log_reset();
		params.initrd_start = cases[i].initrd;
		params.initrd_end = cases[i].initrd_end;
		assert_int_equal(params_check_place(&params, &cases[i].place), cases[i].line ? ERR_OVERLAP : ERR_OK);
		if (cases[i].line)
			require_line(cases[i].line);
		else
			assert_int_equal(fake_log_errors(), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_least),
		TEST(test_no_command_line),
		TEST(test_long_command_line),
		TEST(test_initrd),
		TEST(test_out_of_reach),
		TEST(test_no_map),
		TEST(test_nodes),
		TEST(test_longest_list),
		cmocka_unit_test(test_bad_nodes),
		TEST(test_e820),
		TEST(test_e820_count),
		cmocka_unit_test(test_is_memory),
		TEST(test_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
