/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Identity-mapping page tables in every format the two builds meet: 4-level (long mode), PAE and plain 32-bit. Sources:
 * Intel SDM vol. 3, 4.3 to 4.5.
 */
#ifndef TRAPEZE_PAGING_H
#define TRAPEZE_PAGING_H

#include "error.h"
#include "memory.h"
#include "types.h"

enum paging_format { PAGING_LONG, PAGING_PAE, PAGING_PLAIN };

#define PAGING_WRITE 0x1u
#define PAGING_EXECUTE 0x2u
#define PAGING_UNCACHED 0x4u		/* device registers */
#define PAGING_NONE 0x80u		/* take the mapping away */

/* Where table pages come from: taken in order from one block. */
struct paging_pool {
	paddr_t next, end;
};

/* [start, end), mapped without a gap, in the build's own words: what it maps it reaches. end 0: none. */
struct paging_stretch {
	uintptr_t start, end;
};

struct paging {
	enum paging_format format;
	bool large_pages;		/* 2 or 4 MiB */
	bool gib_pages;
	bool no_execute;
	paddr_t root;
	struct paging_pool pool;
	/* Of what is mapped, the largest stretches, in no order: where one of them answers, no table is read. */
	struct paging_stretch known[4];
};

/*
 * Start empty tables of the best format that build and processor have. `pool` must give as many pages as will be needed.
 */
enum err paging_init(struct paging *paging, struct paging_pool pool) MUST_CHECK;
/*
 * An upper bound for the number of table pages that mapping [0, limit) as one range can take, with `cuts` edges inside large
 * pages: its own end, and both ends of each piece with other attributes.
 */
u64 paging_pages_needed(paddr_t limit, u32 cuts);
/* The same for mapping each range of a sanitised map. */
u64 paging_pages_for_map(const struct memmap *map, u32 cuts);
/* Map [start, end), rounded outwards to pages, 1:1 with these attributes; what was there is replaced. */
enum err paging_map(struct paging *paging, paddr_t start, paddr_t end, u32 attributes) MUST_CHECK;
/* Is every byte of [start, end) mapped? */
bool paging_is_mapped(const struct paging *paging, paddr_t start, paddr_t end);
/* The same of [start, start + size), whatever the numbers are, without a look at the tables: false says nothing. */
static inline bool paging_knows(const struct paging *paging, uintptr_t start, uintptr_t size)
{
	for (u32 i = 0; i < ARRAY_COUNT(paging->known); i++) {
		const struct paging_stretch *k = &paging->known[i];

		if (start >= k->start && start < k->end && size <= k->end - start)
			return true;
	}
	return false;
}

/* The shim's own tables; no root before arch_paging_start(). */
extern struct paging shim_paging;
/*
 * Make [start, end), a device's registers, reachable and uncached. Before arch_paging_start() the mapping goes into the start
 * code's tables, and is not taken over.
 */
enum err paging_reach(paddr_t start, paddr_t end) MUST_CHECK;
/* Load CR3 and the control bits that the format needs. */
void paging_load(const struct paging *paging);

#endif
