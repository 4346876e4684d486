/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What a table of interrupt controllers says of processors and the timer: every kind of entry, and damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "madt.h"

#define HEADER 44

static u8 table[1024];
static u32 used;

static int begin(void **state)
{
	(void)state;
	memset(table, 0, sizeof(table));
	memcpy(table, "APIC", 4);
	used = HEADER;
	return 0;
}

static void put_apic(u8 id, u32 flags)
{
	const u8 entry[8] = { 0, 8, id, id, (u8)flags, (u8)(flags >> 8), (u8)(flags >> 16), (u8)(flags >> 24) };

	memcpy(table + used, entry, sizeof(entry));
	used += sizeof(entry);
}

static void put_x2apic(u32 id, u32 flags)
{
	const u8 entry[16] = { 9, 16, 0, 0, (u8)id, (u8)(id >> 8), (u8)(id >> 16), (u8)(id >> 24), (u8)flags };

	memcpy(table + used, entry, sizeof(entry));
	used += sizeof(entry);
}

/* An I/O APIC, of which nothing is read. */
static void put_other(void)
{
	static const u8 entry[12] = { 1, 12, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

	memcpy(table + used, entry, sizeof(entry));
	used += sizeof(entry);
}

/* In memory of exactly that size, so that a read past it is noticed. */
static u32 count(u32 size)
{
	u8 *copy = malloc(size ? size : 1);
	struct boot_blob blob = { copy, size };
	u32 found;

	memcpy(copy, table, size);
	found = madt_count_processors(&blob);
	free(copy);
	return found;
}

static void test_enabled_ones(void **state)
{
	(void)state;
	put_apic(0, 1);
	put_other();
	put_apic(1, 0);
	put_apic(2, 2);			/* can be enabled later */
	put_apic(3, 3);
	put_other();
	assert_int_equal(count(used), 2);
}

static void test_x2apic(void **state)
{
	(void)state;
	put_x2apic(0, 1);
	put_x2apic(1, 1);
	put_x2apic(256, 1);
	put_x2apic(257, 0);
	assert_int_equal(count(used), 3);
	/* The same processors as local APICs, too. */
	put_apic(0, 1);
	put_apic(1, 1);
	assert_int_equal(count(used), 3);
}

static void test_nothing(void **state)
{
	(void)state;
	assert_int_equal(count(HEADER), 0);
	put_other();
	assert_int_equal(count(used), 0);
	assert_int_equal(count(0), 0);
}

/* Cut anywhere, what is whole counts. */
static void test_cut(void **state)
{
	(void)state;
	for (u8 i = 0; i < 5; i++)
		put_apic(i, 1);
	put_x2apic(300, 1);
	for (u32 size = 0; size <= used; size++)
		assert_int_equal(count(size), size < HEADER ? 0 : size == used ? 6 : (size - HEADER) / 8 > 5 ? 5 : (size - HEADER) / 8);
}

/* An entry that has no size would be met for ever; one shorter than its kind has no flags. */
static void test_bad_sizes(void **state)
{
	(void)state;
	put_apic(0, 1);
	put_apic(1, 1);
	put_apic(2, 1);
	for (u32 size = 0; size < 8; size++) {
		table[HEADER + 8 + 1] = (u8)size;
		assert_in_range(count(used), 1, 2);
	}
	table[HEADER + 8 + 1] = 255;
	assert_int_equal(count(used), 1);
}

static void put_bytes(const u8 *entry, u32 size)
{
	memcpy(table + used, entry, size);
	used += size;
}

static void put_io_apic(u32 address, u8 first)
{
	const u8 entry[12] = { 1, 12, 0, 0, (u8)address, (u8)(address >> 8), (u8)(address >> 16), (u8)(address >> 24), first };

	put_bytes(entry, sizeof(entry));
}

static void put_override(u8 bus, u8 source, u8 interrupt, u16 flags)
{
	const u8 entry[10] = { 2, 10, bus, source, interrupt, 0, 0, 0, (u8)flags, (u8)(flags >> 8) };

	put_bytes(entry, sizeof(entry));
}

static bool find(u32 size, struct arch_timer_wire *wire)
{
	u8 *copy = malloc(size ? size : 1);
	struct boot_blob blob = { copy, size };
	bool found;

	memcpy(copy, table, size);
	found = madt_find_timer(&blob, wire);
	free(copy);
	return found;
}

static void test_timer(void **state)
{
	struct arch_timer_wire wire;

	(void)state;
	put_apic(0, 1);
	put_override(0, 9, 9, 0xd);
	put_override(1, 0, 7, 0xf);	/* not the ISA bus */
	assert_false(find(used, &wire));
	put_io_apic(0xfec10000, 24);
	assert_false(find(used, &wire));
	put_io_apic(0xfec00000, 0);
	assert_true(find(used, &wire));
	assert_int_equal(wire.io_apic, 0xfec00000);
	assert_int_equal(wire.pin, 0);
	assert_false(wire.is_active_low || wire.is_level);
	put_override(0, 0, 2, 0);
	assert_true(find(used, &wire));
	assert_int_equal(wire.pin, 2);
	assert_false(wire.is_active_low || wire.is_level);
}

/* On the second of two, active low and level. */
static void test_timer_elsewhere(void **state)
{
	struct arch_timer_wire wire;

	(void)state;
	put_override(0, 0, 26, 0xf);
	put_io_apic(0xfec10000, 24);
	put_io_apic(0xfec00000, 0);
	put_io_apic(0xfec20000, 48);
	assert_true(find(used, &wire));
	assert_int_equal(wire.io_apic, 0xfec10000);
	assert_int_equal(wire.pin, 2);
	assert_true(wire.is_active_low && wire.is_level);
}

static void test_timer_cut(void **state)
{
	struct arch_timer_wire wire;

	(void)state;
	put_io_apic(0xfec00000, 0);
	put_override(0, 0, 2, 0);
	for (u32 size = 0; size <= used; size++) {
		assert_int_equal(find(size, &wire), size >= HEADER + 12);
		if (size >= HEADER + 12)
			assert_int_equal(wire.pin, size == used ? 2 : 0);
	}
	for (u32 size = 0; size < 10; size++) {
		table[HEADER + 12 + 1] = (u8)size;
		assert_true(find(used, &wire));
		assert_int_equal(wire.pin, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_enabled_ones, begin), cmocka_unit_test_setup(test_x2apic, begin),
		cmocka_unit_test_setup(test_nothing, begin), cmocka_unit_test_setup(test_cut, begin),
		cmocka_unit_test_setup(test_bad_sizes, begin), cmocka_unit_test_setup(test_timer, begin),
		cmocka_unit_test_setup(test_timer_elsewhere, begin), cmocka_unit_test_setup(test_timer_cut, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
