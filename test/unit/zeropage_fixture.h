/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What a Linux loader leaves in memory: a zero page, a command line, setup_data; and the stub's readers, which are no
 * part of src/. Included once per program.
 */
#ifndef TEST_ZEROPAGE_FIXTURE_H
#define TEST_ZEROPAGE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../boot/linux/info.c"
#include "../../boot/linux/params.c"
#include "fake.h"

#define RAM KIB(128)
#define ZERO_PAGE 0x1000
#define COMMAND_LINE 0x3000
#define NODES 0x5000
#define INFO_AT 0x200000

static struct params params;

static inline u8 *ram(paddr_t at)
{
	return fake_ram + at;
}

static inline void poke(paddr_t at, u64 value, u32 size)
{
	memcpy(ram(at), &value, size);
}

static inline void poke_zp(u32 offset, u64 value, u32 size)
{
	poke(ZERO_PAGE + offset, value, size);
}

static inline void add_e820(u64 start, u64 size, u32 type)
{
	u32 count = ram(ZERO_PAGE)[ZP_E820_COUNT]++;
	u32 at = ZP_E820_TABLE + count * E820_ENTRY_SIZE;

	poke_zp(at, start, 8);
	poke_zp(at + 8, size, 8);
	poke_zp(at + 16, type, 4);
}

static inline void put_node(paddr_t at, paddr_t next, u32 type, u32 size)
{
	poke(at, next, 8);
	poke(at + 8, type, 4);
	poke(at + 12, size, 4);
}

/* A loader that says what it must: 1 MiB to 256 MiB is memory, and what lies below 640 KiB. */
static inline int setup(void **state)
{
	(void)state;
	fake_ram_init(RAM);
	fake_log_reset();
	add_e820(0, 0x9fc00, 1);
	add_e820(0xf0000, 0x10000, 2);
	add_e820(MIB(1), MIB(255), 1);
	poke_zp(HDR_CMD_LINE_PTR, COMMAND_LINE, 4);
	strcpy((char *)ram(COMMAND_LINE), "menu=plain");
	poke_zp(HDR_TYPE_OF_LOADER, 0xd0, 1);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	fake_ram_free();
	return 0;
}

static inline enum err read_params(void)
{
	return params_read(&params, ZERO_PAGE);
}

static inline void require_line(const char *line)
{
	if (fake_log_errors() != 1 || !fake_log_has(line))
		fail_msg("wanted \"%s\", got:\n%s", line, fake_log_text());
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
