/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The setup code of trapeze.bzimage: what it makes of the BIOS's answers, and where it puts the stub. */
#include "setup_rig.h"

static void assert_e820(u32 index, u64 start, u64 end)
{
	u32 at = ZP_E820_TABLE + index * E820_ENTRY_SIZE;

	assert_int_equal(zp(at, 8), start);
	assert_int_equal(zp(at + 8, 8), end - start);
	assert_int_equal(zp(at + 16, 4), MEM_USABLE);
}

static void assert_sentence(const char *text)
{
	const char *said = setup_run(file);

	assert_non_null(said);
	assert_non_null(strstr(said, text));
}

static void test_all(void **state)
{
	(void)state;
	assert_null(setup_run(file));
	assert_memory_equal(setup_zero_page + HDR_SETUP_SECTS, file + HDR_SETUP_SECTS,
			    HDR_CODE32_START - HDR_SETUP_SECTS);
	assert_memory_equal(setup_zero_page + HDR_RAMDISK_IMAGE, file + HDR_RAMDISK_IMAGE, 0x26c - HDR_RAMDISK_IMAGE);
	for (u32 i = 0x26c; i < ZP_E820_TABLE; i++)
		assert_int_equal(setup_zero_page[i], 0);
	assert_int_equal(zp(HDR_CODE32_START, 4), MIB(8));
	assert_int_equal(setup_zero_page[ZP_E820_COUNT], 64);
	assert_int_equal(setup_zero_page[ZP_SCREEN_TYPE], SCREEN_TYPE_TEXT);
}

static void test_old_command_line(void **state)
{
	(void)state;
	poke_file(ZP_CL_MAGIC, CL_MAGIC, 2);
	assert_null(setup_run(file));			/* left there by a loader that has both ways */
	for (u32 byte = 0; byte < 4; byte++) {
		poke_file(HDR_CMD_LINE_PTR, 1u << 8 * byte, 4);
		assert_null(setup_run(file));
	}
	poke_file(HDR_CMD_LINE_PTR, 0, 4);
	rig.calls = 0;
	assert_sentence("a boot protocol before 2.02");
	assert_int_equal(rig.calls, 0);
	poke_file(ZP_CL_MAGIC, CL_MAGIC - 1, 2);
	assert_null(setup_run(file));			/* no command line at all */
}

static void test_e820(void **state)
{
	(void)state;
	for (u32 i = 0; i < 2; i++) {
		rig.ends_by_carry = i;
		rig.answer_size = i ? ANSWER_SIZE : E820_ENTRY_SIZE;
		assert_true(setup_take_memory(setup_zero_page));
		assert_int_equal(setup_zero_page[ZP_E820_COUNT], 64);
		assert_e820(0, 0, MIB(1));
		assert_e820(63, MIB(63), MIB(64));
		assert_int_equal(zp(ZP_E820_TABLE + 64 * E820_ENTRY_SIZE, 8), 0);
	}
}

/* The table's room is 128; what follows it in the zero page stays as it was. */
static void test_e820_too_many(void **state)
{
	u32 end = ZP_E820_TABLE + E820_ZP_MAX * E820_ENTRY_SIZE;

	(void)state;
	rig.is_endless = true;
	memset(setup_zero_page + end, 0xa5, 32);
	assert_true(setup_take_memory(setup_zero_page));
	assert_int_equal(setup_zero_page[ZP_E820_COUNT], E820_ZP_MAX);
	assert_e820(E820_ZP_MAX - 1, MIB(127), MIB(128));
	assert_int_equal(rig.calls, E820_ZP_MAX);
	for (u32 i = 0; i < 32; i++)
		assert_int_equal(setup_zero_page[end + i], 0xa5);
}

/* Answers too short to be entries, for ever; and another service's. */
static void test_e820_nonsense(void **state)
{
	(void)state;
	rig.is_endless = true;
	rig.answer_size = E820_ENTRY_SIZE - 1;
	assert_false(setup_take_memory(setup_zero_page));
	assert_true(rig.calls >= CALLS_MAX && rig.calls < CALLS_MAX + 10);
	rig_init(state);
	rig.signature = 0xe820;
	assert_false(setup_take_memory(setup_zero_page));
	assert_int_equal(setup_zero_page[ZP_E820_COUNT], 0);
	assert_int_equal(rig.calls, 3);
}

/* E801h and 88h, in KiB from 1 MiB on; a hole below 16 MiB is where it ends. */
static void test_older_sizes(void **state)
{
	static const struct {
		bool has_e801, has_88;
		u32 ax, bx, cx, dx, ext, kib;
	} cases[] = {
		{ true, true, 0, 0, 0x3c00, 0x0300, 1024, 0x3c00 + 0x300 * 64 },
		{ true, true, 0xbeef3c00, 0xbeef0300, 0xbeef0000, 0xbeef0000, 1024, 0x3c00 + 0x300 * 64 },
		{ true, true, 1, 1, 0x3c00, 0xffff, 0, 0x3c00 + 0xffff * 64 },
		{ true, true, 0, 0, 0x3800, 0x0300, 1024, 0x3800 },
		{ true, true, 0, 0, 0x3c01, 0x0300, 0x7c00, 0x7c00 },
		{ true, true, 0, 0, 0, 0, 0x7c00, 0x7c00 },
		{ false, true, 0x3c00, 0, 0x3c00, 0, 0xbeeffc00, 0xfc00 },
		{ true, false, 0x2000, 0, 0, 0, 0, 0x2000 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		rig_init(state);
		rig.count = 0;
		rig.has_e801 = cases[i].has_e801;
		rig.has_88 = cases[i].has_88;
		rig.e801_ax = cases[i].ax;
		rig.e801_bx = cases[i].bx;
		rig.e801_cx = cases[i].cx;
		rig.e801_dx = cases[i].dx;
		rig.ext_kib = cases[i].ext;
		assert_true(setup_take_memory(setup_zero_page));
		assert_int_equal(setup_zero_page[ZP_E820_COUNT], 2);
		assert_e820(0, 0, KIB(639));
		assert_e820(1, MIB(1), MIB(1) + KIB(cases[i].kib));
	}
}

static void test_no_memory(void **state)
{
	(void)state;
	rig.count = 0;
	assert_sentence("the BIOS tells of no memory above 1 MiB");
	rig.has_88 = true;
	assert_sentence("the BIOS tells of no memory above 1 MiB");
}

/* 32 MiB from 1 MiB on; what is reserved wins over what is memory. */
static void test_place(void **state)
{
	static const struct {
		u64 from, initrd, initrd_size, reserved, to;
	} cases[] = {
		{ MIB(1), 0, 0, 0, MIB(8) },
		{ MIB(1), MIB(8), 0, 0, MIB(8) },
		{ MIB(1), MIB(10), MIB(20), 0, MIB(8) },
		{ MIB(1), MIB(10) - 1, 1, 0, MIB(16) },
		{ MIB(1), MIB(7), MIB(1) + 1, 0, MIB(16) },
		{ MIB(1), MIB(8), MIB(8), 0, MIB(16) },
		{ MIB(1), MIB(8), MIB(8) + 1, 0, MIB(24) },
		{ MIB(1), 0, 0, MIB(9), MIB(16) },
		{ MIB(8) - KIB(900), 0, 0, 0, MIB(8) },
		{ MIB(8) - KIB(900) + 1, 0, 0, 0, MIB(16) },
		{ MIB(9), 0, 0, 0, MIB(16) },
		{ MIB(16), MIB(8), MIB(1), MIB(24), MIB(16) },
		{ MIB(24), 0, 0, 0, MIB(24) },
	};
	struct params_e820 entries[] = { { MIB(1), MIB(33) - 1, MEM_USABLE }, { 0, 0, MEM_RESERVED } };

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		bool moves = cases[i].from != cases[i].to;

		rig_init(state);
		entries[1].start = cases[i].reserved;
		entries[1].end = cases[i].reserved ? cases[i].reserved + 1 : 0;
		rig.entries = entries;
		rig.count = 2;
		poke_file(HDR_CODE32_START, cases[i].from, 4);
		poke_file(HDR_RAMDISK_IMAGE, cases[i].initrd, 4);
		poke_file(HDR_RAMDISK_SIZE, cases[i].initrd_size, 4);
		assert_null(setup_run(file));
		assert_int_equal(setup_move.entry, cases[i].to);
		assert_int_equal(zp(HDR_CODE32_START, 4), cases[i].to);
		assert_int_equal(setup_move.words, moves ? KIB(900) / 4 : 0);
		if (moves)
			assert_true(setup_move.from == cases[i].from && setup_move.to == cases[i].to);
	}
}

/* Memory ends one byte before the only piece does; at 4 GiB the search ends. */
static void test_no_place(void **state)
{
	struct params_e820 entry = { MIB(1), MIB(10) - 1, MEM_USABLE };

	(void)state;
	rig.entries = &entry;
	rig.count = 1;
	assert_sentence("no room");
	entry.end++;
	assert_null(setup_run(file));
	entry = (struct params_e820){ GIB(4) - MIB(7), GIB(8), MEM_USABLE };
	assert_sentence("no room");
	entry.start -= MIB(1);
	assert_null(setup_run(file));
	assert_int_equal(setup_move.to, GIB(4) - MIB(8));
}

static void test_a20(void **state)
{
	for (enum a20_way way = A20_ON; way <= A20_PORT_A; way++) {
		rig_init(state);
		rig.way = way;
		rig.delay = 100;
		rig.kbc_busy = 100;
		rig.port_a = 0xf1;
		assert_null(setup_run(file));
		assert_int_equal(rig.port_a, way == A20_PORT_A ? 0xf2 : 0xf1);	/* bit 0 would be a reset */
	}
}

static void test_no_a20(void **state)
{
	for (u32 has_kbc = 0; has_kbc < 2; has_kbc++) {
		rig_init(state);
		rig.way = A20_PORT_A;
		rig.has_kbc = has_kbc;
		rig.delay = NEVER;
		assert_sentence("address line A20 cannot be enabled");
		rig.delay = 0;
		assert_null(setup_run(file));
	}
}

static void test_screen(void **state)
{
	static const struct {
		u32 mode, set;
	} cases[] = { { 3, 0 }, { 0x83, 0 }, { 2, 0 }, { 0x12, 1 }, { 1, 1 }, { 7, 1 } };

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		rig_init(state);
		rig.mode = cases[i].mode;
		setup_take_screen(setup_zero_page);
		assert_int_equal(rig.modes_set, cases[i].set);
		assert_int_equal(zp(ZP_CURSOR, 2), 0x0c07);
		assert_int_equal(zp(ZP_PAGE, 2), 1);
		assert_int_equal(zp(ZP_SCREEN_MODE, 1), cases[i].mode == 2 ? 2 : 3);
		assert_int_equal(zp(ZP_SCREEN_COLUMNS, 1), 80);
		assert_int_equal(zp(ZP_SCREEN_LINES, 1), 25);
		assert_int_equal(zp(ZP_SCREEN_TYPE, 1), SCREEN_TYPE_TEXT);
		assert_int_equal(zp(ZP_SCREEN_POINTS, 2), 16);
	}
}

static void test_no_screen(void **state)
{
	for (u32 has_vga = 0; has_vga < 2; has_vga++) {
		rig_init(state);
		rig.has_vga = has_vga;
		rig.keeps_mode = true;
		rig.mode = 0x12;
		setup_take_screen(setup_zero_page);
		assert_int_equal(rig.modes_set, has_vga);
		assert_int_equal(zp(ZP_SCREEN_TYPE, 1), 0);
		assert_int_equal(zp(ZP_SCREEN_COLUMNS, 1), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all),
		TEST(test_old_command_line),
		TEST(test_e820),
		TEST(test_e820_too_many),
		TEST(test_e820_nonsense),
		cmocka_unit_test(test_older_sizes),
		TEST(test_no_memory),
		cmocka_unit_test(test_place),
		TEST(test_no_place),
		cmocka_unit_test(test_a20),
		cmocka_unit_test(test_no_a20),
		cmocka_unit_test(test_screen),
		cmocka_unit_test(test_no_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
