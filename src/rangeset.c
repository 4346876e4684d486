/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "rangeset.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

void rangeset_init(struct rangeset *set)
{
	*set = (struct rangeset){ NULL, 0, 0, false };
}

void rangeset_init_static(struct rangeset *set, struct range *items, u32 capacity)
{
	*set = (struct rangeset){ items, 0, capacity, true };
}

void rangeset_free(struct rangeset *set)
{
	if (!set->is_static)
		free(set->items);
	rangeset_init(set);
}

static enum err reserve(struct rangeset *set, u32 count)
{
	u32 capacity = set->capacity ? set->capacity : 8;
	struct range *items;

	while (capacity < count)
		capacity *= 2;
	if (capacity == set->capacity)
		return ERR_OK;
	items = realloc(set->is_static ? NULL : set->items, (size_t)capacity * sizeof(*items));
	if (!items) {
		log_err("place", "the heap has no room for %u address ranges", capacity);
		return ERR_MEMORY;
	}
	if (set->is_static)
		memcpy(items, set->items, set->count * sizeof(*items));
	set->items = items;
	set->capacity = capacity;
	set->is_static = false;
	return ERR_OK;
}

/* Put `count` ranges where [first, last) are. */
static enum err splice(struct rangeset *set, u32 first, u32 last, const struct range *with, u32 count)
{
	u32 tail = set->count - last;
	enum err err = reserve(set, first + count + tail);

	if (err)
		return err;
	memmove(set->items + first + count, set->items + last, tail * sizeof(*with));
	for (u32 i = 0; i < count; i++)
		set->items[first + i] = with[i];
	set->count = first + count + tail;
	return ERR_OK;
}

/* The first range that ends at or behind `at`. */
static u32 find_end(const struct rangeset *set, paddr_t at)
{
	u32 low = 0, high = set->count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (set->items[middle].end < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum err rangeset_add(struct rangeset *set, paddr_t start, paddr_t end)
{
	struct range joined = { start, end };
	u32 first, last;

	if (start >= end)
		return ERR_OK;
	first = last = find_end(set, start);
	while (last < set->count && set->items[last].start <= end)
		last++;
	if (last > first) {
		joined.start = min_u64(start, set->items[first].start);
		joined.end = max_u64(end, set->items[last - 1].end);
	}
	return splice(set, first, last, &joined, 1);
}

enum err rangeset_append(struct rangeset *set, paddr_t start, paddr_t end)
{
	const struct range range = { start, end };

	return start < end ? splice(set, set->count, set->count, &range, 1) : ERR_OK;
}

static int compare_starts(const void *a, const void *b)
{
	const struct range *left = a, *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

void rangeset_sort(struct rangeset *set)
{
	u32 last = 0;

	if (set->count < 2)
		return;
	qsort(set->items, set->count, sizeof(*set->items), compare_starts);
	for (u32 i = 1; i < set->count; i++) {
		const struct range *next = &set->items[i];

		if (next->start <= set->items[last].end)
			set->items[last].end = max_u64(set->items[last].end, next->end);
		else
			set->items[++last] = *next;
	}
	set->count = last + 1;
}

enum err rangeset_remove(struct rangeset *set, paddr_t start, paddr_t end)
{
	u32 first, last, count = 0;
	struct range rest[2];

	if (start >= end || !set->count)
		return ERR_OK;
	first = find_end(set, start);
	if (first < set->count && set->items[first].end == start)
		first++;
	last = first;
	while (last < set->count && set->items[last].start < end)
		last++;
	if (last == first)
		return ERR_OK;
	if (set->items[first].start < start)
		rest[count++] = (struct range){ set->items[first].start, start };
	if (set->items[last - 1].end > end)
		rest[count++] = (struct range){ end, set->items[last - 1].end };
	return splice(set, first, last, rest, count);
}

enum err rangeset_copy(struct rangeset *to, const struct rangeset *from)
{
	to->count = 0;
	return splice(to, 0, 0, from->items, from->count);
}

bool rangeset_covers(const struct rangeset *set, paddr_t start, paddr_t end)
{
	u32 i;

	if (start >= end)
		return true;
	i = find_end(set, end);
	return i < set->count && set->items[i].start <= start;
}
