/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the tests of the memory map share. */
#ifndef TEST_MEMMAP_FIXTURE_H
#define TEST_MEMMAP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "memory.h"

#define MUST(call) assert_int_equal(call, ERR_OK)

static inline void require_sanitised(const struct memmap *map)
{
	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *r = &map->ranges[i];

		assert_true(r->start < r->end);
		assert_true(r->end <= PADDR_LIMIT);
		if (i) {
			assert_true(r[-1].end <= r->start);
			assert_false(r[-1].end == r->start && r[-1].type == r->type);
		}
	}
}

#endif
