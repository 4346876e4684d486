/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The shim's heap: what it hands out, what it joins again, and what damage it notices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libc_rename.h"
#include "../../libc/heap.c"
#include "libc_restore.h"

void *shim_memcpy(void *restrict to, const void *restrict from, size_t size)
{
	return memcpy(to, from, size);
}

void *shim_memset(void *to, int byte, size_t size)
{
	return memset(to, byte, size);
}

static unsigned char arena[64 * 1024] __attribute__((aligned(16)));
static const char *panicked;
static jmp_buf panic_out;

_Noreturn void heap_panic(const char *why)
{
	panicked = why;
	longjmp(panic_out, 1);
}

/* Runs `statement` and demands that it panics with that text. */
#define assert_panics(statement, text) do { \
	panicked = NULL; \
	if (!setjmp(panic_out)) { \
		statement; \
	} \
	assert_non_null(panicked); \
	assert_non_null(strstr(panicked, text)); \
} while (0)

static int fresh_heap(void **state)
{
	(void)state;
	first_free = NULL;
	total_size = 0;
	heap_set_grow(NULL);
	memset(arena, 0xee, sizeof(arena));
	heap_add_region(arena, sizeof(arena) / 2);
	return 0;
}

static struct heap_stats stats_now(void)
{
	struct heap_stats stats;

	heap_get_stats(&stats);
	return stats;
}

static void test_region(void **state)
{
	struct heap_stats stats = stats_now();

	(void)state;
	assert_int_equal(stats.total, sizeof(arena) / 2 - sizeof(struct block));
	assert_int_equal(stats.available, stats.total);
	assert_int_equal(stats.free_blocks, 1);
	heap_add_region(arena + sizeof(arena) / 2, HEAP_REGION_MIN - 1);
	assert_int_equal(stats_now().total, stats.total);
	heap_add_region(arena + sizeof(arena) / 2 + 1, HEAP_REGION_MIN);
	assert_int_equal(stats_now().free_blocks, 2);
	assert_true(stats_now().total > stats.total);
}

static void test_alignment_and_zero(void **state)
{
	void *none = shim_malloc(0), *also = shim_malloc(0);
	unsigned char *zero;

	(void)state;
	assert_non_null(none);
	assert_ptr_not_equal(none, also);
	for (size_t size = 0; size < 100; size++) {
		void *p = shim_malloc(size);

		assert_int_equal((uintptr_t)p % 16, 0);
		memset(p, 0x11, size);
	}
	zero = shim_calloc(7, 9);
	for (size_t i = 0; i < 63; i++)
		assert_int_equal(zero[i], 0);
	shim_free(NULL);
}

static void test_too_much(void **state)
{
	volatile size_t most = SIZE_MAX;

	(void)state;
	assert_null(shim_malloc(most));
	assert_null(shim_malloc(most - 64));
	assert_null(shim_calloc(most / 2, 3));
	assert_null(shim_malloc(sizeof(arena)));
	assert_null(shim_calloc(1, sizeof(arena)));
	assert_non_null(shim_malloc(stats_now().largest));
	assert_int_equal(stats_now().available, 0);
	assert_null(shim_malloc(0));
}

/* Whatever the order, what was freed is one block again. */
static void test_joins(void **state)
{
	static const unsigned int orders[6][3] = { {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0} };
	size_t available = stats_now().available;
	void *p[3];

	(void)state;
	for (size_t order = 0; order < 6; order++) {
		for (size_t i = 0; i < 3; i++)
			p[i] = shim_malloc(100);
		for (size_t i = 0; i < 3; i++)
			shim_free(p[orders[order][i]]);
		assert_int_equal(stats_now().free_blocks, 1);
		assert_int_equal(stats_now().available, available);
	}
}

static void test_resize(void **state)
{
	char *p = shim_realloc(NULL, 10), *q;
	volatile size_t most = SIZE_MAX;

	(void)state;
	memcpy(p, "123456789", 10);
	assert_ptr_equal(shim_realloc(p, 5), p);
	q = shim_realloc(p, 1000);
	assert_ptr_not_equal(q, p);
	assert_string_equal(q, "123456789");
	assert_null(shim_realloc(q, most));
	assert_string_equal(q, "123456789");
	shim_free(q);
	assert_int_equal(stats_now().free_blocks, 1);
}

static unsigned int grow_calls;
static size_t grow_asked;
static bool grow_gives;

static bool grow(size_t size)
{
	grow_calls++;
	grow_asked = size;
	if (grow_gives)
		heap_add_region(arena + sizeof(arena) / 2 + 8, size);
	return grow_gives;
}

static void test_grow(void **state)
{
	size_t size = stats_now().largest + 1;

	(void)state;
	heap_set_grow(grow);
	grow_calls = 0;
	grow_gives = false;
	assert_null(shim_malloc(size));
	assert_int_equal(grow_calls, 1);
	assert_true(grow_asked >= size);
	grow_gives = true;
	assert_non_null(shim_malloc(20000));
	assert_int_equal(grow_calls, 1);
	assert_non_null(shim_malloc(20000));
	assert_int_equal(grow_calls, 2);
	assert_null(shim_malloc(SIZE_MAX - 128));
	assert_int_equal(grow_calls, 2);
}

static void test_wrong_free(void **state)
{
	char *p = shim_malloc(32), *q = shim_malloc(32);
	static char foreign[64] __attribute__((aligned(16)));

	(void)state;
	assert_panics(shim_free(p + 8), "malloc never gave");
	assert_panics(shim_free(p + 16), "malloc never gave");
	assert_panics(shim_free(foreign + 32), "malloc never gave");
	assert_panics(shim_realloc(foreign + 32, 5), "malloc never gave");
	shim_free(q);
	assert_panics(shim_free(q), "freed twice");
	shim_free(p);
	assert_panics(shim_free(p), "freed twice");
	assert_panics(shim_free(q), "freed twice");
	assert_panics(shim_realloc(q, 5), "freed twice");
}

static void test_overrun(void **state)
{
	char *p = shim_malloc(32), *q = shim_malloc(32);

	(void)state;
	q[32] ^= 1;
	assert_panics(shim_free(q), "past the end");
	q[32] ^= 1;
	p[-1] ^= 1;
	p[-(int)sizeof(struct block)] ^= 1;
	assert_panics(shim_free(p), "header is overwritten");
}

/* Blocks are cut from the end of free memory: p lies above q, r below. */
static void test_damaged_free_block(void **state)
{
	char *p = shim_malloc(32), *q = shim_malloc(32), *r = shim_malloc(32);
	struct block *header = (struct block *)q - 1;

	(void)state;
	shim_free(q);
	header->next = (struct block *)(uintptr_t)0x1230;
	assert_panics(shim_malloc(sizeof(arena)), "free block overwritten");
	assert_panics(shim_free(p), "free block overwritten");
	assert_panics(shim_free(r), "past the end");
}

/* Thousands of random requests: nobody's bytes are touched by others, and in the end all is one block. */
static void test_random(void **state)
{
	static struct { unsigned char *p; size_t size; unsigned char mark; } live[64];
	size_t available = stats_now().available;
	unsigned int seed = 7;

	(void)state;
	for (unsigned int round = 0; round < 20000; round++) {
		unsigned int slot, size;

		seed = seed * 1103515245 + 12345;
		slot = seed >> 16 & 63;
		size = seed >> 8 & 0x3ff;
		for (size_t i = 0; i < live[slot].size; i++)
			assert_int_equal(live[slot].p[i], live[slot].mark);
		if (live[slot].p && (seed & 0x80)) {
			shim_free(live[slot].p);
			live[slot].p = NULL;
		} else {
			unsigned char *p = shim_realloc(live[slot].p, size);

			if (!p)
				continue;
			live[slot].p = p;
		}
		live[slot].size = live[slot].p ? size : 0;
		live[slot].mark = (unsigned char)round;
		memset(live[slot].p ? live[slot].p : arena + sizeof(arena) - 1, (unsigned char)round, live[slot].size);
	}
	for (unsigned int slot = 0; slot < 64; slot++)
		shim_free(live[slot].p);
	assert_int_equal(stats_now().free_blocks, 1);
	assert_int_equal(stats_now().available, available);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_region, fresh_heap),
		cmocka_unit_test_setup(test_alignment_and_zero, fresh_heap),
		cmocka_unit_test_setup(test_too_much, fresh_heap),
		cmocka_unit_test_setup(test_joins, fresh_heap),
		cmocka_unit_test_setup(test_resize, fresh_heap),
		cmocka_unit_test_setup(test_grow, fresh_heap),
		cmocka_unit_test_setup(test_wrong_free, fresh_heap),
		cmocka_unit_test_setup(test_overrun, fresh_heap),
		cmocka_unit_test_setup(test_damaged_free_block, fresh_heap),
		cmocka_unit_test_setup(test_random, fresh_heap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
