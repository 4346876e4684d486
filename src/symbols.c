/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Names for addresses. Part of the control pages too: no static data, no calls outside this file. */
#include "symbols.h"

/* A short label in a long function: how many entries before the nearest may hold an address as well. */
#define ENCLOSING_LIMIT 16u

/* Adler's two sums without the modulo: order matters, and a page of zeros does not go unseen. */
u32 symbols_sum(const void *table, u32 size)
{
	const u8 *bytes = table;
	u32 a = 1, b = 0;

	for (u32 i = sizeof(struct symbols); i < size; i++) {
		a += bytes[i];
		b += a;
	}
	return a ^ b << 7 ^ b >> 25;
}

/* The names end in the block's last byte: with that one zero, no name runs out of it. */
bool symbols_are_whole(const void *table, u32 size)
{
	const struct symbols *header = table;

	if (!table || size < sizeof(*header) || header->magic != SYMBOLS_MAGIC || header->size != size)
		return false;
	if (!header->count || header->count > (size - sizeof(*header)) / sizeof(struct symbol))
		return false;
	return !((const u8 *)table)[size - 1] && header->sum == symbols_sum(table, size);
}

/* How many entries start at or below `offset`. */
static u32 count_below(const struct symbol *entries, u32 count, u32 offset)
{
	u32 low = 0, high = count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (entries[middle].start <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool find_at(const struct symbols *header, u64 address, struct symbol_hit *hit)
{
	const struct symbol *entries = (const struct symbol *)(header + 1);
	u32 at, last;

	if (address - header->base > UINT32_MAX)
		return false;
	at = count_below(entries, header->count, (u32)(address - header->base));
	last = at > ENCLOSING_LIMIT ? at - ENCLOSING_LIMIT : 0;
	while (at-- > last) {
		u32 offset = (u32)(address - header->base) - entries[at].start;

		if (offset >= entries[at].size || entries[at].name >= header->size)
			continue;
		hit->name = (const char *)header + entries[at].name;
		hit->offset = offset;
		return true;
	}
	return false;
}

bool symbols_find(const void *table, u64 address, struct symbol_hit *hit)
{
	const struct symbols *header = table;

	return find_at(header, address, hit) || (header->alias && find_at(header, address - header->alias, hit));
}
