/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "kho_radix.h"

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

static bool add_block(struct kho_radix *radix, u64 page, u32 order)
{
	u64 key = 1ull << (KEY_ORDER_0 - order) | page >> order;
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
		if (!add_block(radix, page, order))
			return false;
		page += 1ull << order;
	}
	return true;
}
