/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the tests of the page list share: memory, a plan of fixed segments. */
#ifndef TRAPEZE_PAGELIST_FIXTURE_H
#define TRAPEZE_PAGELIST_FIXTURE_H

#include "fake.h"
#include "memory.h"
#include "model.h"
#include "pagelist.h"
#include "plan.h"

#define PAGES(n) ((u64)(n) * PAGE_SIZE)
#define MUST(call) assert_int_equal(call, ERR_OK)

static struct memory memory;
static struct plan plan;
/* Memory in which every word is another one, all of it usable. */
static void start(u64 pages, u64 seed)
{
	u32 *words;

	if (fake_ram_size != PAGES(pages))
		fake_ram_init(PAGES(pages));
	words = (u32 *)fake_ram;
	for (u64 i = 0; i < PAGES(pages) / sizeof(*words); i++)
		words[i] = (u32)(i * 2654435761u) ^ (u32)seed;
	memory_init(&memory);
	MUST(memmap_add(&memory.map, 0, PAGES(pages), MEM_USABLE));
	MUST(memmap_sanitise(&memory.map));
	plan_init(&plan);
}

static void stop(void)
{
	plan_free(&plan);
	memory_free(&memory);
}

static void add(paddr_t source, paddr_t dest, u64 file_size, u64 zero_size)
{
	struct plan_segment s = {
		.name = "part", .source = source, .dest = dest, .file_size = file_size, .zero_size = zero_size,
		.mem_size = file_size + zero_size, .where = PLAN_FIXED,
	};

	MUST(plan_add(&plan, &s, NULL));
}

#endif
