/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the tests of the multiboot loaders share: a machine, a kernel to put headers into, modules. Once per program. */
#ifndef TEST_MULTIBOOT_RIG_H
#define TEST_MULTIBOOT_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "multiboot.h"
#include "rig.h"

#define BASE 0x2000000u
/* Behind the program headers, before the text that rig_make_elf puts at 0x400. */
#define HEADER_AT 0x200u

static struct rig rig;
static u8 image[40000] __attribute__((aligned(16)));
static u32 image_size;
static const struct loader *loader;
static struct loader_part modules[2];
static struct manifest_image module_images[2];

static inline int setup(void **state)
{
	(void)state;
	rig_init(&rig, MIB(64));
	rig.request.modules = modules;
	memset(image, 0, sizeof(image));
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	loader->release(&rig.request);
	assert_int_equal(rig.memory.claim_count, rig.claims);
	rig_free(&rig);
	return 0;
}

static inline void restart(void)
{
	teardown(NULL);
	setup(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static inline void add_module(const char *name, const char *text, u32 size, u32 skew)
{
	u32 index = rig.request.module_count++, ramdisks = rig.request.ramdisk_count;

	rig_ramdisk(&rig, name, image, size, skew);
	modules[index].blob = rig.parts[ramdisks].blob;
	rig.request.ramdisk_count = ramdisks;
	module_images[index] = (struct manifest_image){ .name = name, .bootargs = text };
	modules[index].image = &module_images[index];
}

static inline void put32(u32 offset, u32 value)
{
	rig_patch(image, offset, 4, value);
}

static inline void use_image(void)
{
	rig_kernel(&rig, image, image_size);
}

static inline void finish(void)
{
	use_image();
	if (rig_finish(&rig, loader))
		fail_msg("%s", fake_log_text());
}

static inline void expect_error(const char *text)
{
	use_image();
	assert_int_not_equal(rig_place(&rig, loader), ERR_OK);
	if (!fake_log_has(text))
		print_error("no \"%s\" in\n%s", text, fake_log_text());
	assert_true(fake_log_has(text));
	assert_int_equal(fake_log_errors(), 1);
	restart();
}

/* What will lie at an address of the block. */
static inline const u8 *info_at(u64 address)
{
	const struct multiboot_state *state = multiboot_state(&rig.request);
	const struct plan_segment *segment = &rig.plan.segments[state->info_segment];

	assert_in_range(address, segment->dest, segment->dest + segment->file_size - 1);
	return state->info + (address - segment->dest);
}

static inline u64 read_at(const u8 *at, u32 offset, u32 bytes)
{
	u64 value = 0;

	while (bytes--)
		value = value << 8 | at[offset + bytes];
	return value;
}

#endif
