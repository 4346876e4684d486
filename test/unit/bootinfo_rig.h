/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the tests of the multiboot2 information share: a block to fill and what was read of it. Once per program. */
#ifndef TEST_BOOTINFO_RIG_H
#define TEST_BOOTINFO_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bootinfo.h"
#include "fake.h"
#include "mb2.h"

#define AT 0x9000

static struct mb2 block;
static struct bootinfo info;

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	mb2_open(&block);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bootinfo_free(&info);
	mb2_free(&block);
	return 0;
}

#endif
