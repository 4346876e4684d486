/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The naive way to carry out a plan (copy all sources away, then write), against which page list and mover are held;
 * and a page list's words read by another hand than the mover's. Works on fake_ram.
 */
#ifndef TRAPEZE_MODEL_H
#define TRAPEZE_MODEL_H

#include "memory.h"
#include "pagelist.h"
#include "plan.h"

/* What the layout of a placed plan forces, counted page by page. */
struct model_need {
	u64 edges;			/* destination pages that have to be composed */
	u64 moved;			/* pages that lie elsewhere and are moved whole */
	u64 cycles;			/* circles of moves without skew */
	bool skewed;			/* some run starts inside a page: cycles says nothing */
	bool circular;			/* there are circles at all */
};

void model_count(const struct plan *plan, struct model_need *need);

/*
 * Build the list, run it, compare all of memory with the naive result byte for byte: what differs may only be the
 * list's own pages. Checks also that building writes nothing else, that no page is written twice, that list and
 * staging pages lie outside all destinations and sources, that the counts are true, and that no more is staged than
 * need be. Returns ERR_OK; else what pagelist_build returned, or ERR_VALUE with the finding in *what (static
 * storage). The list is given back.
 */
enum err model_run(const struct plan *plan, struct memory *memory, struct pagelist *counts, const char **what);

#endif
