/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* BIOS calls: whether there is a BIOS, what is refused without one, buffers in real mode's reach, page 0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bios.h"
#include "fake.h"
#include "fake_bios.h"
#include "memory.h"

#define LOW_END 0x9f000

static struct memory memory;
static struct arch_bios_target last;

static void record(const struct arch_bios_target *target, struct bios_regs *regs)
{
	last = *target;
	regs->eax++;
}

static int setup(void **state)
{
	(void)state;
	fake_ram_init(MIB(2));
	fake_low_is_null = true;
	fake_log_reset();
	memory_init(&memory);
	assert_int_equal(memmap_add(&memory.map, 0, LOW_END, MEM_USABLE), ERR_OK);
	assert_int_equal(memmap_sanitise(&memory.map), ERR_OK);
	fake_bios_vectors();
	fake_bios = record;
	fake_bios_calls = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	memory_free(&memory);
	fake_ram_free();
	return 0;
}

static void set_vector(u8 vector, u16 segment, u16 offset)
{
	const u8 entry[] = { (u8)offset, (u8)(offset >> 8), (u8)segment, (u8)(segment >> 8) };

	memcpy(fake_ram + vector * 4, entry, sizeof(entry));
}

static void test_calls(void **state)
{
	static const u16 words[] = { 1, 2, 3 };
	struct bios_regs regs = { .eax = 41 };
	const char *why = "";

	(void)state;
	bios_start(&memory, false);
	assert_true(bios_present(&why));
	assert_null(why);
	assert_int_equal(fake_bios_page, LOW_END - ARCH_BIOS_SIZE);
	assert_int_equal(bios_int(0x13, &regs), ERR_OK);
	assert_int_equal(regs.eax, 42);
	assert_int_equal(last.kind, ARCH_BIOS_INT);
	assert_int_equal(last.address, 0x13);
	assert_int_equal(bios_far_call(0xf000, 0x1234, &regs, words, 3), ERR_OK);
	assert_int_equal(last.kind, ARCH_BIOS_FAR);
	assert_int_equal(last.address, 0xf0001234);
	assert_int_equal(last.word_count, 3);
	assert_int_equal(bios_call32(0xfd000, &regs), ERR_OK);
	assert_int_equal(last.kind, ARCH_BIOS_CALL32);
	assert_int_equal(fake_bios_calls, 3);
	assert_int_equal(bios_far_call(0xf000, 0, &regs, words, BIOS_STACK_WORDS + 1), ERR_VALUE);
	assert_int_equal(fake_bios_calls, 3);
}

/* What has a limit, which one, and what is said when it is over. */
static void test_limits(void **state)
{
	static const struct { u8 vector, ah; bool is_watched; u32 ms; } cases[] = {
		{ 0x13, 2, true, BIOS_LIMIT_MS }, { 0x16, 1, true, BIOS_LIMIT_MS }, { 0x16, 0, true, 0 }, { 0x16, 0x10, true, 0 },
		{ 0x16, 0x20, true, 0 }, { 0x15, 0x86, true, 0 }, { 0x15, 0xe8, true, BIOS_LIMIT_MS }, { 0x10, 0, true, BIOS_LIMIT_MS },
		{ 0x18, 0, false, BIOS_LIMIT_MS }, { 0x19, 0, false, BIOS_LIMIT_MS },
	};
	struct bios_regs regs = { 0 };

	(void)state;
	bios_start(&memory, false);
	for (u32 i = 0; i < ARRAY_COUNT(cases); i++) {
		regs.eax = (u32)cases[i].ah << 8;
		assert_int_equal(bios_int(cases[i].vector, &regs), ERR_OK);
		assert_int_equal(last.is_watched, cases[i].is_watched);
		assert_int_equal(last.limit_ms, cases[i].ms);
	}
	bios_set_limit(700);
	regs.eax = 0;
	assert_int_equal(bios_int(0x16, &regs), ERR_OK);
	assert_int_equal(last.limit_ms, 700);
	fake_bios_left = 0xf0001234;
	fake_bios_end = ARCH_BIOS_TIMEOUT;
	assert_int_equal(bios_far_call(0xc000, 3, &regs, NULL, 0), ERR_TIMEOUT);
	assert_true(last.is_watched && last.limit_ms == 700);
	assert_true(fake_log_has("far call 0xc0000003 eax=0x1: did not come back, ended ms=700 at=f000:1234"));
	bios_set_limit(0);
	fake_bios_end = ARCH_BIOS_ABORTED;
	regs.eax = 0x10;
	assert_int_equal(bios_int(0x16, &regs), ERR_CANCELLED);
	assert_true(fake_log_has("int 0x16 eax=0x10: ended by Ctrl-C at=f000:1234"));
	fake_bios_end = ARCH_BIOS_STUCK;
	regs.eax = 0x10;
	assert_int_equal(bios_int(0x13, &regs), ERR_TIMEOUT);
	assert_true(fake_log_has("int 0x13 eax=0x10: did not come back and let no tick through, ended ms=60000 at=f000:1234"));
	fake_bios_left = 0xfd00c;
	regs.eax = 0x10;
	assert_int_equal(bios_call32(0xfd000, &regs), ERR_TIMEOUT);
	assert_true(last.is_watched && last.limit_ms == BIOS_LIMIT_MS);
	assert_true(fake_log_has("32-bit call 0xfd000 eax=0x10: did not come back and let no tick through, ended ms=60000 at=0xfd00c"));
	fake_bios_end = ARCH_BIOS_RETURNED;
}

/* Every way in which one vector can lead nowhere. */
static void test_vectors(void **state)
{
	static const struct { u16 segment, offset; } nowhere[] = {
		{ 0, 0 }, { 0x0040, 0 }, { 0, 0x04ff }, { 0xa000, 0 }, { 0xb800, 0 }, { 0xffff, 0x0010 }, { 0xffff, 0xffff },
		{ 0xffff, 0x0001 }, { 0xe000, 0 },
	};
	static const u8 vectors[] = { 0x10, 0x12, 0x13, 0x15, 0x16, 0x1a };
	struct bios_regs regs = { 0 };
	const char *why;

	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(nowhere); i++) {
		fake_bios_vectors();
		set_vector(vectors[i % ARRAY_COUNT(vectors)], nowhere[i].segment, nowhere[i].offset);
		bios_start(&memory, false);
		assert_false(bios_present(&why));
		assert_string_equal(why, "interrupt vectors lead nowhere");
	}
	assert_int_equal(bios_int(0x10, &regs), ERR_UNSUPPORTED);
	assert_int_equal(bios_far_call(0xf000, 0, &regs, NULL, 0), ERR_UNSUPPORTED);
	assert_int_equal(bios_call32(0xf0000, &regs), ERR_UNSUPPORTED);
	assert_int_equal(fake_bios_calls, 0);
	assert_int_equal(fake_log_errors(), 3);
	assert_true(fake_log_has("bios: error: int 0x10: there is no BIOS: interrupt vectors lead nowhere"));
	/* Other vectors may lead nowhere; some live in memory below the ROMs. */
	fake_bios_vectors();
	set_vector(0x18, 0, 0);
	set_vector(0x13, 0x9000, 0x0123);
	fake_ram[0x90123] = 0xfa;
	bios_start(&memory, false);
	assert_true(bios_present(NULL));
}

static void test_uefi(void **state)
{
	const char *why;

	(void)state;
	bios_start(&memory, true);
	assert_true(bios_present(NULL));
	assert_true(fake_log_has("bios: UEFI with a BIOS beside it"));
	set_vector(0x12, 0, 0);
	bios_start(&memory, true);
	assert_false(bios_present(&why));
	assert_non_null(strstr(why, "UEFI"));
}

static void test_no_room(void **state)
{
	const char *why;

	(void)state;
	assert_int_equal(memory_claim(&memory, 0, LOW_END, OWNER_MODULE, "module"), ERR_OK);
	bios_start(&memory, false);
	assert_false(bios_present(&why));
	assert_string_equal(why, "no room below 640 KiB for the real-mode code");
}

static void test_buffers(void **state)
{
	paddr_t buffer, second;

	(void)state;
	bios_start(&memory, false);
	memset(fake_ram + 0x1000, 0x55, LOW_END - 0x1000);
	assert_int_equal(bios_buffer(KIB(64), &buffer), ERR_OK);
	assert_int_equal(buffer, 0x80000);
	assert_int_equal(bios_linear(bios_segment(buffer), bios_offset(buffer)), buffer);
	for (u32 i = 0; i < KIB(64); i++)
		assert_int_equal(fake_ram[buffer + i], 0);
	assert_int_equal(bios_buffer(512, &second), ERR_OK);
	assert_int_equal(second, fake_bios_page - PAGE_SIZE);
	bios_release(buffer);
	bios_release(second);
	assert_int_equal(bios_buffer(KIB(64) + 1, &buffer), ERR_OK);
	assert_int_equal(buffer, fake_bios_page - KIB(64) - PAGE_SIZE);
	assert_int_equal(bios_buffer(MIB(1), &second), ERR_NO_ROOM);
	assert_int_equal(bios_buffer(0, &second), ERR_VALUE);
}

static void test_low(void **state)
{
	u8 bytes[4] = { 1, 2, 3, 4 };

	(void)state;
	bios_start(&memory, false);
	fake_ram[0x413] = 0x7f;
	assert_true(bios_low_read(0x413, bytes, 1));
	assert_int_equal(bytes[0], 0x7f);
	assert_false(fake_low_open);
	assert_true(bios_low_write(PAGE_SIZE - 4, bytes, 4));
	assert_memory_equal(fake_ram + PAGE_SIZE - 4, bytes, 4);
	fake_ram[0] = 0x5a;
	assert_true(bios_low_read(0, bytes, 1));
	assert_int_equal(bytes[0], 0x5a);
	assert_true(bios_low_write(0, bytes + 1, 2));
	assert_memory_equal(fake_ram, bytes + 1, 2);
	assert_false(fake_low_open);
	assert_false(bios_low_read(PAGE_SIZE - 3, bytes, 4));
	assert_false(bios_low_read(1, bytes, PAGE_SIZE));
	assert_false(bios_low_write(0xffffffff, bytes, 2));
}

static void test_texts(void **state)
{
	(void)state;
	assert_string_equal(bios_error_text(0x13, 0x31), "no medium in the drive");
	assert_string_equal(bios_error_text(0x15, 0x86), "function not supported");
	assert_string_equal(bios_error_text(0x10, 0x31), "error without a known name");
	assert_string_equal(bios_error_text(0x13, 0x99), "error without a known name");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_calls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_vectors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_uefi, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_buffers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_low, setup, teardown),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
