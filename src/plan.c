/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "log.h"
#include "rangeset.h"

void plan_init(struct plan *plan)
{
	memset(plan, 0, sizeof(*plan));
}

void plan_free(struct plan *plan)
{
	free(plan->segments);
	plan_init(plan);
}

static enum err check_sizes(const struct plan_segment *s)
{
	u64 written;

	if (!s->mem_size) {
		log_err("plan", "%s: the segment is empty", s->name);
		return ERR_VALUE;
	}
	if (__builtin_add_overflow(s->file_size, s->zero_size, &written) || written > s->mem_size) {
		log_err("plan", "%s: file_size=0x%llx and zero_size=0x%llx exceed mem_size=0x%llx", s->name,
			s->file_size, s->zero_size, s->mem_size);
		return ERR_VALUE;
	}
	return ERR_OK;
}

static enum err check_source(const struct plan_segment *s)
{
	if (s->source > PADDR_LIMIT || PADDR_LIMIT - s->source < s->file_size) {
		log_err("plan", "%s: source=0x%llx file_size=0x%llx exceed 0x%llx", s->name, s->source, s->file_size,
			PADDR_LIMIT);
		return ERR_OVERFLOW;
	}
	if (s->file_size && !arch_phys(s->source, s->file_size)) {
		log_err("plan", "%s: source=0x%llx file_size=0x%llx is out of reach, limit=0x%llx", s->name, s->source,
			s->file_size, arch_phys_limit());
		return ERR_RESERVED;
	}
	return ERR_OK;
}

static enum err check_limits(const struct plan_segment *s)
{
	paddr_t max = plan_segment_max(s);

	if (s->min > max || max - s->min < s->mem_size) {
		log_err("plan", "%s: mem_size=0x%llx does not fit between min=0x%llx and max=0x%llx", s->name,
			s->mem_size, s->min, max);
		return ERR_NO_ROOM;
	}
	if (s->where == PLAN_FIXED && (s->dest < s->min || s->dest > max - s->mem_size)) {
		log_err("plan", "%s: dest=0x%llx mem_size=0x%llx is not between min=0x%llx and max=0x%llx", s->name,
			s->dest, s->mem_size, s->min, max);
		return ERR_VALUE;
	}
	return ERR_OK;
}

static enum err check_alignment(const struct plan_segment *s)
{
	bool ok = is_power_of_two(s->align) && s->align >= PAGE_SIZE;

	if (s->where == PLAN_FIXED || (ok && (s->where != PLAN_FOLLOW || s->align == PAGE_SIZE)))
		return ERR_OK;
	log_err("plan", "%s: align=0x%llx is not %s", s->name, s->align,
		s->where == PLAN_FOLLOW ? "the page size, as behind another segment"
					: "a power of two from the page size on");
	return ERR_ALIGN;
}

static enum err check_segment(const struct plan *plan, const struct plan_segment *s)
{
	enum err err;

	if (s->where == PLAN_FOLLOW && !plan->segment_count) {
		log_err("plan", "%s: follows, and is the first segment", s->name);
		return ERR_VALUE;
	}
	err = check_sizes(s);
	if (!err)
		err = check_source(s);
	if (!err)
		err = check_limits(s);
	return err ? err : check_alignment(s);
}

static enum err grow(struct plan *plan)
{
	u32 capacity = plan->segment_capacity ? 2 * plan->segment_capacity : 8;
	struct plan_segment *segments;

	if (plan->segment_count < plan->segment_capacity)
		return ERR_OK;
	segments = realloc(plan->segments, (size_t)capacity * sizeof(*segments));
	if (!segments) {
		log_err("plan", "the heap has no room for %u segments", capacity);
		return ERR_MEMORY;
	}
	plan->segments = segments;
	plan->segment_capacity = capacity;
	return ERR_OK;
}

enum err plan_add(struct plan *plan, const struct plan_segment *segment, u32 *index)
{
	enum err err = check_segment(plan, segment);

	if (!err)
		err = grow(plan);
	if (err)
		return err;
	plan->segments[plan->segment_count] = *segment;
	if (index)
		*index = plan->segment_count;
	plan->segment_count++;
	plan->placed = false;
	return ERR_OK;
}

bool plan_range_is_clear(const struct plan *plan, paddr_t start, paddr_t end)
{
	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *s = &plan->segments[i];

		/* No segment is empty. */
		if ((plan->placed || s->where == PLAN_FIXED) && start < align_up(s->dest + s->mem_size, PAGE_SIZE) &&
		    end > align_down(s->dest, PAGE_SIZE) && start < end)
			return false;
	}
	for (u32 i = 0; i < plan->scratch_count; i++)
		if (ranges_overlap(start, end, plan->scratch[i].start, plan->scratch[i].end))
			return false;
	return true;
}
