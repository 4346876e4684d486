/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A kernel that went before and handed something over (kho_in.h), in simulated memory: boot_params with its setup_data, a root tree,
 * the tree of what is preserved, scratch. The shim has been put over a part of what it left.
 */
#ifndef TRAPEZE_LEGACY_H
#define TRAPEZE_LEGACY_H

#include "bootinfo.h"
#include "kho.h"
#include "memory.h"

#define LEGACY_RAM MIB(48)
#define LEGACY_BLOCK 0x20000u		/* the information block: zero page, then two nodes */
#define LEGACY_BLOCK_SIZE 0x3000u
#define LEGACY_NODE (LEGACY_BLOCK + 0x1000u)	/* somebody else's, and then ours */
#define LEGACY_KHO_NODE (LEGACY_BLOCK + 0x2000u)
#define LEGACY_SHIM MIB(2)
#define LEGACY_SHIM_END MIB(3)
#define LEGACY_COPY MIB(40)		/* of what lay there */
#define LEGACY_SCRATCH MIB(32)
#define LEGACY_SCRATCH_END MIB(44)
#define LEGACY_INDEX_PAGES 128u
#define LEGACY_TREES 4u

struct legacy {
	struct bootinfo info;
	struct memory memory;
	u8 mmap[3 * 24];
	paddr_t tree, scratch_list;	/* where they are to lie */
	struct kho_radix radix;		/* at radix.dest */
	struct kho_entry entries[LEGACY_TREES];
	u32 entry_count;
};

/* Trees and index lie above the shim, unless the test moves them before legacy_finish. */
void legacy_init(struct legacy *l);
/* The same in memory that is there: LEGACY_RAM at least. l->memory stays empty. */
void legacy_begin(struct legacy *l);
void legacy_free(struct legacy *l);
void legacy_preserve(struct legacy *l, paddr_t start, paddr_t end);
void legacy_add_tree(struct legacy *l, const char *name, paddr_t start, u64 size);
/* Write all that describes it. */
void legacy_finish(struct legacy *l);
/* A byte of that kernel's, where it lies now. */
u8 *legacy_at(paddr_t at);

#endif
