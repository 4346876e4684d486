/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The tree by which Linux's kexec handover tells the next kernel which memory is to be left alone
 * (include/linux/kho/abi/kexec_handover.h, "KHO persistent memory tracker"): six levels of pages, tables of physical
 * addresses and bitmaps at the bottom, looked up by a key out of a block's address and order.
 */
#ifndef TRAPEZE_KHO_RADIX_H
#define TRAPEZE_KHO_RADIX_H

#include "types.h"

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

#endif
