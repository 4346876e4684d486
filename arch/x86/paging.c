/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "paging.h"

#include <string.h>

#include "cpu.h"
#include "log.h"
#include "x86.h"

#define PTE_PRESENT 0x1ull
#define PTE_WRITE 0x2ull
#define PTE_UNCACHED 0x18ull		/* PWT and PCD: strong uncacheable, whatever the MTRRs say but WC (SDM vol. 3, 11.5.2) */
#define PTE_LARGE 0x80ull
#define PTE_NX (1ull << 63)
#define PTE_ADDRESS 0x000ffffffffff000ull

/* Each end of a range can cut a large page on two levels, and open a level above. */
#define TABLES_PER_RANGE 6

/* One level of tables: level 0 holds 4 KiB pages. */
struct level {
	u8 shift;			/* of the address bits that index it */
	u8 bits;
};

static const struct level levels_long[] = { { 12, 9 }, { 21, 9 }, { 30, 9 }, { 39, 9 } };
static const struct level levels_pae[] = { { 12, 9 }, { 21, 9 }, { 30, 2 } };
static const struct level levels_plain[] = { { 12, 10 }, { 22, 10 } };

static const struct level *levels_of(const struct paging *paging)
{
	return paging->format == PAGING_LONG ? levels_long : paging->format == PAGING_PAE ? levels_pae : levels_plain;
}

static unsigned int top_level(const struct paging *paging)
{
	return paging->format == PAGING_LONG ? 3 : paging->format == PAGING_PAE ? 2 : 1;
}

static u64 entry_read(const struct paging *paging, paddr_t table, u32 index)
{
	if (paging->format == PAGING_PLAIN)
		return ((const u32 *)(uintptr_t)table)[index];
	return ((const u64 *)(uintptr_t)table)[index];
}

static void entry_write(const struct paging *paging, paddr_t table, u32 index, u64 entry)
{
	if (paging->format == PAGING_PLAIN)
		((volatile u32 *)(uintptr_t)table)[index] = (u32)entry;
	else
		((volatile u64 *)(uintptr_t)table)[index] = entry;
}

static bool level_has_large(const struct paging *paging, unsigned int level)
{
	return (level == 1 && paging->large_pages) || (level == 2 && paging->format == PAGING_LONG && paging->gib_pages);
}

/* A leaf entry for the page at `address`. */
static u64 leaf(const struct paging *paging, u64 address, unsigned int level, u32 attributes)
{
	u64 entry = address | PTE_PRESENT;

	if (attributes & PAGING_NONE)
		return 0;
	if (level)
		entry |= PTE_LARGE;
	if (attributes & PAGING_WRITE)
		entry |= PTE_WRITE;
	if (attributes & PAGING_UNCACHED)
		entry |= PTE_UNCACHED;
	if (!(attributes & PAGING_EXECUTE) && paging->no_execute)
		entry |= PTE_NX;
	return entry;
}

/* An entry that leads to a table: the leaves decide. A PAE page-directory pointer has no write bit (SDM vol. 3, 4.4.1). */
static u64 link_entry(const struct paging *paging, paddr_t table, unsigned int level)
{
	bool is_pae_pointer = paging->format == PAGING_PAE && level == 2;

	return table | PTE_PRESENT | (is_pae_pointer ? 0 : PTE_WRITE);
}

static enum err table_new(struct paging *paging, paddr_t *table)
{
	if (paging->pool.next >= paging->pool.end) {
		log_err("paging", "no page left for a page table");
		return ERR_MEMORY;
	}
	*table = paging->pool.next;
	paging->pool.next += PAGE_SIZE;
	memset((void *)(uintptr_t)*table, 0, PAGE_SIZE);
	return ERR_OK;
}

/* The table below entry `index`, made (from the large page that was there, if any) when there is none. */
static enum err table_below(struct paging *paging, paddr_t table, u32 index, unsigned int level, paddr_t *below)
{
	const struct level *lower = &levels_of(paging)[level - 1];
	u64 entry = entry_read(paging, table, index);
	enum err err;

	if ((entry & PTE_PRESENT) && !(entry & PTE_LARGE)) {
		*below = entry & PTE_ADDRESS;
		return ERR_OK;
	}
	err = table_new(paging, below);
	if (err)
		return err;
	if (entry & PTE_PRESENT) {
		u64 part = level == 1 ? entry & ~PTE_LARGE : entry;

		for (u32 i = 0; i < 1u << lower->bits; i++)
			entry_write(paging, *below, i, part + ((u64)i << lower->shift));
	}
	entry_write(paging, table, index, link_entry(paging, *below, level));
	return ERR_OK;
}

/* Fill the entries for the whole pages of [start, end), which all lie in this table. */
static void map_leaves(struct paging *paging, paddr_t table, unsigned int level, u64 start, u64 end, u32 attributes)
{
	const struct level *l = &levels_of(paging)[level];
	u32 index = (start >> l->shift) & ((1u << l->bits) - 1), count = (u32)((end - start) >> l->shift);
	u64 entry = leaf(paging, start, level, attributes), step = entry ? 1ull << l->shift : 0;

	for (; count; index++, count--, entry += step)
		entry_write(paging, table, index, entry);
}

/* The end of those whole pages from `start` on that have entries in the same table; `start` when there is none. */
static u64 leaves_end(const struct level *l, u64 start, u64 end)
{
	u64 size = 1ull << l->shift, table_size = size << l->bits;

	return start & (size - 1) ? start : min_u64(align_down(end, size), align_down(start, table_size) + table_size);
}

/* Recursion goes down the levels: four deep at most. */
static enum err map_level(struct paging *paging, paddr_t table, unsigned int level, u64 start, u64 end, u32 attributes)
{
	const struct level *l = &levels_of(paging)[level];
	u64 size = 1ull << l->shift;

	while (start < end) {
		u32 index = (start >> l->shift) & ((1u << l->bits) - 1);
		u64 next = level == 0 || level_has_large(paging, level) ? leaves_end(l, start, end) : start;
		paddr_t below;
		enum err err;

		if (next > start) {
			map_leaves(paging, table, level, start, next, attributes);
		} else {
			next = min_u64(end, align_down(start, size) + size);
			err = table_below(paging, table, index, level, &below);
			if (!err)
				err = map_level(paging, below, level - 1, start, next, attributes);
			if (err)
				return err;
		}
		start = next;
	}
	return ERR_OK;
}

/* Grow the stretch that touches [start, end), or forget the smallest for it. */
static void know(struct paging *paging, paddr_t start, paddr_t end)
{
	struct paging_stretch *smallest = paging->known;

	for (u32 i = 0; i < ARRAY_COUNT(paging->known); i++) {
		struct paging_stretch *k = &paging->known[i];

		if (k->end && start <= k->end && k->start <= end) {
			*k = (struct paging_stretch){ min_u64(start, k->start), max_u64(end, k->end) };
			return;
		}
		if (k->end - k->start < smallest->end - smallest->start)
			smallest = k;
	}
	if (end - start > smallest->end - smallest->start)
		*smallest = (struct paging_stretch){ start, end };
}

/* What is left of a stretch on either side is still known. */
static void know_no_more(struct paging *paging, paddr_t start, paddr_t end)
{
	for (u32 i = 0; i < ARRAY_COUNT(paging->known); i++) {
		struct paging_stretch *k = &paging->known[i], whole = *k;

		if (!ranges_overlap(start, end, k->start, k->end))
			continue;
		*k = (struct paging_stretch){ 0, 0 };
		if (whole.start < start)
			know(paging, whole.start, start);
		if (end < whole.end)
			know(paging, end, whole.end);
	}
}

enum err paging_map(struct paging *paging, paddr_t start, paddr_t end, u32 attributes)
{
	enum err err;

	end = min_u64(end, BUILD_PADDR_LIMIT);
	if (start >= end)
		return ERR_OK;
	start = align_down(start, PAGE_SIZE);
	end = align_up(end, PAGE_SIZE);
	if (attributes & PAGING_NONE)
		know_no_more(paging, start, end);
	err = map_level(paging, paging->root, top_level(paging), start, end, attributes);
	if (!err && !(attributes & PAGING_NONE))
		know(paging, start, end);
	return err;
}

/* The end of the page that maps `address`, or 0 when none does. */
static u64 mapped_until(const struct paging *paging, u64 address)
{
	const struct level *levels = levels_of(paging);
	paddr_t table = paging->root;

	for (unsigned int level = top_level(paging);; level--) {
		u64 entry = entry_read(paging, table, (address >> levels[level].shift) & ((1u << levels[level].bits) - 1));

		if (!(entry & PTE_PRESENT))
			return 0;
		if (level == 0 || (entry & PTE_LARGE))
			return align_down(address, 1ull << levels[level].shift) + (1ull << levels[level].shift);
		table = entry & PTE_ADDRESS;
	}
}

bool paging_is_mapped(const struct paging *paging, paddr_t start, paddr_t end)
{
	if (start > end || end > BUILD_PADDR_LIMIT)
		return false;
	if (paging_knows(paging, start, end - start))
		return true;
	while (start < end) {
		start = mapped_until(paging, start);
		if (!start)
			return false;
	}
	return true;
}

/* The build meets the formats of its own processors: those of paging_init(). */
static bool has_small_pages_only(void)
{
	return !BUILD_IS_64 && !arch_features.has_pae && !cpu_features.has_pse;
}

u64 paging_pages_needed(paddr_t limit, u32 cuts)
{
	u64 gib = (min_u64(limit, BUILD_PADDR_LIMIT) + GIB(1) - 1) >> 30;
	/* Without large pages every page has an entry of its own, 4 MiB in a table. */
	u64 small = has_small_pages_only() ? gib * (GIB(1) / MIB(4)) : 0;

	/* The root, a pointer table each 512 GiB, a directory each GiB, and for each cut in a large page a directory and a table. */
	return 1 + (gib + 511) / 512 + gib + small + 2ull * cuts;
}

u64 paging_pages_for_map(const struct memmap *map, u32 cuts)
{
	bool has_gib = BUILD_IS_64 && arch_features.has_gib_pages;
	u64 pages = 1 + 2ull * cuts;

	for (u32 i = 0; i < map->count; i++) {
		u64 start = min_u64(map->ranges[i].start, BUILD_PADDR_LIMIT);
		u64 size = min_u64(map->ranges[i].end, BUILD_PADDR_LIMIT) - start;

		pages += TABLES_PER_RANGE + (size >> 39) + (has_gib ? 0 : size >> 30) + (has_small_pages_only() ? size >> 22 : 0);
	}
	return pages;
}

enum err paging_init(struct paging *paging, struct paging_pool pool)
{
	paging->pool = pool;
	memset(paging->known, 0, sizeof(paging->known));
	paging->format = BUILD_IS_64 ? PAGING_LONG : arch_features.has_pae ? PAGING_PAE : PAGING_PLAIN;
	paging->large_pages = paging->format != PAGING_PLAIN || cpu_features.has_pse;
	paging->gib_pages = arch_features.has_gib_pages;
	paging->no_execute = paging->format != PAGING_PLAIN && arch_features.has_nx;
	return table_new(paging, &paging->root);
}

void paging_load(const struct paging *paging)
{
	reg_t cr4 = read_cr4();

	if (paging->format == PAGING_PAE)
		cr4 |= CR4_PAE;
	if (paging->format == PAGING_PLAIN && paging->large_pages)
		cr4 |= CR4_PSE;
	write_cr4(cr4);
	if (paging->no_execute)
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	write_cr3((reg_t)paging->root);
	write_cr0(read_cr0() | CR0_PG | CR0_WP);
}
