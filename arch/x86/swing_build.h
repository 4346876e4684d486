/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What is in the control pages when a swing begins. */
#ifndef TRAPEZE_SWING_BUILD_H
#define TRAPEZE_SWING_BUILD_H

#include "control/control.h"
#include "memory.h"
#include "paging.h"
#include "swing.h"
#include "x86.h"

struct arch_swing {
	paddr_t code, data, stack, tables, symbols, end;
	paddr_t long_tables;		/* i386, where an image may be entered in long mode: two pages; else 0 */
	u64 symbols_room;		/* bytes at `symbols` */
	struct control *control;
	struct paging paging;
	paddr_t real16;			/* real-mode pages; 0: none */
	paddr_t sums;			/* struct control_sum[sums_count], and room for what the mover finds; in staging memory */
	u32 sums_count;
	u8 *armed;			/* what swing_armed_save found; malloc'd, or NULL */
};

static inline const struct control_header *blob_header(void)
{
	return (const struct control_header *)control_blob_start;
}

/* One past the highest byte that the control pages' tables map: 4 GiB, or where memory ends. */
paddr_t swing_map_limit(const struct memory *memory);
/* Fill the pages of `a`, whose addresses are set: code, tables, the worlds under an image. */
enum err swing_build(struct arch_swing *a, const struct memory *memory) MUST_CHECK;
/* The same for pages that a call left behind which returned: code and page tables are still in them. */
void swing_rebuild(struct arch_swing *a, const struct memory *memory);

/*
 * What arch_swing_arm has made of the data pages and the checksums: kept in the heap (where there is room), and put back for
 * another call.
 */
void swing_armed_save(struct arch_swing *a);
bool swing_armed_restore(const struct arch_swing *a) MUST_CHECK;

/* Into the control pages of `a`, interrupts off. Comes back when the image was called. */
void swing_fly(struct arch_swing *a);

#endif
