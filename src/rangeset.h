/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A set of addresses as sorted, disjoint, non-adjacent half-open ranges: what is free, what is to be avoided. Grows
 * without a fixed limit.
 */
#ifndef TRAPEZE_RANGESET_H
#define TRAPEZE_RANGESET_H

#include "error.h"
#include "types.h"

struct range {
	paddr_t start, end;
};

struct rangeset {
	struct range *items;		/* malloc'd, owned by the set, unless it is the caller's (rangeset_init_static) */
	u32 count, capacity;
	bool is_static;
};

void rangeset_init(struct rangeset *set);
/* Use the caller's array, of at least one range, as long as there is room in it: most sets are small. */
void rangeset_init_static(struct rangeset *set, struct range *items, u32 capacity);
void rangeset_free(struct rangeset *set);

/* An empty range (start >= end) changes nothing. ERR_MEMORY, logged: the set is as it was. */
enum err rangeset_add(struct rangeset *set, paddr_t start, paddr_t end) MUST_CHECK;
enum err rangeset_remove(struct rangeset *set, paddr_t start, paddr_t end) MUST_CHECK;
/* For many at a time: add at the end, in any order and overlapping; before anything else is asked of the set, it is to be sorted. */
enum err rangeset_append(struct rangeset *set, paddr_t start, paddr_t end) MUST_CHECK;
void rangeset_sort(struct rangeset *set);
/* `to` is initialised; what it held is lost. */
enum err rangeset_copy(struct rangeset *to, const struct rangeset *from) MUST_CHECK;

/* Is all of [start, end) in the set? An empty range is. */
bool rangeset_covers(const struct rangeset *set, paddr_t start, paddr_t end);

#endif
