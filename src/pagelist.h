/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The page list: the words that drive the mover. The first four kinds are kexec's (a page address in the upper bits,
 * the kind in the low ones, tested in that order); RUN, SKEW and ZERO are Trapeze's, so that a run of neighbouring
 * pages costs three words instead of one a page, and bytes that do not start on a page boundary need no copy
 * beforehand.
 *
 *   DEST    the cursor: where the next page goes
 *   IND     the list goes on at this page
 *   DONE    the end
 *   SOURCE  move one page (or the run announced by RUN) to the cursor, and advance it
 *   RUN     the next SOURCE moves this many pages, neighbours in source and destination; count in bits 12 and up;
 *           with PAGELIST_BACKWARD (copy only) from the last to the first, as an overlap with destination above source
 *           needs
 *   SKEW    the next SOURCE (run) starts this many bytes (0..4095, in bits 12 and up) into its first page; copy only
 *   ZERO    fill this many pages at the cursor with zero, and advance it. When swapping, a SOURCE follows, without RUN:
 *           the first of as many neighbouring pages that keep the old contents
 *   KEEP    swap only: the next SOURCE (run) stays as it is and is copied to the cursor, at any skew; the old contents go to this page
 *           and its neighbours
 *
 * Words are 64 bits in both builds. List pages lie outside every destination. The last word used of a page is IND or
 * DONE; IND may part any two words, also RUN, SKEW and their SOURCE.
 */
#ifndef TRAPEZE_PAGELIST_H
#define TRAPEZE_PAGELIST_H

#include "error.h"
#include "plan.h"
#include "types.h"

#define PAGELIST_DEST 0x1ull
#define PAGELIST_IND 0x2ull
#define PAGELIST_DONE 0x4ull
#define PAGELIST_SOURCE 0x8ull
#define PAGELIST_RUN 0x10ull
#define PAGELIST_SKEW 0x20ull
#define PAGELIST_ZERO 0x40ull
#define PAGELIST_KEEP 0x80ull
#define PAGELIST_BACKWARD 0x800ull	/* only together with RUN */

struct memory;

struct pagelist {
	paddr_t head;			/* first list page: what the mover is given */
	u64 list_pages;			/* pages of list */
	u64 staged_pages;		/* composed or put aside in staging memory: edges, broken cycles */
	u64 moved_pages, zeroed_pages;	/* what the mover will do; staged pages are moved too */
	u64 sum;			/* swaplist.c: over the list's words */
	u64 kept_pages;			/* in place already: not in the list */
	u64 run_count;			/* moves in the list: runs, single pages, runs of zeros */
	/* What pagelist_free gives back to `memory`: the first in `few`, the others malloc'd. */
	paddr_t few[2], *more;
	u32 owned_count, more_capacity;
};

static inline paddr_t pagelist_owned(const struct pagelist *list, u32 number)
{
	return number < ARRAY_COUNT(list->few) ? list->few[number] : list->more[number - ARRAY_COUNT(list->few)];
}

/*
 * Make the list that copies a placed plan. Every byte moves at most once, except edge pages (a segment that starts or
 * ends inside a page: composed in a staging page over the destination's present contents, so that bytes around the
 * segment stay) and one page of each cycle that the layout forces (when more than 1,024 pages are in such a tangle,
 * up to a thousandth of them for each, which keeps the list short; with skew perhaps a few more). Sources may lie in
 * any destination, their own included; the order of the runs and their directions take care of it. List and staging
 * pages come from `memory`, outside every destination and source; nothing else is written.
 *
 * Sources must hold their final bytes: edges and what is put aside are copied now. So this comes after the loader's
 * finish and is the last step of preparing that reads them; nothing may be written to a source or in-place segment
 * afterwards. On error nothing is held.
 */
enum err pagelist_build(struct pagelist *list, const struct plan *plan, struct memory *memory) MUST_CHECK;
/* memory_alloc gave `start`, and pagelist_free is to give it back. ERR_MEMORY without a log line. */
enum err pagelist_own(struct pagelist *list, paddr_t start) MUST_CHECK;
void pagelist_free(struct pagelist *list, struct memory *memory);

#endif
