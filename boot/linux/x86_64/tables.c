/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Page tables of the stub's own (Intel SDM vol. 3, 4.5): the loader's may lie where the shim goes. Two MiB pages,
 * which every processor with long mode has.
 */
#include <string.h>

#include "stub.h"

#define ENTRIES 512
#define TABLE_COUNT 16			/* five levels, four directories, and a way of their own for two more */
#define PRESENT_WRITE 0x3
#define LARGE 0x80
#define CR4_LA57 (1 << 12)

static u64 tables[TABLE_COUNT][ENTRIES] __attribute__((aligned(4096)));

struct pool {
	u32 used;
	u32 levels;
};

static u64 *take(struct pool *pool)
{
	return memset(tables[pool->used++], 0, sizeof(tables[0]));
}

/* The table under the entry, which is made if there is none. */
static u64 *descend(struct pool *pool, u64 *entry)
{
	if (!*entry)
		*entry = (uintptr_t)take(pool) | PRESENT_WRITE;
	return (u64 *)(uintptr_t)align_down(*entry, PAGE_SIZE);
}

static void map_gib(struct pool *pool, u64 gib)
{
	u64 *table = tables[0];

	for (u32 level = pool->levels; level > 2; level--)
		table = descend(pool, &table[gib >> 9 * (level - 3) & (ENTRIES - 1)]);
	for (u32 i = 0; i < ENTRIES; i++)
		table[i] = gib << 30 | MIB(2) * i | PRESENT_WRITE | LARGE;
}

void tables_take(paddr_t start, paddr_t end)
{
	struct pool pool = { 0 };
	u64 cr4;

	asm volatile("mov %%cr4, %0" : "=r"(cr4));
	pool.levels = cr4 & CR4_LA57 ? 5 : 4;
	(void)take(&pool);
	for (u64 gib = 0; gib < 4; gib++)
		map_gib(&pool, gib);
	for (u64 gib = start >> 30; gib <= (end - 1) >> 30; gib++)
		map_gib(&pool, gib);
	asm volatile("mov %0, %%cr3" : : "r"((uintptr_t)tables[0]) : "memory");
}
