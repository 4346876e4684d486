/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Placing. Segments that follow one another make a group, which is placed as one block. Two sets of pages say what is
 * left: `free` is usable memory without destinations, `quiet` is that without sources, so that what is placed there
 * makes no other segment wait for its move. Where all is fixed nobody asks for either.
 */
#include "plan.h"

#include <stdlib.h>

#include "arch.h"
#include "fmt.h"
#include "log.h"
#include "memory.h"
#include "plan_place.h"
#include "rangeset.h"

struct group {
	struct plan_segment *head;
	u32 count;
	u64 bytes, size;		/* from the first byte to the last; rounded up to pages */
	paddr_t low, high;		/* the head's destination may be from low to high */
	bool done;
};

struct placer {
	struct plan *plan;
	const struct memory *memory;
	struct group *groups;
	u32 group_count;
	struct rangeset free, quiet;
};

#define SIZE_TEXT 16

static paddr_t behind(const struct plan_segment *s)
{
	return align_up(s->dest + s->mem_size, PAGE_SIZE);
}

/* Both sets lose the group's pages, from its first destination on. */
static enum err take_pages(struct placer *p, const struct group *group)
{
	paddr_t start = align_down(group->head->dest, PAGE_SIZE), end = behind(group->head + group->count - 1);
	enum err err = rangeset_remove(&p->free, start, end);

	return err ? err : rangeset_remove(&p->quiet, start, end);
}

/* Give an open group its addresses. */
static enum err settle(struct placer *p, struct group *group, paddr_t base)
{
	group->head->dest = base;
	for (u32 i = 1; i < group->count; i++)
		group->head[i].dest = behind(&group->head[i - 1]);
	group->done = true;
	return take_pages(p, group);
}

/* Fixed segments and those behind them, which are checked one by one: each destination is that of the one before it. */
static enum err place_fixed(const struct plan *plan, const struct memory *memory)
{
	bool is_fixed = false;
	enum err err = ERR_OK;

	for (u32 i = 0; i < plan->segment_count && !err; i++) {
		struct plan_segment *s = &plan->segments[i];

		if (s->where != PLAN_FOLLOW)
			is_fixed = s->where == PLAN_FIXED;
		else if (is_fixed)
			s->dest = behind(s - 1);
		if (is_fixed)
			err = plan_check_fixed(plan, memory, s);
	}
	return err;
}

/* --- open segments --- */

/* The lowest or highest place for the group in one range. */
static bool fit(const struct group *group, const struct range *range, bool top, paddr_t *base)
{
	paddr_t start = align_up(max_u64(range->start, group->low), group->head->align), last;

	if (range->end - range->start < group->size)
		return false;
	last = align_down(min_u64(range->end - group->size, group->high), group->head->align);
	*base = top ? last : start;
	return start <= last;
}

static bool find(const struct group *group, const struct rangeset *set, bool top, paddr_t *base)
{
	for (u32 i = 0; i < set->count; i++)
		if (fit(group, &set->items[top ? set->count - 1 - i : i], top, base))
			return true;
	return false;
}

static bool has_room_at(const struct placer *p, const struct group *group, paddr_t base)
{
	return base >= group->low && base <= group->high && !(base & (group->head->align - 1)) &&
	       rangeset_covers(&p->free, base, base + group->size);
}

static bool may_stay(const struct placer *p, const struct group *group)
{
	paddr_t base = group->head->source, at = base;

	if (!group->head->file_size || !has_room_at(p, group, base))
		return false;
	for (u32 i = 0; i < group->count; i++) {
		const struct plan_segment *s = group->head + i;

		if (s->file_size && s->source != at)
			return false;
		at = align_up(at + s->mem_size, PAGE_SIZE);
	}
	return true;
}

static enum err no_room(const struct placer *p, const struct group *group)
{
	char size[SIZE_TEXT], largest[SIZE_TEXT];
	paddr_t limit = group->high + group->bytes;
	struct range best = { 0, 0 };

	for (u32 i = 0; i < p->free.count; i++) {
		paddr_t start = align_up(max_u64(p->free.items[i].start, group->low), group->head->align);
		paddr_t end = min_u64(p->free.items[i].end, limit);

		if (start < end && end - start > best.end - best.start)
			best = (struct range){ start, end };
	}
	fmt_size(size, sizeof(size), group->bytes);
	fmt_size(largest, sizeof(largest), best.end - best.start);
	log_err("place", "%s%s, %s, does not fit between 0x%llx and 0x%llx aligned to 0x%llx: "
		"largest free range 0x%llx..0x%llx, %s", group->head->name, group->count > 1 ? " and what follows it" : "",
		size, group->low, limit, group->head->align, best.start, best.end, largest);
	return ERR_NO_ROOM;
}

static enum err place_bottoms(struct placer *p)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < p->group_count && !err; i++) {
		struct group *group = &p->groups[i];
		paddr_t base = group->head->preferred;

		if (group->head->where != PLAN_BOTTOM)
			continue;
		if ((base && has_room_at(p, group, base)) || find(group, &p->quiet, false, &base) ||
		    find(group, &p->free, false, &base))
			err = settle(p, group, base);
		else
			err = no_room(p, group);
	}
	return err;
}

static struct group *largest_top(struct placer *p, bool staying)
{
	struct group *largest = NULL;

	for (u32 i = 0; i < p->group_count; i++) {
		struct group *group = &p->groups[i];

		if (group->head->where == PLAN_TOP && !group->done && (!staying || may_stay(p, group)) &&
		    (!largest || group->size > largest->size))
			largest = group;
	}
	return largest;
}

/* Sets *stuck to a group for which there is no room, else to NULL. */
static enum err try_tops(struct placer *p, bool staying, struct group **stuck)
{
	enum err err = ERR_OK;
	paddr_t base;

	*stuck = NULL;
	for (struct group *group; staying && !err && (group = largest_top(p, true));)
		err = settle(p, group, group->head->source);
	for (struct group *group; !err && (group = largest_top(p, false));) {
		if (!find(group, &p->quiet, true, &base) && !find(group, &p->free, true, &base)) {
			*stuck = group;
			break;
		}
		err = settle(p, group, base);
	}
	return err;
}

/* Those that stay can split memory so that another one finds no room; then all of them move. */
static enum err place_tops(struct placer *p)
{
	struct rangeset free_before, quiet_before;
	struct group *stuck = NULL;
	enum err err;

	rangeset_init(&free_before);
	rangeset_init(&quiet_before);
	err = rangeset_copy(&free_before, &p->free);
	if (!err)
		err = rangeset_copy(&quiet_before, &p->quiet);
	if (!err)
		err = try_tops(p, true, &stuck);
	if (!err && stuck) {
		for (u32 i = 0; i < p->group_count; i++)
			p->groups[i].done &= p->groups[i].head->where != PLAN_TOP;
		err = rangeset_copy(&p->free, &free_before);
		if (!err)
			err = rangeset_copy(&p->quiet, &quiet_before);
		if (!err)
			err = try_tops(p, false, &stuck);
		if (!err && stuck)
			err = no_room(p, stuck);
	}
	rangeset_free(&free_before);
	rangeset_free(&quiet_before);
	return err;
}

/* --- the whole --- */

/* Sizes and limits of an open group as limits of its head. Page 0 is for nobody who can lie elsewhere. */
static enum err measure(struct group *group)
{
	u64 offset = 0;

	group->low = PAGE_SIZE;
	group->high = PADDR_LIMIT;
	for (u32 i = 0; i < group->count; i++) {
		const struct plan_segment *s = group->head + i;
		paddr_t max = min_u64(plan_segment_max(s), arch_phys_limit());

		if (offset > max || max - offset < s->mem_size) {
			log_err("place", "%s does not fit below 0x%llx: size=0x%llx behind 0x%llx bytes", s->name, max,
				s->mem_size, offset);
			return ERR_NO_ROOM;
		}
		if (s->min > offset)
			group->low = max_u64(group->low, s->min - offset);
		group->high = min_u64(group->high, max - offset - s->mem_size);
		group->bytes = offset + s->mem_size;
		offset = align_up(group->bytes, PAGE_SIZE);
	}
	group->size = align_up(group->bytes, PAGE_SIZE);
	return ERR_OK;
}

static enum err make_groups(struct placer *p)
{
	struct plan *plan = p->plan;
	enum err err = ERR_OK;

	p->groups = calloc(plan->segment_count + 1, sizeof(*p->groups));
	if (!p->groups) {
		log_err("place", "the heap has no room to place %u segments", plan->segment_count);
		return ERR_MEMORY;
	}
	for (u32 i = 0; i < plan->segment_count; i++) {
		if (plan->segments[i].where != PLAN_FOLLOW)
			p->groups[p->group_count++].head = &plan->segments[i];
		p->groups[p->group_count - 1].count++;
	}
	for (u32 i = 0; i < p->group_count && !err; i++)
		if (p->groups[i].head->where != PLAN_FIXED)
			err = measure(&p->groups[i]);
	return err;
}

static bool has_open(const struct plan *plan)
{
	for (u32 i = 0; i < plan->segment_count; i++)
		if (plan->segments[i].where == PLAN_BOTTOM || plan->segments[i].where == PLAN_TOP)
			return true;
	return false;
}

/* What open segments may have: whole usable pages but the firmware's low memory and the control pages. */
static enum err make_sets(struct placer *p)
{
	const struct memory *memory = p->memory;
	enum err err = ERR_OK;

	for (u32 i = 0; i < memory->map.count && !err; i++) {
		const struct mem_range *range = &memory->map.ranges[i];
		paddr_t start = align_up(range->start, PAGE_SIZE);
		paddr_t end = align_down(min_u64(range->end, arch_phys_limit()), PAGE_SIZE);

		if (range->type == MEM_USABLE)
			err = rangeset_add(&p->free, start, end);
	}
	for (u32 i = 0; i < memory->claim_count && !err; i++) {
		const struct mem_claim *claim = &memory->claims[i];

		if (claim->owner == OWNER_CONTROL || claim->owner == OWNER_KEPT || claim->owner == OWNER_LOW || p->plan->apart)
			err = rangeset_remove(&p->free, claim->start, claim->end);
	}
	if (!err)
		err = rangeset_copy(&p->quiet, &p->free);
	for (u32 i = 0; i < p->plan->segment_count && !err; i++) {
		const struct plan_segment *s = &p->plan->segments[i];

		if (s->file_size)
			err = rangeset_remove(&p->quiet, align_down(s->source, PAGE_SIZE),
					      align_up(s->source + s->file_size, PAGE_SIZE));
	}
	return err;
}

static enum err take_fixed(struct placer *p)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < p->group_count && !err; i++)
		if (p->groups[i].head->where == PLAN_FIXED)
			err = take_pages(p, &p->groups[i]);
	return err;
}

static enum err place_all(struct plan *plan, const struct memory *memory)
{
	struct placer p = { .plan = plan, .memory = memory };
	enum err err = make_groups(&p);

	if (!err)
		err = make_sets(&p);
	if (!err)
		err = place_fixed(plan, memory);
	if (!err)
		err = take_fixed(&p);
	if (!err)
		err = place_bottoms(&p);
	if (!err)
		err = place_tops(&p);
	free(p.groups);
	rangeset_free(&p.free);
	rangeset_free(&p.quiet);
	return err;
}

enum err plan_place(struct plan *plan, const struct memory *memory)
{
	enum err err;

	plan->placed = false;
	err = has_open(plan) ? place_all(plan, memory) : place_fixed(plan, memory);
	plan->placed = !err;
	return err;
}
