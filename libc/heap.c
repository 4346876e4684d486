/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "include/heap.h"

#define ALIGN ((size_t)16)
#define SEAL_USED ((uintptr_t)0x75a3c961u)
#define SEAL_FREE ((uintptr_t)0xf3ee5d17u)

/*
 * In front of every block, used or free; blocks lie one behind the other, and a used one of size 0 ends each region.
 * The seal binds address, size, link and state together: whatever is overwritten, it no longer fits.
 */
struct block {
	size_t size;			/* of the whole block, this header included */
	uintptr_t seal;
	struct block *next;		/* in a free block: the next free one by address; NULL in a used one */
} __attribute__((aligned(16)));

#define BLOCK_MIN (sizeof(struct block) + ALIGN)

static struct block *first_free;
static size_t total_size;
static bool (*grow_heap)(size_t size);

static uintptr_t seal_for(const struct block *block, uintptr_t state)
{
	return (uintptr_t)block ^ block->size ^ ((uintptr_t)block->next << 1) ^ state;
}

static void seal_block(struct block *block, size_t size, struct block *next, uintptr_t state)
{
	block->size = size;
	block->next = next;
	block->seal = seal_for(block, state);
}

static struct block *block_behind(struct block *block)
{
	return (struct block *)((char *)block + block->size);
}

static void require_state(const struct block *block, uintptr_t state, const char *why)
{
	if (block->seal != seal_for(block, state))
		heap_panic(why);
}

/* The header behind a block is where writing past its end shows. */
static void require_whole(struct block *block)
{
	const struct block *behind = block_behind(block);

	if (behind->seal != seal_for(behind, SEAL_USED) && behind->seal != seal_for(behind, SEAL_FREE))
		heap_panic("written past the end of a block");
}

/* The block behind `p`, which malloc gave. */
static struct block *used_block(void *p)
{
	struct block *block = (struct block *)p - 1;

	if ((uintptr_t)p % ALIGN)
		heap_panic("freed a pointer that malloc never gave");
	if (block->seal == seal_for(block, SEAL_FREE))
		heap_panic("freed twice");
	require_state(block, SEAL_USED, "freed a pointer that malloc never gave, or its header is overwritten");
	require_whole(block);
	return block;
}

/*
 * Neighbours become one block. The headers in its midst stay behind as they are, and tell a second free of what they were from a wild
 * pointer.
 */
static void put_free(struct block *block, size_t size)
{
	struct block *previous = NULL, *next;

	for (next = first_free; next && next < block; next = next->next) {
		require_state(next, SEAL_FREE, "free block overwritten");
		previous = next;
	}
	if (next && (char *)block + size == (char *)next) {
		require_state(next, SEAL_FREE, "free block overwritten");
		size += next->size;
		next = next->next;
	}
	seal_block(block, size, next, SEAL_FREE);
	if (!previous)
		first_free = block;
	else if (block_behind(previous) == block)
		seal_block(previous, previous->size + size, next, SEAL_FREE);
	else
		seal_block(previous, previous->size, block, SEAL_FREE);
}

void heap_add_region(void *start, size_t size)
{
	uintptr_t first, last;

	if (size < HEAP_REGION_MIN)
		return;
	first = ((uintptr_t)start + ALIGN - 1) & ~(ALIGN - 1);
	last = (((uintptr_t)start + size) & ~(ALIGN - 1)) - sizeof(struct block);
	seal_block((struct block *)last, 0, NULL, SEAL_USED);
	put_free((struct block *)first, last - first);
	total_size += last - first;
}

void heap_set_grow(bool (*grow)(size_t size))
{
	grow_heap = grow;
}

/* Take `size` bytes off a free block, from its end where enough remains to be a block of its own. */
static struct block *carve(struct block *block, struct block *previous, size_t size)
{
	size_t left = block->size - size;

	if (left >= BLOCK_MIN) {
		seal_block(block, left, block->next, SEAL_FREE);
		block = block_behind(block);
		seal_block(block, size, NULL, SEAL_USED);
		return block;
	}
	if (previous)
		seal_block(previous, previous->size, block->next, SEAL_FREE);
	else
		first_free = block->next;
	seal_block(block, block->size, NULL, SEAL_USED);
	return block;
}

static void *take_first_fit(size_t size)
{
	struct block *previous = NULL, *at;

	for (at = first_free; at; at = at->next) {
		require_state(at, SEAL_FREE, "free block overwritten");
		if (at->size >= size)
			return carve(at, previous, size) + 1;
		previous = at;
	}
	return NULL;
}

void *malloc(size_t size)
{
	size_t whole;
	void *p;

	if (__builtin_add_overflow(size, sizeof(struct block) + ALIGN - 1, &whole))
		return NULL;
	whole &= ~(ALIGN - 1);
	p = take_first_fit(whole);
	if (p || !grow_heap || whole > SIZE_MAX - HEAP_REGION_MIN)
		return p;
	return grow_heap(whole + HEAP_REGION_MIN) ? take_first_fit(whole) : NULL;
}

void *calloc(size_t count, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	p = malloc(bytes);
	return p ? memset(p, 0, bytes) : NULL;
}

void free(void *p)
{
	struct block *block;

	if (!p)
		return;
	block = used_block(p);
	put_free(block, block->size);
}

void *realloc(void *p, size_t size)
{
	size_t have;
	void *moved;

	if (!p)
		return malloc(size);
	have = used_block(p)->size - sizeof(struct block);
	if (size <= have)
		return p;
	moved = malloc(size);
	if (!moved)
		return NULL;
	memcpy(moved, p, have);
	free(p);
	return moved;
}

void heap_get_stats(struct heap_stats *stats)
{
	*stats = (struct heap_stats){ .total = total_size };
	for (const struct block *at = first_free; at; at = at->next) {
		stats->available += at->size;
		stats->free_blocks++;
		if (at->size - sizeof(*at) > stats->largest)
			stats->largest = at->size - sizeof(*at);
	}
}
