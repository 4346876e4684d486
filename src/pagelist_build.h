/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Between the parts of pagelist_build: pagelist.c, pagelist_stage.c, pagelist_order.c, pagelist_tangle.c. */
#ifndef TRAPEZE_PAGELIST_BUILD_H
#define TRAPEZE_PAGELIST_BUILD_H

#include "memory.h"
#include "pagelist.h"
#include "plan.h"
#include "rangeset.h"

/* Whole pages at `dest`, from any byte address; done as if all of them were read before the first is written. */
struct move {
	paddr_t dest, source;
	u64 pages;
	bool zero;			/* no source: fill with zero */
};

struct move_list {
	struct move *items;		/* malloc'd */
	u32 count, capacity;
};

struct pagelist_builder {
	const struct plan *plan;
	struct memory *memory;
	struct pagelist *list;
	struct rangeset room;		/* where list and staging pages may lie: no destination's page, no source */
	paddr_t stage_next, stage_end;	/* what is left of the newest block of staging pages */
	u64 stage_block;		/* pages in the next block */
	bool stage_is_short;		/* a block that large was not to be had: no larger ones */
	struct move_list runs;		/* from sources that lie in destinations, perhaps: to be ordered */
	struct move_list late;		/* from staging pages, and zeros: come last, when all sources have been read */
	struct move_list steps;		/* in the order in which the mover does them */
};

static inline paddr_t move_dest_end(const struct move *m)
{
	return m->dest + m->pages * PAGE_SIZE;
}

static inline paddr_t move_source_end(const struct move *m)
{
	return m->source + m->pages * PAGE_SIZE;
}

/* Does the move need bytes of [start, end)? */
static inline bool move_reads(const struct move *m, paddr_t start, paddr_t end)
{
	return !m->zero && ranges_overlap(m->source, move_source_end(m), start, end);
}

/* Append. Nothing happens when it has no pages. */
enum err move_list_add(struct move_list *list, const struct move *m) MUST_CHECK;
/* Append to a list of moves in order; neighbours become one move. */
enum err move_list_join(struct move_list *list, const struct move *m) MUST_CHECK;

/* pagelist_stage.c: pages outside every destination and source, owned by the list. */
enum err stage_init(struct pagelist_builder *b) MUST_CHECK;
enum err stage_page(struct pagelist_builder *b, paddr_t *out) MUST_CHECK;
/* Compose a destination page that segments cover in part, over what it holds now, and let the mover put it there. */
enum err stage_edge(struct pagelist_builder *b, paddr_t page) MUST_CHECK;
/* Put a page's worth of source bytes aside, and let the mover take it from there. */
enum err stage_aside(struct pagelist_builder *b, paddr_t dest, paddr_t source) MUST_CHECK;

/* pagelist_order.c: empty `runs` into `steps` (and `late`) so that none overwrites what a later one reads. */
enum err order_runs(struct pagelist_builder *b) MUST_CHECK;

/*
 * pagelist_tangle.c: the same for runs none of which can be moved whole before the others. Goes page by page: memory
 * for two numbers a page is taken from the heap.
 */
enum err order_tangle(struct pagelist_builder *b) MUST_CHECK;

#endif
