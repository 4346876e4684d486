/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Devices left quiet: who gets what, which functions lose bus mastering, and what is said. */
#include "acpi_fixture.h"
#include "devices.h"
#include "processor.h"
#include "quiet.h"

#define AT_HPET 0x100000
#define HPET_TABLE_BYTES 56
#define MASTER 0x4u

static int setup(void **state)
{
	fake_devices_reset();
	fake_processor_reset();
	fake_quiet_done = fake_quiet_bios = 0;
	memset(&fake_quiet, 0, sizeof(fake_quiet));
	return setup_tables(state);
}

/* A function with ports, memory and, if wished, bus mastering switched on, and status bits that a write of ones would clear. */
static u32 *add(u8 bus, u8 device, u8 function, u32 class, bool master)
{
	u32 *words = fake_pci_add(bus, device, function, 0x12348086);

	words[1] = 0xf9000003u | (master ? MASTER : 0);
	words[2] = class << 8 | 1;
	return words;
}

static void test_decide(void **state)
{
	static const enum entry_mode modes[] = { ENTRY_LONG, ENTRY_PROTECTED };

	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(modes); i++) {
		for (int uses_bios = 0; uses_bios < 2; uses_bios++) {
			assert_int_equal(quiet_decide(QUIET_AUTO, false, modes[i], uses_bios), QUIET_ALL);
			assert_int_equal(quiet_decide(QUIET_ON, true, modes[i], uses_bios), QUIET_ALL);
			assert_int_equal(quiet_decide(QUIET_OFF, uses_bios, modes[i], uses_bios), QUIET_NOTHING);
		}
		assert_int_equal(quiet_decide(QUIET_AUTO, true, modes[i], false), QUIET_DEVICES);
		assert_int_equal(quiet_decide(QUIET_AUTO, true, modes[i], true), QUIET_BIOS);
	}
	assert_int_equal(quiet_decide(QUIET_AUTO, true, ENTRY_REAL, false), QUIET_BIOS);
	assert_int_equal(quiet_decide(QUIET_ON, true, ENTRY_REAL, false), QUIET_BIOS);
	assert_int_equal(quiet_decide(QUIET_AUTO, false, ENTRY_REAL, false), QUIET_ALL);
	assert_int_equal(quiet_decide(QUIET_OFF, true, ENTRY_REAL, true), QUIET_NOTHING);
}

static void test_masters(void **state)
{
	u32 *host = add(0, 0, 0, 0x060000, true), *bridge = add(0, 1, 0, 0x060400, true), *vga = add(0, 2, 0, 0x030000, true);
	u32 *net = add(0, 3, 0, 0x020000, true), *second = add(0, 3, 1, 0x010802, true), *idle = add(0, 4, 0, 0x010802, false);
	u32 *far = add(200, 31, 0, 0x040300, true), *io_apic = add(0, 5, 0, 0x080020, true);
	u32 *old_vga = add(0, 6, 0, 0x000100, true);

	(void)state;
	net[3] = 0x00800000;		/* more than one function */
	quiet_machine(&info, QUIET_DEVICES);
	assert_int_equal(host[1], 0xf9000007);
	assert_int_equal(bridge[1], 0xf9000007);
	assert_int_equal(vga[1], 0xf9000007);
	assert_int_equal(old_vga[1], 0xf9000007);
	assert_int_equal(io_apic[1], 0xf9000007);
	assert_int_equal(idle[1], 0xf9000003);
	/* Nothing but the command is written: no status bit is cleared on the way. */
	assert_int_equal(net[1], 0x00000003);
	assert_int_equal(second[1], 0x00000003);
	assert_int_equal(far[1], 0x00000003);
	assert_int_equal(fake_pci_writes, 3);
	assert_true(fake_log_has("quiet: PCI bus master off devices=3 of 9, stays on at bridges, displays and the like=5"));
	assert_true(fake_log_has("quiet: PCI c8:1f.0 HD audio controller: bus master off"));
	assert_false(fake_log_has("nothing was on"));
}

static void test_nothing(void **state)
{
	(void)state;
	quiet_machine(&info, QUIET_ALL);
	assert_string_equal(strstr(fake_log_text(), "quiet:"), "quiet: nothing was on\n");
	assert_int_equal(fake_quiet.processors, 1);
	fake_log_reset();
	fake_quiet_done = 1;
	quiet_machine(&info, QUIET_ALL);
	assert_false(fake_log_has("quiet:"));
}

static void test_left(void **state)
{
	u32 *net = add(0, 3, 0, 0x020000, true);

	(void)state;
	quiet_machine(&info, QUIET_NOTHING);
	assert_int_equal(fake_quiet_bios, 0);
	quiet_machine(&info, QUIET_BIOS);
	assert_int_equal(fake_quiet_bios, 1);
	assert_int_equal(fake_quiet.processors, 0);
	assert_int_equal(net[1] & MASTER, MASTER);
	assert_int_equal(fake_pci_writes, 0);
	assert_true(fake_log_has("quiet: devices stay as they are: trapeze,quiet is off"));
	assert_true(fake_log_has("quiet: devices stay as the BIOS has them: the image may call it"));
}

static void put_hpet(u8 space, u64 address, u32 size)
{
	memset(fake_ram + AT_TABLE, 0, 256);
	fake_ram[AT_TABLE + 40] = space;
	put(AT_TABLE + 44, address, 8);
	put_header(AT_TABLE, "HPET", size, 1);
	/* Three timers, running in the 8254's place; the first and the third ask for interrupts. */
	put(AT_HPET, 0x8086a201, 4);
	put(AT_HPET + 0x10, 0x3, 4);
	put(AT_HPET + 0x100, 0x10c, 4);
	put(AT_HPET + 0x120, 0x108, 4);
	put(AT_HPET + 0x140, 0x4, 4);
	put(AT_HPET + 0x160, 0x4, 4);	/* there is no fourth one */
}

static u32 word(paddr_t at)
{
	u32 value;

	memcpy(&value, fake_ram + at, 4);
	return value;
}

static void test_hpet(void **state)
{
	(void)state;
	put_hpet(0, AT_HPET, HPET_TABLE_BYTES);
	quiet_machine(&info, QUIET_DEVICES);
	assert_int_equal(word(AT_HPET + 0x10), 0);
	assert_int_equal(word(AT_HPET + 0x100), 0x108);
	assert_int_equal(word(AT_HPET + 0x120), 0x108);
	assert_int_equal(word(AT_HPET + 0x140), 0);
	assert_int_equal(word(AT_HPET + 0x160), 4);
	assert_int_equal(fake_mapped_start, AT_HPET);
	assert_string_equal(strstr(fake_log_text(), "quiet:"), "quiet: HPET stopped at=0x100000\n");
	fake_log_reset();
	quiet_machine(&info, QUIET_DEVICES);
	assert_true(fake_log_has("quiet: nothing was on"));
}

/* In ports, cut, at odd places and where nothing answers: left alone. */
static void test_bad_hpet(void **state)
{
	static const struct { u8 space; u64 at; u32 size; } bad[] = {
		{ 1, AT_HPET, HPET_TABLE_BYTES }, { 0, AT_HPET, 51 }, { 0, AT_HPET + 4, HPET_TABLE_BYTES },
		{ 0, ~0ull - 7, HPET_TABLE_BYTES }, { 0, 0xfed00000, HPET_TABLE_BYTES },
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(bad); i++) {
		fake_log_reset();
		put_hpet(bad[i].space, bad[i].at, bad[i].size);
		quiet_machine(&info, QUIET_ALL);
		assert_int_equal(word(AT_HPET + 0x10), 3);
		assert_true(fake_log_has("quiet: nothing was on"));
	}
}

static void test_processors(void **state)
{
	static const u8 entries[] = { 0, 8, 0, 0, 1, 0, 0, 0, 0, 8, 1, 1, 1, 0, 0, 0,
				      1, 12, 0, 0, 0x00, 0x00, 0xc0, 0xfe, 0, 0, 0, 0,
				      1, 12, 1, 0, 0x00, 0x10, 0xc0, 0xfe, 24, 0, 0, 0 };

	(void)state;
	memset(fake_ram + AT_TABLE, 0, 256);
	memcpy(fake_ram + AT_TABLE + 44, entries, sizeof(entries));
	put_header(AT_TABLE, "APIC", 44 + sizeof(entries), 1);
	quiet_machine(&info, QUIET_ALL);
	assert_int_equal(fake_quiet.processors, 2);
	assert_int_equal(fake_quiet.io_apic_count, 2);
	assert_int_equal(fake_quiet.io_apics[0], 0xfec00000);
	assert_int_equal(fake_quiet.io_apics[1], 0xfec01000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decide),
		cmocka_unit_test_setup_teardown(test_masters, setup, teardown_tables),
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown_tables),
		cmocka_unit_test_setup_teardown(test_left, setup, teardown_tables),
		cmocka_unit_test_setup_teardown(test_hpet, setup, teardown_tables),
		cmocka_unit_test_setup_teardown(test_bad_hpet, setup, teardown_tables),
		cmocka_unit_test_setup_teardown(test_processors, setup, teardown_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
