/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The tree by which Linux's kexec handover tells the next kernel which memory is to be left alone
 * (include/linux/kho/abi/kexec_handover.h, "KHO persistent memory tracker"): six levels of pages, tables of physical
 * addresses and bitmaps at the bottom, looked up by a key out of a block's address and order.
 */
#ifndef TRAPEZE_KHO_RADIX_H
#define TRAPEZE_KHO_RADIX_H

#include "error.h"
#include "types.h"

/* --- made --- */

/* Composed in zeroed pages here, the root first; read at `dest`. */
struct kho_radix {
	u8 *pages;
	paddr_t dest;
	u32 count, capacity;		/* count: pages in use, from 1 on */
};

/* Pages that a tree needs at most for nothing, and for one range of `size` bytes more, wherever it lies. */
#define KHO_RADIX_PAGES_MIN 4u
u32 kho_radix_pages(u64 size);

/*
 * Preserve whole pages, split as Linux's kho_restore_pages expects it: the largest blocks that are aligned to their size and
 * fit, from the start on. false: the pages are used up.
 */
bool kho_radix_add(struct kho_radix *radix, paddr_t start, paddr_t end) MUST_CHECK;
/* Preserve one block of 2^order pages, aligned to its size. */
bool kho_radix_add_block(struct kho_radix *radix, paddr_t start, u32 order) MUST_CHECK;

/* --- read --- */

/* No honest tree is larger: tables for 8 TiB of single pages, and as many blocks. */
#define KHO_RADIX_TABLES_MAX 65536u
#define KHO_RADIX_BLOCKS_MAX (1u << 24)

/*
 * Somebody else's tree, of which nothing is trusted. `page` gives a page's bytes, good until it is called again, or NULL where
 * there is no memory; `table` is told of each page of the tree, `block` of each block that is preserved, by rising addresses
 * within an order. An error of theirs ends the walk.
 */
struct kho_radix_walk {
	const void *(*page)(void *ctx, paddr_t at);
	enum err (*table)(void *ctx, paddr_t at);
	enum err (*block)(void *ctx, paddr_t start, u32 order);
	void *ctx;
	u32 table_count, block_count;	/* so far */
};
/* What is wrong is logged. */
enum err kho_radix_walk(struct kho_radix_walk *walk, paddr_t root) MUST_CHECK;

static inline u64 kho_radix_block_size(u32 order)
{
	return (u64)PAGE_SIZE << order;
}

#endif
