/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "log.h"

#define FIRST_CAPACITY 32

void memory_init(struct memory *memory)
{
	*memory = (struct memory){ 0 };
	memmap_init(&memory->map);
}

void memory_free(struct memory *memory)
{
	memmap_free(&memory->map);
	if (!memory->claims_static)
		free(memory->claims);
	memory_init(memory);
}

static enum err reserve_claims(struct memory *memory, u32 wanted)
{
	u32 capacity = memory->claim_capacity ? memory->claim_capacity : FIRST_CAPACITY;
	struct mem_claim *claims;

	if (wanted <= memory->claim_capacity)
		return ERR_OK;
	while (capacity < wanted)
		capacity *= 2;
	claims = malloc(capacity * sizeof(*claims));
	if (!claims) {
		log_err("memory", "heap is full claims=%u", wanted);
		return ERR_MEMORY;
	}
	/* malloc may have claimed memory for the heap itself: count only now. */
	if (memory->claim_count)
		memcpy(claims, memory->claims, memory->claim_count * sizeof(*claims));
	if (!memory->claims_static)
		free(memory->claims);
	memory->claims = claims;
	memory->claim_capacity = capacity;
	memory->claims_static = false;
	return ERR_OK;
}

/* The number of the first claim that ends behind `start`. */
static u32 claim_behind(const struct memory *memory, paddr_t start)
{
	u32 low = 0, high = memory->claim_count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (memory->claims[middle].end <= start)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum err insert_claim(struct memory *memory, u32 at, const struct mem_claim *claim)
{
	enum err err = reserve_claims(memory, memory->claim_count + 1);

	if (err)
		return err;
	/* Growing the table can itself have added a claim. */
	at = claim_behind(memory, claim->start);
	memmove(&memory->claims[at + 1], &memory->claims[at], (memory->claim_count - at) * sizeof(*memory->claims));
	memory->claims[at] = *claim;
	memory->claim_count++;
	return ERR_OK;
}

enum err memory_claim(struct memory *memory, paddr_t start, paddr_t end, enum mem_owner owner, const char *name)
{
	enum err err = ERR_OK;

	start = align_down(start, PAGE_SIZE);
	end = align_up(min_u64(end, PADDR_LIMIT), PAGE_SIZE);
	while (start < end && !err) {
		u32 at = claim_behind(memory, start);
		paddr_t gap_end = at < memory->claim_count ? min_u64(end, memory->claims[at].start) : end;
		paddr_t next = at < memory->claim_count ? memory->claims[at].end : end;

		if (start < gap_end) {
			err = insert_claim(memory, at, &(struct mem_claim){ start, gap_end, owner, name });
			start = gap_end;
		} else {
			start = next;
		}
	}
	return err;
}

const struct mem_claim *memory_find_claim(const struct memory *memory, paddr_t start, paddr_t end)
{
	u32 at = claim_behind(memory, start);

	if (start >= end || at == memory->claim_count || memory->claims[at].start >= end)
		return NULL;
	return &memory->claims[at];
}

/* The last claim that meets [start, end), or NULL. */
static const struct mem_claim *last_claim(const struct memory *memory, paddr_t start, paddr_t end)
{
	u32 at = claim_behind(memory, end - 1);

	if (at < memory->claim_count && memory->claims[at].start < end)
		return &memory->claims[at];
	return at && memory->claims[at - 1].end > start ? &memory->claims[at - 1] : NULL;
}

struct search {
	const struct memory *memory;
	const struct memory_where *where;
	u64 size, align, step;
};

static bool is_clear(const struct search *s, paddr_t start)
{
	return !s->where->is_clear || s->where->is_clear(s->where->ctx, start, start + s->size);
}

/* The highest place in the free range [low, high). */
static bool search_down(const struct search *s, paddr_t low, paddr_t high, paddr_t *out)
{
	while (high > low && high - low >= s->size) {
		paddr_t start = align_down(high - s->size, s->align);
		const struct mem_claim *claim;

		if (start < low)
			return false;
		claim = memory_find_claim(s->memory, start, start + s->size);
		if (!claim && is_clear(s, start)) {
			*out = start;
			return true;
		}
		high = claim ? claim->start : start + s->size - min_u64(s->step, start + s->size);
	}
	return false;
}

/* The lowest place in the free range [low, high). */
static bool search_up(const struct search *s, paddr_t low, paddr_t high, paddr_t *out)
{
	while (low < high && high - low >= s->size) {
		const struct mem_claim *claim;
		u64 start;

		if (!align_up_checked(low, s->align, &start) || start >= high || high - start < s->size)
			return false;
		claim = last_claim(s->memory, start, start + s->size);
		if (!claim && is_clear(s, start)) {
			*out = start;
			return true;
		}
		low = claim ? claim->end : start + s->step;
	}
	return false;
}

static bool search_range(const struct search *s, const struct mem_range *range, paddr_t *out)
{
	const struct memory_where *w = s->where;
	paddr_t limit = min_u64(w->max ? w->max : PADDR_LIMIT, arch_phys_limit());
	paddr_t low = align_up(max_u64(range->start, max_u64(w->min, PAGE_SIZE)), PAGE_SIZE);
	paddr_t high = align_down(min_u64(range->end, limit), PAGE_SIZE);

	if (range->type != MEM_USABLE)
		return false;
	return w->lowest_first ? search_up(s, low, high, out) : search_down(s, low, high, out);
}

static bool search_all(const struct search *s, paddr_t *out)
{
	const struct memmap *map = &s->memory->map;

	for (u32 i = 0; i < map->count; i++) {
		u32 at = s->where->lowest_first ? i : map->count - 1 - i;

		if (search_range(s, &map->ranges[at], out))
			return true;
	}
	return false;
}

enum err memory_alloc(struct memory *memory, u64 size, const struct memory_where *where, enum mem_owner owner,
		      const char *name, paddr_t *out)
{
	struct search s = {
		.memory = memory,
		.where = where,
		.align = max_u64(where->align, PAGE_SIZE),
		.step = max_u64(where->ctx_step, PAGE_SIZE),
	};
	enum err err;

	if (!size || !align_up_checked(size, PAGE_SIZE, &s.size) || s.size > PADDR_LIMIT)
		return ERR_VALUE;
	/* Room in the table first: growing it may take memory itself. */
	err = reserve_claims(memory, memory->claim_count + 2);
	if (err)
		return err;
	if (!search_all(&s, out))
		return ERR_NO_ROOM;
	return memory_claim(memory, *out, *out + s.size, owner, name);
}

void memory_release(struct memory *memory, paddr_t start)
{
	u32 at = claim_behind(memory, start);

	if (at == memory->claim_count || memory->claims[at].start != start)
		return;
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
	};

	return (unsigned int)owner < OWNER_COUNT ? names[owner] : "unknown";
}
