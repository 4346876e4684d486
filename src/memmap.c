/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "memory.h"

#define FIRST_CAPACITY 64

void memmap_init(struct memmap *map)
{
	*map = (struct memmap){ 0 };
}

void memmap_init_static(struct memmap *map, struct mem_range *ranges, u32 capacity)
{
	*map = (struct memmap){ .ranges = ranges, .capacity = capacity, .is_static = true };
}

void memmap_free(struct memmap *map)
{
	if (!map->is_static)
		free(map->ranges);
	memmap_init(map);
}

/* Room for `wanted` ranges in all. */
static enum err reserve(struct memmap *map, u64 wanted)
{
	u64 capacity = max_u64(max_u64(wanted, 2 * (u64)map->capacity), FIRST_CAPACITY);
	struct mem_range *ranges = NULL;

	if (wanted <= map->capacity)
		return ERR_OK;
	if (capacity <= UINT32_MAX / sizeof(*ranges))
		ranges = malloc((size_t)capacity * sizeof(*ranges));
	if (!ranges) {
		log_err("memory", "heap is full: no room for memory map ranges=%llu", capacity);
		return ERR_MEMORY;
	}
	if (map->count)
		memcpy(ranges, map->ranges, map->count * sizeof(*ranges));
	if (!map->is_static)
		free(map->ranges);
	map->ranges = ranges;
	map->capacity = (u32)capacity;
	map->is_static = false;
	return ERR_OK;
}

enum err memmap_add(struct memmap *map, paddr_t start, u64 size, u32 type)
{
	enum err err = reserve(map, (u64)map->count + 1);
	paddr_t end;

	if (err)
		return err;
	if (__builtin_add_overflow(start, size, &end) || end > PADDR_LIMIT) {
		log_warn("memory", "range cut at 52 bits start=0x%llx size=0x%llx type=%u", start, size, type);
		end = PADDR_LIMIT;
		start = min_u64(start, PADDR_LIMIT);
	}
	map->ranges[map->count++] = (struct mem_range){ .start = start, .end = end, .type = type };
	return ERR_OK;
}

/* --- overlaps --- */

/* Which type wins where two ranges overlap: the higher number. */
static unsigned int restriction(u32 type)
{
	switch (type) {
	case MEM_USABLE:
		return 0;
	case MEM_PERSISTENT:
		return 1;
	case MEM_ACPI:
		return 2;
	case MEM_NVS:
		return 3;
	case MEM_RESERVED:
		return 5;
	case MEM_BAD:
		return 6;
	default:
		return 4;
	}
}

/* Two types that nobody knows are ordered by their numbers, so that the order of the ranges decides nothing. */
static bool is_stricter(u32 a, u32 b)
{
	unsigned int x = restriction(a), y = restriction(b);

	return x != y ? x > y : a > b;
}

/* The ranges that cover the address where the sweep stands: a binary heap of their numbers, the strictest first. */
struct cover {
	const struct mem_range *ranges;
	u32 *heap;
	u32 count;
};

static bool cover_before(const struct cover *c, u32 a, u32 b)
{
	return is_stricter(c->ranges[c->heap[a]].type, c->ranges[c->heap[b]].type);
}

static void cover_swap(struct cover *c, u32 a, u32 b)
{
	u32 number = c->heap[a];

	c->heap[a] = c->heap[b];
	c->heap[b] = number;
}

static void cover_push(struct cover *c, u32 number)
{
	u32 at = c->count++;

	c->heap[at] = number;
	for (; at && cover_before(c, at, (at - 1) / 2); at = (at - 1) / 2)
		cover_swap(c, at, (at - 1) / 2);
}

static void cover_pop(struct cover *c)
{
	u32 at = 0, child;

	c->heap[0] = c->heap[--c->count];
	while ((child = 2 * at + 1) < c->count) {
		if (child + 1 < c->count && cover_before(c, child + 1, child))
			child++;
		if (!cover_before(c, child, at))
			return;
		cover_swap(c, at, child);
		at = child;
	}
}

/* Append [start, end), joined to the range before it where both are of one type. The caller has reserved room. */
static void append_joined(struct memmap *map, paddr_t start, paddr_t end, u32 type)
{
	struct mem_range *last = map->count ? &map->ranges[map->count - 1] : NULL;

	if (start >= end)
		return;
	if (last && last->end == start && last->type == type)
		last->end = end;
	else
		map->ranges[map->count++] = (struct mem_range){ .start = start, .end = end, .type = type };
}

/*
 * From the lowest address up, over ranges sorted by start. A piece of the result ends where a range starts or ends,
 * so there are no more than two for each range.
 */
static void sweep(const struct memmap *map, struct cover *cover, struct memmap *clean)
{
	paddr_t at = 0;
	u32 next = 0;

	while (next < map->count || cover->count) {
		const struct mem_range *top;
		paddr_t end;

		if (!cover->count)
			at = map->ranges[next].start;
		while (next < map->count && map->ranges[next].start <= at)
			cover_push(cover, next++);
		top = &map->ranges[cover->heap[0]];
		if (top->end <= at) {
			cover_pop(cover);
			continue;
		}
		end = next < map->count ? min_u64(top->end, map->ranges[next].start) : top->end;
		append_joined(clean, at, end, top->type);
		at = end;
	}
}

static int compare_starts(const void *a, const void *b)
{
	const struct mem_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

enum err memmap_sanitise(struct memmap *map)
{
	struct memmap clean = { 0 };
	struct cover cover = { 0 };
	enum err err;

	if (!map->count)
		return ERR_OK;
	err = reserve(&clean, 2 * (u64)map->count);
	if (err)
		return err;
	cover.heap = malloc(map->count * sizeof(*cover.heap));
	if (!cover.heap) {
		log_err("memory", "heap is full: cannot sort memory map ranges=%u", map->count);
		memmap_free(&clean);
		return ERR_MEMORY;
	}
	qsort(map->ranges, map->count, sizeof(*map->ranges), compare_starts);
	cover.ranges = map->ranges;
	sweep(map, &cover, &clean);
	free(cover.heap);
	memmap_free(map);
	*map = clean;
	return ERR_OK;
}

/* --- on a sanitised map --- */

bool memmap_covers(const struct memmap *map, paddr_t start, paddr_t end, u32 type)
{
	const struct mem_range *range;
	u32 low = 0, high = map->count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (map->ranges[middle].end <= start)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == map->count || start > end)
		return false;
	range = &map->ranges[low];
	return range->start <= start && end <= range->end && range->type == type;
}

enum err memmap_mark(struct memmap *map, paddr_t start, paddr_t end, u32 type)
{
	struct memmap marked = { 0 };
	const struct mem_range *old = map->ranges, *old_end;
	enum err err;

	end = min_u64(end, PADDR_LIMIT);
	if (start >= end)
		return ERR_OK;
	err = reserve(&marked, (u64)map->count + 2);
	if (err)
		return err;
	old_end = map->count ? old + map->count : old;
	for (; old < old_end && old->start < start; old++) {
		append_joined(&marked, old->start, min_u64(old->end, start), old->type);
		if (old->end > end)
			break;
	}
	append_joined(&marked, start, end, type);
	for (; old < old_end; old++)
		append_joined(&marked, max_u64(old->start, end), old->end, old->type);
	memmap_free(map);
	*map = marked;
	return ERR_OK;
}

enum err memmap_copy(struct memmap *to, const struct memmap *from)
{
	enum err err;

	memmap_init(to);
	err = reserve(to, from->count);
	if (err)
		return err;
	if (from->count)
		memcpy(to->ranges, from->ranges, from->count * sizeof(*to->ranges));
	to->count = from->count;
	return ERR_OK;
}

u64 memmap_total(const struct memmap *map, u32 type)
{
	u64 total = 0;

	for (u32 i = 0; i < map->count; i++) {
		if (map->ranges[i].type == type)
			total += map->ranges[i].end - map->ranges[i].start;
	}
	return total;
}

const char *memmap_type_name(u32 type)
{
	switch (type) {
	case MEM_USABLE:
		return "usable";
	case MEM_RESERVED:
		return "reserved";
	case MEM_ACPI:
		return "ACPI tables";
	case MEM_NVS:
		return "ACPI NVS";
	case MEM_BAD:
		return "bad";
	case MEM_PERSISTENT:
		return "persistent";
	case MEM_SOFT_RESERVED:
		return "specific purpose";
	default:
		return "unknown";
	}
}
