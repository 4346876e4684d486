/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "kho_radix.h"

#include "log.h"

/* A key has the bit of the order, this one for single pages, over the page number shifted by the order. */
#define KEY_ORDER_0 52
#define LEVELS 6
#define BITMAP_BITS 15			/* of a page: a level-0 page has that many places in log2 */
#define TABLE_BITS 9

static u32 log2_of(u64 value)
{
	return 63 - (u32)__builtin_clzll(value);
}

/*
 * Tables above a block's own: of level 4 there are three, as the order's bit alone chooses among them. A block has at most one of
 * each level below to itself. Each order is used twice at most, on the way up and on the way down.
 */
u32 kho_radix_pages(u64 size)
{
	u64 pages = align_up(size, PAGE_SIZE) / PAGE_SIZE;

	return pages ? (log2_of(pages) + 1) * 2 * (LEVELS - 2) : 0;
}

/* The page that entry `index` of a table leads to, a new one where there was none; NULL: none is left. */
static u64 *descend(struct kho_radix *radix, u64 *table, u32 index)
{
	if (!table[index]) {
		if (radix->count == radix->capacity)
			return NULL;
		table[index] = radix->dest + (u64)radix->count++ * PAGE_SIZE;
	}
	return (u64 *)(radix->pages + (size_t)(table[index] - radix->dest));
}

bool kho_radix_add_block(struct kho_radix *radix, paddr_t start, u32 order)
{
	u64 key = 1ull << (KEY_ORDER_0 - order) | start >> PAGE_SHIFT >> order;
	u32 place = (u32)key & ((1u << BITMAP_BITS) - 1);
	u64 *table = (u64 *)radix->pages;

	for (u32 level = LEVELS - 1; level && table; level--)
		table = descend(radix, table, (u32)(key >> (BITMAP_BITS + TABLE_BITS * (level - 1))) & ((1u << TABLE_BITS) - 1));
	if (!table)
		return false;
	((u8 *)table)[place / 8] |= (u8)(1u << place % 8);
	return true;
}

bool kho_radix_add(struct kho_radix *radix, paddr_t start, paddr_t end)
{
	u64 page = start / PAGE_SIZE, last = end / PAGE_SIZE;

	while (page < last) {
		u32 order = log2_of(last - page);

		if (page)
			order = (u32)min_u64(order, log2_of(page & -page));
		if (!kho_radix_add_block(radix, page << PAGE_SHIFT, order))
			return false;
		page += 1ull << order;
	}
	return true;
}

/* --- read --- */

static enum err refuse_table(paddr_t at, u32 level, const char *why)
{
	log_err("kho", "index: page 0x%llx of level %u %s", at, level, why);
	return ERR_VALUE;
}

static enum err visit(struct kho_radix_walk *walk, paddr_t at, u32 level)
{
	if (at & PAGE_MASK || at >= PADDR_LIMIT)
		return refuse_table(at, level, "has no page's address");
	if (walk->table_count++ == KHO_RADIX_TABLES_MAX)
		return refuse_table(at, level, "is one too many");
	if (!walk->page(walk->ctx, at))
		return refuse_table(at, level, "is out of reach");
	return walk->table(walk->ctx, at);
}

static enum err take_key(struct kho_radix_walk *walk, u64 key)
{
	u32 order = key && log2_of(key) <= KEY_ORDER_0 ? KEY_ORDER_0 - log2_of(key) : KEY_ORDER_0;
	paddr_t start = (key & ~(1ull << (KEY_ORDER_0 - order))) << order << PAGE_SHIFT;

	if (order + PAGE_SHIFT >= 64 || start >= PADDR_LIMIT || PADDR_LIMIT - start < kho_radix_block_size(order)) {
		log_err("kho", "index: key 0x%llx is no block below 0x%llx", key, PADDR_LIMIT);
		return ERR_VALUE;
	}
	if (walk->block_count++ == KHO_RADIX_BLOCKS_MAX) {
		log_err("kho", "index: more than %u blocks", KHO_RADIX_BLOCKS_MAX);
		return ERR_NO_ROOM;
	}
	return walk->block(walk->ctx, start, order);
}

static enum err walk_bitmap(struct kho_radix_walk *walk, paddr_t at, u64 path)
{
	const u64 *words = walk->page(walk->ctx, at);
	enum err err = ERR_OK;

	for (u32 i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		for (u64 bits = words[i]; bits && !err; bits &= bits - 1)
			err = take_key(walk, path | 64 * i | log2_of(bits & -bits));
	return err;
}

/* Recursion goes down the levels; a loop ends there, too. What `page` gave is gone when it comes back. */
static enum err walk_table(struct kho_radix_walk *walk, paddr_t at, u32 level, u64 path)
{
	enum err err = visit(walk, at, level);
	const u64 *table;

	if (err || !level)
		return err ? err : walk_bitmap(walk, at, path);
	table = walk->page(walk->ctx, at);
	for (u32 i = 0; i < 1u << TABLE_BITS && !err; i++) {
		if (!table[i])
			continue;
		err = walk_table(walk, table[i], level - 1, path | (u64)i << (BITMAP_BITS + TABLE_BITS * (level - 1)));
		table = walk->page(walk->ctx, at);
	}
	return err;
}

enum err kho_radix_walk(struct kho_radix_walk *walk, paddr_t root)
{
	walk->table_count = walk->block_count = 0;
	return walk_table(walk, root, LEVELS - 1, 0);
}
