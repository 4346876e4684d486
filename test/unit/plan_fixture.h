/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the tests of the planner share: a small memory, a plan, segments. */
#ifndef TRAPEZE_PLAN_FIXTURE_H
#define TRAPEZE_PLAN_FIXTURE_H

#include "fake.h"
#include "memory.h"
#include "plan.h"

#define PAGES(n) ((u64)(n) * PAGE_SIZE)
#define MUST(call) assert_int_equal(call, ERR_OK)
#define RAM 256u			/* pages: 1 MiB, all usable but pages 100 to 110 */

static struct memory memory;
static struct plan plan;

static int start(void **unused)
{
	(void)unused;
	fake_log_reset();
	fake_ram_init(PAGES(RAM));
	memory_init(&memory);
	MUST(memmap_add(&memory.map, 0, PAGES(RAM), MEM_USABLE));
	MUST(memmap_add(&memory.map, PAGES(100), PAGES(10), MEM_NVS));
	MUST(memmap_sanitise(&memory.map));
	plan_init(&plan);
	return 0;
}

static int stop(void **unused)
{
	(void)unused;
	plan_free(&plan);
	memory_free(&memory);
	fake_ram_free();
	return 0;
}

static struct plan_segment segment(enum plan_where where, u64 source, u64 size)
{
	return (struct plan_segment){
		.name = "part", .source = source, .file_size = size, .mem_size = size, .where = where,
		.align = PAGE_SIZE,
	};
}

static u32 add(const struct plan_segment *s)
{
	u32 index;

	MUST(plan_add(&plan, s, &index));
	return index;
}

static u32 add_fixed(const char *name, paddr_t dest, u64 size)
{
	struct plan_segment s = segment(PLAN_FIXED, 0, 0);

	s.name = name;
	s.dest = dest;
	s.mem_size = size;
	return add(&s);
}

/* One line, with these words in it. */
static void assert_refused(enum err got, enum err wanted, const char *words)
{
	assert_int_equal(got, wanted);
	assert_int_equal(fake_log_errors(), 1);
	if (!fake_log_has(words))
		fail_msg("the log says: %s", fake_log_text());
	fake_log_reset();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

#endif
