/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Flat binaries: where they go, how they are entered in each mode, what is refused. */
#include "elf_rig.h"

#define SIZE 1000u

static void prepare(enum entry_mode mode, paddr_t load)
{
	rig.image.os = "flat";
	rig.image.is_flat = true;
	rig.image.has_load = true;
	rig.image.load = load;
	rig.config.has_mode = true;
	rig.config.mode = mode;
	rig_kernel(&rig, image, SIZE);
}

static void good(void)
{
	const struct plan_segment *segment;

	assert_int_equal(rig_finish(&rig, &loader_flat), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
	assert_int_equal(rig.plan.segment_count, 1);
	segment = &rig.plan.segments[0];
	assert_int_equal(segment->dest, rig.image.load);
	assert_int_equal(segment->source, rig.request.kernel.blob.paddr);
	assert_int_equal(segment->file_size, SIZE);
	assert_int_equal(segment->mem_size, SIZE);
	assert_int_equal(rig.plan.entry.mode, rig.config.mode);
}

static void bad(enum err wanted, const char *message)
{
	expect_refusal(rig_finish(&rig, &loader_flat), wanted, message);
	restart();
}

static void check_real(paddr_t load, paddr_t at, u16 cs, u16 ip)
{
	prepare(ENTRY_REAL, load);
	rig.image.has_entry = at != load;
	rig.image.entry = at;
	good();
	assert_int_equal(rig.plan.entry.cs, cs);
	assert_int_equal(rig.plan.entry.ip, ip);
	assert_int_equal(rig.plan.entry.ds, cs);
	assert_int_equal(rig.plan.entry.es, cs);
	assert_int_equal(rig.plan.entry.ss | rig.plan.entry.sp, 0);
	restart();
}

static void test_real_entry(void **state)
{
	(void)state;
	check_real(0x10000, 0x10000, 0x1000, 0);
	check_real(0x12340, 0x12350, 0x1234, 0x10);
	check_real(0x7c00, 0x7c00, 0, 0x7c00);		/* a boot sector's */
	check_real(0x8000, 0x8010, 0, 0x8010);
	check_real(0x12345, 0x12345, 0x1000, 0x2345);
}

static void test_real_flags(void **state)
{
	(void)state;
	prepare(ENTRY_REAL, 0x10000);
	good();
	assert_int_equal(rig.plan.entry.flags, 0x200);
	restart();
	prepare(ENTRY_REAL, 0x10000);
	rig.info.has_efi64_table = true;
	good();
	assert_int_equal(rig.plan.entry.flags, 0);
}

static void test_real_registers(void **state)
{
	(void)state;
	prepare(ENTRY_REAL, 0x10000);
	rig.config.registers = "cs=0xfff ip=0x20 dx=0x80 flags=2";
	good();
	assert_int_equal(rig.plan.entry.cs, 0xfff);
	assert_int_equal(rig.plan.entry.ip, 0x20);
	assert_int_equal(rig.plan.entry.dx, 0x80);
	assert_int_equal(rig.plan.entry.ds, 0x1000);
	assert_int_equal(rig.plan.entry.flags, 2);
}

static void test_long_arguments(void **state)
{
	(void)state;
	prepare(ENTRY_LONG, BASE + 5);
	rig.request.arg_count = 6;
	for (u32 i = 0; i < 6; i++)
		rig.request.args[i] = i + 10;
	good();
	assert_int_equal(rig.plan.entry.ip, BASE + 5);
	assert_int_equal(rig.plan.entry.di, 10);
	assert_int_equal(rig.plan.entry.si, 11);
	assert_int_equal(rig.plan.entry.dx, 12);
	assert_int_equal(rig.plan.entry.cx, 13);
	assert_int_equal(rig.plan.entry.r8, 14);
	assert_int_equal(rig.plan.entry.r9, 15);
}

static void test_protected(void **state)
{
	(void)state;
	prepare(ENTRY_PROTECTED, BASE);
	rig.image.has_entry = true;
	rig.image.entry = BASE + SIZE - 1;
	good();
	assert_int_equal(rig.plan.entry.ip, BASE + SIZE - 1);
}

static void test_refused(void **state)
{
	(void)state;
	prepare(ENTRY_REAL, 0x10000);
	rig.image.has_load = false;
	bad(ERR_VALUE, "vmlinuz: a flat binary needs a load address");
	prepare(ENTRY_REAL, 0x10000);
	rig.config.has_mode = false;
	bad(ERR_VALUE, "vmlinuz: a flat binary needs trapeze,mode");
	prepare(ENTRY_REAL, 0x10000);
	rig.request.arg_count = 1;
	bad(ERR_VALUE, "vmlinuz: real mode has no arguments");
	prepare(ENTRY_REAL, 0x10000);
	rig_kernel(&rig, image, 0);
	bad(ERR_VALUE, "vmlinuz: it is empty");
	prepare(ENTRY_REAL, 0x10fff0 - SIZE + 1);
	bad(ERR_VALUE, "reaches beyond 0x10fff0");
	prepare(ENTRY_REAL, 0xfffffffffffff000);
	bad(ERR_VALUE, "reaches beyond 0x10fff0");
	prepare(ENTRY_PROTECTED, BASE);
	rig.image.has_entry = true;
	rig.image.entry = BASE + SIZE;
	bad(ERR_VALUE, "vmlinuz: entry 0x20003e8 lies outside 0x2000000..0x20003e8");
	prepare(ENTRY_PROTECTED, BASE);
	rig.image.has_entry = true;
	rig.image.entry = BASE - 1;
	bad(ERR_VALUE, "vmlinuz: entry 0x1ffffff lies outside");
	prepare(ENTRY_REAL, 0x10000);
	rig.config.registers = "cs=0x2000";
	bad(ERR_VALUE, "vmlinuz: entry 0x20000 lies outside 0x10000..0x103e8");
}

static void test_probe(void **state)
{
	const char *reason;

	(void)state;
	prepare(ENTRY_REAL, 0x10000);
	assert_int_equal(loader_flat.probe(&rig.request, &reason), ERR_OK);
	rig.image.os = "linux";
	rig.image.is_flat = false;
	assert_int_equal(loader_flat.probe(&rig.request, &reason), ERR_FORMAT);
	rig.request.kernel.image = NULL;
	assert_int_equal(loader_flat.probe(&rig.request, &reason), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_real_entry), TEST(test_real_flags), TEST(test_real_registers), TEST(test_long_arguments),
		TEST(test_protected), TEST(test_refused), TEST(test_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
