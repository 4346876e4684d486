/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Maps, claims and information when malloc fails, and the heap that takes its memory from the very tables it grows for:
 * each failure is one line, nothing is lost or leaked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch.h"
#include "fake.h"
#include "mb2.h"
#include "memory.h"

static u32 calls_left;
static struct memory *grows_from;	/* where the heap takes memory before each allocation */
static u32 grown;

static void grow(void)
{
	static const struct memory_where where = { .min = MIB(1) };
	struct memory *memory = grows_from;
	paddr_t at;

	if (!memory)
		return;
	/* Once for each request, as heap_set_grow has it; the request for this one's own needs comes back here. */
	assert_int_equal(memory_alloc(memory, PAGE_SIZE, &where, OWNER_HEAP, "heap", &at), ERR_OK);
	grown++;
}

static void *try_malloc(size_t size)
{
	grow();
	if (!calls_left)
		return NULL;
	calls_left--;
	return malloc(size);
}

static void *try_calloc(size_t count, size_t size)
{
	if (!calls_left)
		return NULL;
	calls_left--;
	return calloc(count, size);
}

#define malloc try_malloc
#define calloc try_calloc
#include "../../src/memmap.c"
#undef FIRST_CAPACITY
#include "../../src/memory.c"
#include "../../src/bootinfo.c"
#include "../../src/bootinfo_map.c"
#include "../../src/cmdline.c"
#undef malloc
#undef calloc

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	fake_phys_limit = PADDR_LIMIT;
	calls_left = 1000000;
	grows_from = NULL;
	grown = 0;
	return 0;
}

static void require_one_line(const char *line)
{
	if (fake_log_errors() != 1 || !fake_log_has(line))
		fail_msg("wanted \"%s\", got:\n%s", line, fake_log_text());
}

static void test_map(void **state)
{
	struct memmap map, copy;

	(void)state;
	memmap_init(&map);
	calls_left = 1;
	for (u32 i = 0; i < 64; i++)
		assert_int_equal(memmap_add(&map, i * MIB(2), MIB(1), MEM_USABLE), ERR_OK);
	assert_int_equal(memmap_add(&map, 0, 1, MEM_BAD), ERR_MEMORY);
	require_one_line("memory: error: heap is full: no room for memory map ranges=128");
	fake_log_reset();
	assert_int_equal(memmap_copy(&copy, &map), ERR_MEMORY);
	assert_int_equal(memmap_sanitise(&map), ERR_MEMORY);
	assert_int_equal(memmap_mark(&map, 0, MIB(1), MEM_BAD), ERR_MEMORY);
	assert_int_equal(fake_log_errors(), 3);
	fake_log_reset();
	calls_left = 1;
	assert_int_equal(memmap_sanitise(&map), ERR_MEMORY);
	require_one_line("memory: error: heap is full: cannot sort memory map ranges=64");
	assert_int_equal(map.count, 64);
	for (u32 i = 0; i < 64; i++)
		assert_true(memmap_covers(&map, i * MIB(2), i * MIB(2) + MIB(1), MEM_USABLE));
	memmap_free(&map);
}

static void test_map_beyond_all_memory(void **state)
{
	struct memmap map;

	(void)state;
	memmap_init(&map);
	assert_int_equal(reserve(&map, UINT32_MAX / sizeof(struct mem_range) + 1), ERR_MEMORY);
	assert_int_equal(reserve(&map, 2 * (u64)UINT32_MAX), ERR_MEMORY);
	assert_int_equal(fake_log_errors(), 2);
}

static void test_claims(void **state)
{
	struct memory memory;
	paddr_t at;

	(void)state;
	memory_init(&memory);
	assert_int_equal(memmap_add(&memory.map, 0, GIB(1), MEM_USABLE), ERR_OK);
	calls_left = 0;
	assert_int_equal(memory_claim(&memory, 0, 1, OWNER_LOW, "low"), ERR_MEMORY);
	require_one_line("memory: error: heap is full: no room for claims=1");
	calls_left = 1;
	for (u32 i = 0; i < FIRST_CAPACITY; i++)
		assert_int_equal(memory_claim(&memory, i * MIB(1), i * MIB(1) + 1, OWNER_LOW, "low"), ERR_OK);
	fake_log_reset();
	assert_int_equal(memory_claim(&memory, GIB(1) - 1, GIB(1), OWNER_LOW, "low"), ERR_MEMORY);
	require_one_line("memory: error: heap is full: no room for claims=33");
	assert_int_equal(memory_alloc(&memory, 1, &(struct memory_where){ 0 }, OWNER_STAGE, "s", &at), ERR_MEMORY);
	assert_int_equal(memory.claim_count, FIRST_CAPACITY);
	assert_false(memory.growing);
	memory_free(&memory);
}

/* Each time the table grows the heap takes a page through that same table. */
static void test_heap_within_claims(void **state)
{
	static const struct memory_where anywhere;
	struct memory memory;
	paddr_t at, last = GIB(1), start;

	(void)state;
	memory_init(&memory);
	assert_int_equal(memmap_add(&memory.map, 0, GIB(1), MEM_USABLE), ERR_OK);
	assert_int_equal(memory_claim(&memory, 0, 1, OWNER_LOW, "low"), ERR_OK);
	grows_from = &memory;
	for (u32 i = 0; i < 2000; i++) {
		assert_int_equal(memory_alloc(&memory, PAGE_SIZE, &anywhere, OWNER_STAGE, "s", &at), ERR_OK);
		assert_true(at < last);
		last = at;
		start = MIB(1) + i * 0x3000;
		assert_int_equal(memory_claim(&memory, start, start + 1, OWNER_MODULE, "m"), ERR_OK);
	}
	assert_in_range(grown, 5, 20);
	assert_int_equal(memory.claim_count, 1 + 2000 + 2000 + grown);
	for (u32 i = 1; i < memory.claim_count; i++)
		assert_true(memory.claims[i - 1].end <= memory.claims[i].start);
	assert_int_equal(fake_log_errors(), 0);
	grows_from = NULL;
	memory_free(&memory);
}

/* A claim of a range that the heap takes a part of while the claim is being made. */
static void test_heap_takes_what_is_claimed(void **state)
{
	struct memory memory;

	(void)state;
	memory_init(&memory);
	assert_int_equal(memmap_add(&memory.map, MIB(1), MIB(1), MEM_USABLE), ERR_OK);
	for (u32 i = 0; i < FIRST_CAPACITY - SPARE_CLAIMS; i++) {
		paddr_t start = GIB(1) + i * MIB(1);

		assert_int_equal(memory_claim(&memory, start, start + 1, OWNER_LOW, "low"), ERR_OK);
	}
	grows_from = &memory;
	assert_int_equal(memory_claim(&memory, MIB(1), MIB(2), OWNER_MODULE, "m"), ERR_OK);
	assert_int_equal(grown, 1);
	assert_int_equal(memory.claim_count, FIRST_CAPACITY - SPARE_CLAIMS + 2);
	assert_true(memory.claims[0].start == MIB(1) && memory.claims[0].end == MIB(2) - PAGE_SIZE);
	assert_int_equal(memory.claims[0].owner, OWNER_MODULE);
	assert_true(memory.claims[1].end == MIB(2) && memory.claims[1].owner == OWNER_HEAP);
	grows_from = NULL;
	memory_free(&memory);
}

static void fill(struct mb2 *block)
{
	mb2_open(block);
	mb2_module(block, 0x100000, 0x200000, "a");
	mb2_text(block, 1, "x=1");
	mb2_begin_mmap(block);
	mb2_mmap(block, 0, MIB(8), 1);
	mb2_mmap(block, MIB(8), MIB(1), 2);
	mb2_end(block);
	mb2_begin_efi(block);
	mb2_efi(block, 7, 0, 2048, 0xf);
	mb2_efi(block, 0, MIB(8), 256, 0xf);
	mb2_end(block);
	mb2_close(block);
}

/* No room for the modules: everything else is understood. */
static void test_parse(void **state)
{
	struct bootinfo info;
	struct mb2 block;

	(void)state;
	fill(&block);
	calls_left = 0;
	assert_int_equal(bootinfo_parse(&info, block.data, 0x9000, block.size), ERR_MEMORY);
	require_one_line("multiboot2: error: heap is full: no room for modules=1, none is taken");
	assert_int_equal(info.module_count, 0);
	assert_string_equal(info.command_line, "x=1");
	assert_int_equal(info.mmap.size, 48);
	bootinfo_free(&info);
	mb2_free(&block);
}

/* Each allocation on the way to the memory map fails in turn, until none does. */
static void test_memory_map(void **state)
{
	struct bootinfo info;
	struct memmap map;
	struct mb2 block;
	enum err err;
	u32 calls = 0;

	(void)state;
	fill(&block);
	assert_int_equal(bootinfo_parse(&info, block.data, 0x9000, block.size), ERR_OK);
	do {
		fake_log_reset();
		calls_left = calls++;
		err = bootinfo_memory_map(&info, &map);
		assert_true(err == ERR_OK || err == ERR_MEMORY);
		assert_int_equal(fake_log_errors(), err ? 1 : 0);
		assert_int_equal(map.count, err ? 0 : 2);
		memmap_free(&map);
	} while (err);
	assert_int_equal(calls, 10);
	bootinfo_free(&info);
	mb2_free(&block);
}

static void test_command_line(void **state)
{
	(void)state;
	calls_left = 0;
	assert_null(cmdline_get("a=1", "a"));
	require_one_line("cmdline: error: heap is full: cannot read the command line bytes=4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_map, setup),
		cmocka_unit_test_setup(test_map_beyond_all_memory, setup),
		cmocka_unit_test_setup(test_claims, setup),
		cmocka_unit_test_setup(test_heap_within_claims, setup),
		cmocka_unit_test_setup(test_heap_takes_what_is_claimed, setup),
		cmocka_unit_test_setup(test_parse, setup),
		cmocka_unit_test_setup(test_memory_map, setup),
		cmocka_unit_test_setup(test_command_line, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
