/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The page list of a call: every page that the image will own is exchanged with a page that holds what the image is to find
 * there, and exchanged back afterwards. See mover.h, MOVER_SWAP.
 */
#ifndef TRAPEZE_SWAPLIST_H
#define TRAPEZE_SWAPLIST_H

#include "error.h"
#include "mover.h"
#include "pagelist.h"
#include "plan.h"

struct memory;

/*
 * Make the list that swaps a placed plan in and out. A segment's whole memory is swapped: whole pages of file bytes are copied from their
 * source; at a segment's edges, and where a source lies in a destination, they are composed beforehand over what the page holds now, so
 * that bytes around a segment stay; pages without file bytes come as zeros. Each needs a page to keep the old contents in. list->moved_pages counts pages with bytes, zeroed_pages those without. Nothing but list and
 * staging pages is written. On error (logged) nothing is held. pagelist_free gives all back.
 */
enum err swaplist_build(struct pagelist *list, const struct plan *plan, struct memory *memory) MUST_CHECK;

/*
 * For another MOVER_SWAP after the way back: what waits is again what the image is to find, from the sources and from what the pages
 * hold now. False, and perhaps half done, when the list's words are not as they were built or a source is out of reach.
 */
bool swaplist_refill(const struct pagelist *list, const struct plan *plan) MUST_CHECK;

#endif
