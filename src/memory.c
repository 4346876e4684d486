/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "log.h"

#define FIRST_CAPACITY 32
#define SPARE_CLAIMS 4

void memory_init(struct memory *memory)
{
	*memory = (struct memory){ 0 };
	memmap_init(&memory->map);
}

void memory_free(struct memory *memory)
{
	memmap_free(&memory->map);
	free(memory->claims);
	memory_init(memory);
}

/*
 * Room for `wanted` claims in all. malloc below may come back here for memory of its own and claim it in the table as
 * it is, in the spare places.
 */
static enum err reserve_claims(struct memory *memory, u32 wanted)
{
	u32 capacity = 2 * memory->claim_capacity + FIRST_CAPACITY;
	struct mem_claim *claims = NULL;

	if (wanted + SPARE_CLAIMS <= memory->claim_capacity)
		return ERR_OK;
	if (!memory->growing) {
		memory->growing = true;
		claims = malloc(capacity * sizeof(*claims));
		memory->growing = false;
	}
	if (!claims && wanted <= memory->claim_capacity)
		return ERR_OK;
	if (!claims) {
		log_err("memory", "heap is full: no room for claims=%u", wanted);
		return ERR_MEMORY;
	}
	if (memory->claim_count)
		memcpy(claims, memory->claims, memory->claim_count * sizeof(*claims));
	free(memory->claims);
	memory->claims = claims;
	memory->claim_capacity = capacity;
	return ERR_OK;
}

/* The number of the first claim that ends behind `start`. */
static u32 claim_behind(const struct memory *memory, paddr_t start)
{
	const struct mem_claim *low = memory->claims;

	for (u32 count = memory->claim_count, half; count; count = half) {
		half = count / 2;
		if (low[half].end <= start) {
			low += half + 1;
			half = count - half - 1;
		}
	}
	return (u32)(low - memory->claims);
}

static void insert_claim(struct memory *memory, u32 at, const struct mem_claim *claim)
{
	memmove(&memory->claims[at + 1], &memory->claims[at], (memory->claim_count - at) * sizeof(*memory->claims));
	memory->claims[at] = *claim;
	memory->claim_count++;
}

enum err memory_claim(struct memory *memory, paddr_t start, paddr_t end, enum mem_owner owner, const char *name)
{
	if (start >= end)
		return ERR_OK;
	start = align_down(start, PAGE_SIZE);
	end = align_up(min_u64(end, PADDR_LIMIT), PAGE_SIZE);
	while (start < end) {
		/* Before the look at the table: it can add a claim. */
		enum err err = reserve_claims(memory, memory->claim_count + 1);
		u32 at = claim_behind(memory, start);
		bool is_last = at == memory->claim_count;
		paddr_t gap_end = is_last ? end : min_u64(end, memory->claims[at].start);
		paddr_t next = is_last ? end : memory->claims[at].end;

		if (err)
			return err;
		if (start < gap_end)
			insert_claim(memory, at, &(struct mem_claim){ start, gap_end, owner, name });
		start = max_u64(gap_end, next);
	}
	return ERR_OK;
}

const struct mem_claim *memory_find_claim(const struct memory *memory, paddr_t start, paddr_t end)
{
	u32 at = claim_behind(memory, start);

	if (start >= end || at == memory->claim_count || memory->claims[at].start >= end)
		return NULL;
	return &memory->claims[at];
}

struct search {
	const struct memory *memory;
	const struct memory_where *where;
	u64 size, align;
	paddr_t min, max;
	paddr_t start;			/* what was found, and the number of the claim in front of which it lies */
	u32 at;
};

static bool is_clear(struct search *s, paddr_t start)
{
	s->start = start;
	return !s->where->is_clear || s->where->is_clear(s->where->ctx, start, start + s->size);
}

static u64 step_of(const struct search *s)
{
	return min_u64(max_u64(s->where->ctx_step, PAGE_SIZE), PADDR_LIMIT);
}

/* The highest place in [low, high), which holds no claim. */
static bool fits_top(struct search *s, paddr_t low, paddr_t *high)
{
	while (*high >= low + s->size) {
		paddr_t start = align_down(*high - s->size, s->align);

		if (start < low)
			return false;
		if (is_clear(s, start))
			return true;
		*high = start + s->size - min_u64(step_of(s), start + s->size);
	}
	return false;
}

/* The lowest one. */
static bool fits_bottom(struct search *s, paddr_t *low, paddr_t high)
{
	paddr_t start;

	while (align_up_checked(*low, s->align, &start) && start < high && high - start >= s->size) {
		if (is_clear(s, start))
			return true;
		*low = start + step_of(s);
	}
	return false;
}

/* From one gap between claims to the next, in [low, high): from the highest down. */
static bool search_down(struct search *s, paddr_t low, paddr_t high)
{
	const struct mem_claim *claims = s->memory->claims, *claim = claims + claim_behind(s->memory, high);

	if (claim < claims + s->memory->claim_count)
		high = min_u64(high, claim->start);
	for (; claim > claims && claim[-1].end > low; claim--) {
		/* Most lie side by side. */
		if (high == claim[-1].end) {
			high = claim[-1].start;
			continue;
		}
		if (high > claim[-1].end) {
			s->at = (u32)(claim - claims);
			if (fits_top(s, claim[-1].end, &high))
				return true;
		}
		high = min_u64(high, claim[-1].start);
	}
	s->at = (u32)(claim - claims);
	return fits_top(s, low, &high);
}

/* From the lowest up. */
static bool search_up(struct search *s, paddr_t low, paddr_t high)
{
	const struct mem_claim *claims = s->memory->claims;

	for (u32 at = claim_behind(s->memory, low);; at++) {
		bool is_last = at == s->memory->claim_count || claims[at].start >= high;

		s->at = at;
		if (fits_bottom(s, &low, is_last ? high : claims[at].start))
			return true;
		if (is_last)
			return false;
		low = max_u64(low, claims[at].end);
	}
}

/* The whole pages of a usable range, within the limits. */
static bool search_range(struct search *s, const struct mem_range *range)
{
	paddr_t low, high;

	if (range->type != MEM_USABLE)
		return false;
	low = align_up(max_u64(range->start, s->min), PAGE_SIZE);
	high = align_down(min_u64(range->end, s->max), PAGE_SIZE);
	if (high < low + s->size)
		return false;
	return s->where->lowest_first ? search_up(s, low, high) : search_down(s, low, high);
}

static bool search_all(struct search *s)
{
	const struct memmap *map = &s->memory->map;

	for (u32 i = 0; i < map->count; i++) {
		u32 at = s->where->lowest_first ? i : map->count - 1 - i;

		if (search_range(s, &map->ranges[at]))
			return true;
	}
	return false;
}

/* Numbers that no memory can meet are cut to what the arithmetic of the search can hold. */
static void search_init(struct search *s, const struct memory *memory, const struct memory_where *where)
{
	paddr_t limit = min_u64(arch_phys_limit(), PADDR_LIMIT);

	*s = (struct search){
		.memory = memory,
		.where = where,
		.align = max_u64(where->align, PAGE_SIZE),
		.min = min_u64(max_u64(where->min, PAGE_SIZE), PADDR_LIMIT),
		.max = where->max ? min_u64(where->max, limit) : limit,
	};
}

enum err memory_alloc(struct memory *memory, u64 size, const struct memory_where *where, enum mem_owner owner,
		      const char *name, paddr_t *out)
{
	struct search s;
	enum err err;

	search_init(&s, memory, where);
	if (!is_power_of_two(s.align)) {
		log_err("memory", "%s: alignment 0x%llx is no power of two", name, s.align);
		return ERR_ALIGN;
	}
	if (!size || !align_up_checked(size, PAGE_SIZE, &s.size) || s.size > PADDR_LIMIT) {
		log_err("memory", "%s: cannot take 0x%llx bytes", name, size);
		return ERR_VALUE;
	}
	/* Before the search: it can take memory itself. */
	err = reserve_claims(memory, memory->claim_count + 1);
	if (err)
		return err;
	if (!search_all(&s))
		return ERR_NO_ROOM;
	insert_claim(memory, s.at, &(struct mem_claim){ s.start, s.start + s.size, owner, name });
	*out = s.start;
	return ERR_OK;
}

void memory_release(struct memory *memory, paddr_t start)
{
	u32 at = claim_behind(memory, start);

	if (!start || at == memory->claim_count || memory->claims[at].start != start) {
		log_err("memory", "release of 0x%llx, which nothing begins at", start);
		return;
	}
	memory->claim_count--;
	memmove(&memory->claims[at], &memory->claims[at + 1], (memory->claim_count - at) * sizeof(*memory->claims));
}

bool memory_is_usable(const struct memory *memory, paddr_t start, paddr_t end)
{
	return memmap_covers(&memory->map, start, end, MEM_USABLE);
}

const char *memory_owner_name(enum mem_owner owner)
{
	static const char *const names[OWNER_COUNT] = {
		[OWNER_SHIM] = "shim",
		[OWNER_INFO] = "loader",
		[OWNER_MODULE] = "module",
		[OWNER_TABLE] = "tables",
		[OWNER_HEAP] = "heap",
		[OWNER_LOG] = "log",
		[OWNER_CONTROL] = "control",
		[OWNER_STAGE] = "staging",
		[OWNER_LOW] = "BIOS",
		[OWNER_KEPT] = "preserved",
		[OWNER_IMAGE] = "kernel",
	};

	return (unsigned int)owner < OWNER_COUNT ? names[owner] : "unknown";
}
