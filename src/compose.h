/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Pages that cannot be moved as they lie are put together aside: from what memory holds now and what a plan's segments bring. */
#ifndef TRAPEZE_COMPOSE_H
#define TRAPEZE_COMPOSE_H

#include "error.h"
#include "plan.h"

/*
 * Copy what memory holds at [start, start + size), whole pages; page 0, which is in reach for the moment only, comes alone. False: out of
 * reach, nothing is copied.
 */
bool compose_present(paddr_t start, u8 *to, u64 size) MUST_CHECK;

/*
 * What the segments have in [dest, dest + size), file bytes and zeros, onto `to`; `all`: zeros also in memory of theirs that is otherwise
 * left as it is. An error is logged.
 */
enum err compose_segments(const struct plan *plan, paddr_t dest, u8 *to, u64 size, bool all) MUST_CHECK;

#endif
