/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the tests of the ELF loader share: a machine and a file to patch. Once per program. */
#ifndef TEST_ELF_RIG_H
#define TEST_ELF_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <elf.h>

#include "rig.h"

#define BASE 0x2000000u

static struct rig rig;
static u8 image[RIG_ELF_SIZE] __attribute__((aligned(16)));

static inline int setup(void **state)
{
	(void)state;
	rig_init(&rig, MIB(64));
	rig.config.has_mode = false;
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	loader_elf.release(&rig.request);
	assert_int_equal(rig.memory.claim_count, rig.claims);
	rig_free(&rig);
	return 0;
}

static inline void restart(void)
{
	teardown(NULL);
	setup(NULL);
}

static inline Elf32_Ehdr *header_32(void)
{
	return (Elf32_Ehdr *)image;
}

static inline Elf64_Ehdr *header_64(void)
{
	return (Elf64_Ehdr *)image;
}

static inline Elf32_Phdr *segment_32(u32 index)
{
	return (Elf32_Phdr *)(image + sizeof(Elf32_Ehdr)) + index;
}

static inline Elf64_Phdr *segment_64(u32 index)
{
	return (Elf64_Phdr *)(image + sizeof(Elf64_Ehdr)) + index;
}

static inline enum err place(u64 size)
{
	rig_kernel(&rig, image, size);
	return rig_place(&rig, &loader_elf);
}

static inline void finish(void)
{
	rig_kernel(&rig, image, sizeof(image));
	assert_int_equal(rig_finish(&rig, &loader_elf), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
