/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "plan_place.h"

#include "arch.h"
#include "log.h"

static enum err check_limit(const struct plan_segment *s)
{
	paddr_t max = min_u64(plan_segment_max(s), arch_phys_limit());

	if (s->dest >= s->min && s->dest <= max && max - s->dest >= s->mem_size)
		return ERR_OK;
	log_err("place", "%s at 0x%llx size=0x%llx is not between min=0x%llx and limit=0x%llx", s->name, s->dest,
		s->mem_size, s->min, max);
	return ERR_NO_ROOM;
}

/* The first address in [start, end) that the map does not call usable, or end. */
static paddr_t first_unusable(const struct memory *memory, paddr_t start, paddr_t end)
{
	for (u32 i = 0; i < memory->map.count && start < end; i++) {
		const struct mem_range *range = &memory->map.ranges[i];

		if (range->type == MEM_USABLE && range->start <= start && start < range->end)
			start = range->end;
	}
	return min_u64(start, end);
}

/* What is written is written by pages, so the whole of those has to be usable. */
static enum err check_usable(const struct memory *memory, const struct plan_segment *s)
{
	paddr_t start = s->dest, end = s->dest + s->mem_size, written = s->dest + s->file_size + s->zero_size;

	if (written > s->dest) {
		start = align_down(start, PAGE_SIZE);
		end = max_u64(end, align_up(written, PAGE_SIZE));
	}
	if (memory_is_usable(memory, start, end))
		return ERR_OK;
	log_err("place", "%s at 0x%llx..0x%llx: 0x%llx is not usable memory", s->name, s->dest, s->dest + s->mem_size,
		first_unusable(memory, start, end));
	return ERR_RESERVED;
}

static enum err check_claims(const struct plan *plan, const struct memory *memory, const struct plan_segment *s)
{
	paddr_t at = s->dest, end = s->dest + s->mem_size;
	const struct mem_claim *claim;

	for (; at < end && (claim = memory_find_claim(memory, at, end)); at = claim->end) {
		bool stays = claim->owner == OWNER_CONTROL ||
			     (claim->owner == OWNER_KEPT && !plan->may_cover_kept && !s->is_kept);

		if (!stays && !plan->apart)
			continue;
		log_err("place", "%s at 0x%llx..0x%llx overlaps %s at 0x%llx..0x%llx, which must stay", s->name,
			s->dest, end, claim->name, claim->start, claim->end);
		return ERR_RESERVED;
	}
	return ERR_OK;
}

static enum err check_overlap(const struct plan *plan, const struct plan_segment *s)
{
	paddr_t end = s->dest + s->mem_size;
	bool fixed = false;

	for (const struct plan_segment *other = plan->segments; other < s; other++) {
		if (other->where != PLAN_FOLLOW)
			fixed = other->where == PLAN_FIXED;
		if (!fixed || !ranges_overlap(s->dest, end, other->dest, other->dest + other->mem_size))
			continue;
		log_err("place", "%s at 0x%llx..0x%llx overlaps %s at 0x%llx..0x%llx", s->name, s->dest, end,
			other->name, other->dest, other->dest + other->mem_size);
		return ERR_OVERLAP;
	}
	return ERR_OK;
}

enum err plan_check_fixed(const struct plan *plan, const struct memory *memory, const struct plan_segment *s)
{
	enum err err = check_limit(s);

	if (!err)
		err = check_usable(memory, s);
	if (!err)
		err = check_claims(plan, memory, s);
	return err ? err : check_overlap(plan, s);
}
