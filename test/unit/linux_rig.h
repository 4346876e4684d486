/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What the tests of the Linux loader share: a machine, a kernel to patch, the way to its zero page. Once per program.
 */
#ifndef TEST_LINUX_RIG_H
#define TEST_LINUX_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <asm/bootparam.h>
#include <cmocka.h>

/* linux.h has the same number in other words. */
#undef XLF_KERNEL_64
#include "linux.h"
#include "rig.h"

#define CODE_SIZE 20000u
#define SMALL_RAM MIB(64)

static struct rig rig;
static u8 kernel[RIG_KERNEL_MAX];

static inline int setup(void **state)
{
	(void)state;
	rig_init(&rig, SMALL_RAM);
	return 0;
}

/* Whatever happened, the loader has given back all that it took. */
static inline int teardown(void **state)
{
	(void)state;
	loader_linux.release(&rig.request);
	assert_int_equal(rig.memory.claim_count, rig.claims);
	rig_free(&rig);
	return 0;
}

/* For the next round of a loop. */
static inline void restart(void)
{
	teardown(NULL);
	setup(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* A kernel of that protocol, planned and placed. */
static inline void place(u16 version)
{
	rig_kernel(&rig, kernel, rig_make_kernel(kernel, version, CODE_SIZE));
	assert_int_equal(rig_place(&rig, &loader_linux), ERR_OK);
}

/* What the test changed in the kernel, planned and placed. */
static inline enum err place_patched(void)
{
	rig_kernel(&rig, kernel, RIG_SETUP_SIZE + CODE_SIZE);
	return rig_place(&rig, &loader_linux);
}

static inline void expect_refusal(enum err got, enum err wanted, const char *message)
{
	if (got != wanted || !fake_log_has(message) || fake_log_errors() != 1)
		print_error("wanted %s and \"%s\", got %s and:\n%s\n", err_text(wanted), message, err_text(got),
			    fake_log_text());
	assert_int_equal(got, wanted);
	assert_true(fake_log_has(message));
	assert_int_equal(fake_log_errors(), 1);
}

/* What the test changed in the kernel, all the way to the finished zero page. */
static inline const struct boot_params *finish(void)
{
	rig_kernel(&rig, kernel, RIG_SETUP_SIZE + CODE_SIZE);
	assert_int_equal(rig_finish(&rig, &loader_linux), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
	return (const struct boot_params *)rig_bytes(rig_segment(&rig, "boot parameters"));
}

static inline const struct boot_params *finish_version(u16 version)
{
	rig_make_kernel(kernel, version, CODE_SIZE);
	return finish();
}

/* The bytes at a destination address that some segment brings. */
static inline const void *delivered(paddr_t address)
{
	for (u32 i = 0; i < rig.plan.segment_count; i++) {
		const struct plan_segment *segment = &rig.plan.segments[i];

		if (address >= segment->dest && address - segment->dest < segment->file_size)
			return rig_bytes(segment) + (address - segment->dest);
	}
	fail_msg("no segment brings 0x%llx", address);
	return NULL;
}

/* Entries of the memory map up to `count` in all, each a page, with a hole behind. */
static inline void fill_map(u32 count)
{
	for (u32 i = rig.memory.map.count; i < count; i++)
		assert_int_equal(memmap_add(&rig.memory.map, GIB(8) + i * 0x2000ull, 0x1000, i % 2 ? 1 : 2), ERR_OK);
	assert_int_equal(rig.memory.map.count, count);
}

static const u8 efi_map[96] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static inline void give_efi(void)
{
	rig.info.has_efi64_table = true;
	rig.info.efi_table = 0x87654321000;
	rig.info.efi_map = (struct boot_blob){ efi_map, sizeof(efi_map) };
	rig.info.efi_desc_size = 48;
	rig.info.efi_desc_version = 1;
}

static inline void give_screen(u8 type)
{
	rig.info.framebuffer = (struct boot_framebuffer){
		.present = true,
		.addr = 0xfd000000,
		.pitch = 4096,
		.width = 1024,
		.height = 768,
		.bpp = 32,
		.type = type,
		.red_pos = 16,
		.red_size = 8,
		.green_pos = 8,
		.green_size = 8,
		.blue_pos = 0,
		.blue_size = 8,
	};
}

#endif
