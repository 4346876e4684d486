/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The first heap, where a kernel before has preserved memory: in scratch, or else anywhere, and without what it preserved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake.h"
#include "legacy.h"

#include "../../src/start.c"

static struct legacy legacy;
static struct machine machine;
static paddr_t heap;
static u64 size;

/* The shim and its heap, of which the tests' own malloc knows nothing. */
void arch_image_range(paddr_t *start, paddr_t *end)
{
	*start = LEGACY_SHIM;
	*end = LEGACY_SHIM_END;
}

enum err arch_paging_start(struct memory *memory)
{
	(void)memory;
	return ERR_OK;
}

void heap_add_region(void *start, size_t bytes)
{
	(void)start, (void)bytes;
}

void heap_set_grow(bool (*grow)(size_t bytes))
{
	(void)grow;
}

static int setup(void **state)
{
	(void)state;
	legacy_init(&legacy);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kho_in_drop(&machine.kho_in);
	legacy_free(&legacy);
	return 0;
}

static bool lies_in(paddr_t start, paddr_t end)
{
	return heap >= start && heap + size <= end;
}

static void find(paddr_t scratch, u64 scratch_size)
{
	legacy_finish(&legacy);
	handover_put(legacy_at(legacy.scratch_list), 0, 8, scratch);
	handover_put(legacy_at(legacy.scratch_list), 8, 8, scratch_size);
	memset(&machine, 0, sizeof(machine));
	machine.info = legacy.info;
	assert_int_equal(kho_in_find(&machine.kho_in, &machine.info), ERR_OK);
	assert_non_null(machine.kho_in.version);
	assert_int_equal(place_heap(&machine, &heap, &size), ERR_OK);
}

static void test_in_scratch(void **state)
{
	(void)state;
	legacy_preserve(&legacy, MIB(8), MIB(9));
	find(LEGACY_SCRATCH, LEGACY_SCRATCH_END - LEGACY_SCRATCH);
	assert_non_null(machine.kho_in.version);
	assert_true(lies_in(LEGACY_SCRATCH, LEGACY_SCRATCH_END));
	assert_false(lies_in(LEGACY_COPY, LEGACY_COPY + MIB(1)));
	assert_true(size >= HEAP_SIZE + kho_in_heap(&machine.kho_in));
}

/* The kernel after this one is told of nothing; the heap is as on a machine where nothing came. */
static void assert_lost(void)
{
	assert_null(machine.kho_in.version);
	assert_true(fake_log_has("no room for the heap in scratch bytes="));
	assert_int_equal(fake_log_errors(), 1);
	assert_true(lies_in(MIB(1), LEGACY_RAM));
	assert_false(ranges_overlap(heap, heap + size, LEGACY_COPY, LEGACY_COPY + MIB(1)));
	assert_int_equal(size, align_up(HEAP_SIZE + bootinfo_map_heap(&machine.info), PAGE_SIZE));
	fake_log_reset();
}

static void test_no_room_in_scratch(void **state)
{
	(void)state;
	for (paddr_t at = MIB(8); at < MIB(16); at += 2 * PAGE_SIZE)
		legacy_preserve(&legacy, at, at + PAGE_SIZE);
	find(LEGACY_SCRATCH, MIB(1) - PAGE_SIZE);
	assert_lost();
	find(GIB(4), MIB(64));
	assert_lost();
	find(LEGACY_COPY, MIB(1));
	assert_lost();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_scratch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_room_in_scratch, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
