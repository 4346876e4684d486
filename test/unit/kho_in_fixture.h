/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the tests of a handover that came share: a kernel that went before, and what is found of it. Once per program. */
#ifndef TEST_KHO_IN_FIXTURE_H
#define TEST_KHO_IN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "kho_in.h"
#include "legacy.h"

#define MUST(call) assert_int_equal(call, ERR_OK)

static struct legacy legacy;
static struct kho_in in;

static inline int setup(void **state)
{
	(void)state;
	legacy_init(&legacy);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	kho_in_drop(&in);
	legacy_free(&legacy);
	return 0;
}

static inline void restart(void)
{
	teardown(NULL);
	setup(NULL);
}

static inline void take(void)
{
	legacy_finish(&legacy);
	MUST(kho_in_find(&in, &legacy.info));
	assert_non_null(in.version);
	MUST(kho_in_claim(&in, &legacy.memory));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
