/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the tests of maps out of the information block share: a block to fill, and what was understood of it. Once per program. */
#ifndef TEST_BOOTINFO_FIXTURE_H
#define TEST_BOOTINFO_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bootinfo.h"
#include "fake.h"
#include "mb2.h"
#include "random.h"

#define AT 0x9000
#define SP 0x40000

static struct mb2 block;
static struct bootinfo info;
static struct memmap map;

static inline enum err early_region(const struct bootinfo *from, u64 size, paddr_t avoid, paddr_t avoid_end, paddr_t *at)
{
	const struct range range = { avoid, avoid_end };
	const struct early_where where = { .avoid = &range, .avoid_count = 1 };

	return bootinfo_early_region(from, size, &where, at);
}

static inline int setup(void **state)
{
	(void)state;
	fake_log_reset();
	mb2_open(&block);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	memmap_free(&map);
	bootinfo_free(&info);
	mb2_free(&block);
	return 0;
}

static inline void parse(void)
{
	mb2_close(&block);
	assert_int_equal(bootinfo_parse(&info, block.data, AT, block.size), ERR_OK);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
