/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* For tests of page tables: all formats, the processor's walk (Intel SDM vol. 3, 4.3 to 4.6). Once per program. */
#ifndef TEST_PAGING_FIXTURE_H
#define TEST_PAGING_FIXTURE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "fake.h"

#include "../../arch/x86/paging.c"

/* Table pages lie below 4 GiB, where the 32-bit formats can name them. */
#define POOL_START 0x50000000u
#define POOL_PAGES 8192u
#define POOL_END (POOL_START + POOL_PAGES * PAGE_SIZE)

struct cpu_features cpu_features;

/* One way to page. The first word of the name is the format. */
struct way {
	const char *name;
	enum paging_format format;
	bool large, gib, nx;
	u64 limit;			/* of linear addresses */
};

static const struct way ways[] = {
	{ "long, 1 GiB pages, nx", PAGING_LONG, true, true, true, BUILD_PADDR_LIMIT },
	{ "long, 1 GiB pages", PAGING_LONG, true, true, false, BUILD_PADDR_LIMIT },
	{ "long, nx", PAGING_LONG, true, false, true, BUILD_PADDR_LIMIT },
	{ "long", PAGING_LONG, true, false, false, BUILD_PADDR_LIMIT },
	{ "pae, nx", PAGING_PAE, true, false, true, GIB(4) - PAGE_SIZE },
	{ "pae", PAGING_PAE, true, false, false, GIB(4) - PAGE_SIZE },
	{ "plain, 4 MiB pages", PAGING_PLAIN, true, false, false, GIB(4) - PAGE_SIZE },
	{ "plain", PAGING_PLAIN, false, false, false, GIB(4) - PAGE_SIZE },
};

static inline int map_pool(void **state)
{
	void *wanted = (void *)(uintptr_t)POOL_START;
	void *pool = mmap(wanted, POOL_END - POOL_START, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	(void)state;
	return pool == wanted ? 0 : -1;
}

/* Empty tables; memory that was used before, so that pages are not zero by chance. */
static inline struct paging start(const struct way *way, u32 pages)
{
	const struct paging_pool pool = { POOL_START, POOL_START + (u64)pages * PAGE_SIZE };
	struct paging paging;

	memset((void *)(uintptr_t)POOL_START, 0xa5, PAGE_SIZE * min_u64(pages, 64));
	arch_features.has_gib_pages = way->gib;
	assert_int_equal(paging_init(&paging, pool), ERR_OK);
	paging.format = way->format;
	paging.large_pages = way->large;
	paging.gib_pages = way->gib;
	paging.no_execute = way->nx;
	return paging;
}

/* --- the processor's walk --- */

struct translation {
	bool present, write, execute, uncached;
	u64 address, page_size;
};

static inline u64 fetch(const struct way *way, u64 table, u64 index)
{
	assert_in_range(table, POOL_START, POOL_END - PAGE_SIZE);
	assert_int_equal(table % PAGE_SIZE, 0);
	if (way->format == PAGING_PLAIN)
		return ((const u32 *)(uintptr_t)table)[index];
	return ((const u64 *)(uintptr_t)table)[index];
}

/* A bit that must be zero raises a page fault on real hardware. `shift` is that of the page: 12, 21, 22, 30. */
static inline void check_reserved(const struct way *way, u64 entry, bool is_leaf, unsigned int shift)
{
	u64 reserved = way->format == PAGING_PLAIN ? 0 : 0x7ff0000000000000;

	if (!way->nx)
		reserved |= 1ull << 63;
	if (is_leaf)
		reserved |= ((1ull << shift) - 1) & ~0x1fffull;
	if (way->format == PAGING_PLAIN)
		reserved &= 0xffffffff;
	/* Bit 12 of a large page's entry is PAT, and cached differently is wrong here. */
	if (is_leaf && shift > 12)
		reserved |= 0x1000;
	assert_int_equal(entry & reserved, 0);
	/* For supervisor only, not global; tables cached as firmware set it, and pages too, or not at all. */
	assert_int_equal(entry & (0x4 | 0x100), 0);
	assert_true(!(entry & 0x18) || (is_leaf && (entry & 0x18) == 0x18));
}

static inline struct translation walk(const struct way *way, const struct paging *paging, u64 address)
{
	static const unsigned int shifts[][4] = {
		[PAGING_LONG] = { 39, 30, 21, 12 }, [PAGING_PAE] = { 30, 21, 12 }, [PAGING_PLAIN] = { 22, 12 },
	};
	const unsigned int *shift = shifts[way->format];
	struct translation t = { .present = true, .write = true, .execute = true };
	u64 table = paging->root;

	for (;; shift++) {
		bool is_pdpte = way->format == PAGING_PAE && *shift == 30;
		u64 mask = is_pdpte ? 3 : way->format == PAGING_PLAIN ? 0x3ff : 0x1ff;
		u64 entry = fetch(way, table, address >> *shift & mask);
		bool is_large = (*shift == 30 && way->gib) || *shift == 21 || (*shift == 22 && way->large);
		bool is_leaf = *shift == 12 || (is_large && (entry & 0x80));

		if (!(entry & 1))
			return (struct translation){ .page_size = 1ull << *shift };
		check_reserved(way, entry, is_leaf, *shift);
		if (is_pdpte) {
			/* Table 4-8: only P, PWT, PCD and the address. */
			assert_int_equal(entry & 0x80000000000001e6, 0);
		} else {
			t.write &= entry >> 1 & 1;
			t.execute &= !(entry >> 63);
		}
		if (is_leaf) {
			t.uncached = entry & 0x18;
			t.page_size = 1ull << *shift;
			t.address = (entry & 0xffffffffff000 & ~(t.page_size - 1)) | (address & (t.page_size - 1));
			return t;
		}
		/* Where a large page cannot be, its bit is reserved or ignored: it must not be set. */
		assert_int_equal(entry & 0x80, 0);
		table = entry & 0xffffffffff000;
	}
}

#endif
