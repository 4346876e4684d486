/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What every placed plan promises, in the plainest of terms. */
#ifndef FUZZ_PLAN_CHECK_H
#define FUZZ_PLAN_CHECK_H

#include <stdlib.h>

#include "arch.h"
#include "memory.h"
#include "plan.h"

static inline void fuzz_require(bool holds)
{
	if (!holds)
		abort();
}

static inline void plan_check_segment(const struct plan_segment *s, const struct memory *memory)
{
	paddr_t end = s->dest + s->mem_size;

	fuzz_require(s->mem_size && end > s->dest && end <= arch_phys_limit());
	fuzz_require(s->file_size <= s->mem_size && s->zero_size <= s->mem_size - s->file_size);
	fuzz_require(s->dest >= s->min && end <= plan_segment_max(s));
	fuzz_require(s->where == PLAN_FIXED || !(s->dest & (s->align - 1)));
	fuzz_require(memory_is_usable(memory, s->dest, end));
	fuzz_require(!s->file_size || arch_phys(s->source, s->file_size));
}

static inline void plan_check(const struct plan *plan, const struct memory *memory)
{
	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *a = &plan->segments[i];

		plan_check_segment(a, memory);
		for (u32 k = 0; k < i; k++) {
			const struct plan_segment *b = &plan->segments[k];

			fuzz_require(!ranges_overlap(a->dest, a->dest + a->mem_size, b->dest, b->dest + b->mem_size));
		}
		if (a->where == PLAN_FOLLOW)
			fuzz_require(a->dest == align_up(a[-1].dest + a[-1].mem_size, PAGE_SIZE));
	}
}

#endif
