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

static enum err reserve(struct memmap *map, u32 wanted)
{
	struct mem_range *ranges;
	u32 capacity = map->capacity > FIRST_CAPACITY ? map->capacity : FIRST_CAPACITY;

	if (wanted <= map->capacity)
		return ERR_OK;
	while (capacity < wanted)
		capacity *= 2;
	ranges = malloc((size_t)capacity * sizeof(*ranges));
	if (!ranges) {
		log_err("memory", "heap is full ranges=%u", wanted);
		return ERR_MEMORY;
	}
	if (map->count)
		memcpy(ranges, map->ranges, map->count * sizeof(*ranges));
	if (!map->is_static)
		free(map->ranges);
	map->ranges = ranges;
	map->capacity = capacity;
	map->is_static = false;
	return ERR_OK;
}

static void append(struct memmap *map, paddr_t start, paddr_t end, u32 type)
{
	map->ranges[map->count++] = (struct mem_range){ .start = start, .end = end, .type = type };
}

enum err memmap_add(struct memmap *map, paddr_t start, u64 size, u32 type)
{
	enum err err = reserve(map, map->count + 1);
	paddr_t end;

	if (err)
		return err;
	if (__builtin_add_overflow(start, size, &end) || end > PADDR_LIMIT) {
		if (size && start < PADDR_LIMIT)
			log_warn("memory", "range 0x%llx size 0x%llx ends beyond 52 bits: cut", start, size);
		end = PADDR_LIMIT;
	}
	append(map, min_u64(start, PADDR_LIMIT), end, type);
	return ERR_OK;
}

/* Which type wins where two ranges overlap: unknown numbers and reserved before all, usable last. */
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

static int compare_edges(const void *a, const void *b)
{
	paddr_t x = *(const paddr_t *)a, y = *(const paddr_t *)b;

	return x < y ? -1 : x > y;
}

static int compare_starts(const void *a, const void *b)
{
	const struct mem_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/*
 * The strictest of the ranges that cover [start, start + 1); ranges are sorted by start, *first skips those that ended
 * before. Returns false when none does.
 */
static bool strictest_at(const struct memmap *map, u32 *first, paddr_t start, u32 *type)
{
	bool found = false;

	while (*first < map->count && map->ranges[*first].end <= start)
		++*first;
	for (u32 i = *first; i < map->count && map->ranges[i].start <= start; i++) {
		if (map->ranges[i].end <= start)
			continue;
		if (!found || restriction(map->ranges[i].type) > restriction(*type))
			*type = map->ranges[i].type;
		found = true;
	}
	return found;
}

static void drop_empty(struct memmap *map)
{
	u32 kept = 0;

	for (u32 i = 0; i < map->count; i++) {
		if (map->ranges[i].start < map->ranges[i].end)
			map->ranges[kept++] = map->ranges[i];
	}
	map->count = kept;
}

/* Append [start, end), joined to the range before it where both are of one type. */
static void append_joined(struct memmap *map, paddr_t start, paddr_t end, u32 type)
{
	struct mem_range *last = map->count ? &map->ranges[map->count - 1] : NULL;

	if (last && last->end == start && last->type == type)
		last->end = end;
	else
		append(map, start, end, type);
}

enum err memmap_sanitise(struct memmap *map)
{
	struct memmap clean = { 0 };
	paddr_t *edges;
	u32 first = 0, type;
	enum err err;

	drop_empty(map);
	if (!map->count)
		return ERR_OK;
	err = reserve(&clean, 2 * map->count);
	if (err)
		return err;
	edges = malloc(2 * (size_t)map->count * sizeof(*edges));
	if (!edges) {
		log_err("memory", "heap is full edges=%u", 2 * map->count);
		memmap_free(&clean);
		return ERR_MEMORY;
	}
	qsort(map->ranges, map->count, sizeof(*map->ranges), compare_starts);
	for (u32 i = 0; i < map->count; i++) {
		edges[2 * i] = map->ranges[i].start;
		edges[2 * i + 1] = map->ranges[i].end;
	}
	qsort(edges, 2 * map->count, sizeof(*edges), compare_edges);
	for (u32 i = 0; i + 1 < 2 * map->count; i++) {
		if (edges[i] < edges[i + 1] && strictest_at(map, &first, edges[i], &type))
			append_joined(&clean, edges[i], edges[i + 1], type);
	}
	free(edges);
	memmap_free(map);
	*map = clean;
	return ERR_OK;
}

bool memmap_covers(const struct memmap *map, paddr_t start, paddr_t end, u32 type)
{
	for (u32 i = 0; i < map->count; i++) {
		if (map->ranges[i].start <= start && end <= map->ranges[i].end)
			return map->ranges[i].type == type;
	}
	return false;
}

/* What is left of the old ranges around [start, end), and the new one between. */
enum err memmap_mark(struct memmap *map, paddr_t start, paddr_t end, u32 type)
{
	u32 count = map->count;
	enum err err = reserve(map, 2 * count + 1);

	if (err || start >= end)
		return err;
	for (u32 i = 0; i < count; i++) {
		struct mem_range old = map->ranges[i];

		if (!ranges_overlap(old.start, old.end, start, end))
			continue;
		map->ranges[i].end = max_u64(old.start, min_u64(old.end, start));
		if (old.end > end)
			append(map, end, old.end, old.type);
	}
	append(map, start, end, type);
	return memmap_sanitise(map);
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
	default:
		return "unknown";
	}
}
