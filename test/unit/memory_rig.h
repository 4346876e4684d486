/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the tests of claimed and taken memory share: one that is empty at first. Once per program. */
#ifndef TEST_MEMORY_RIG_H
#define TEST_MEMORY_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "memory.h"
#include "random.h"

#define PAGES 48
#define AT(n) ((paddr_t)(n) * PAGE_SIZE)
#define MUST(call) assert_int_equal(call, ERR_OK)

static struct memory memory;

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	fake_phys_limit = PADDR_LIMIT;
	memory_init(&memory);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	memory_free(&memory);
	return 0;
}

#endif
