/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A plan: where everything that is handed over must lie, and how the processor enters it. Loaders make plans (add segments,
 * set the entry state) and never write outside them; plan_place() chooses the addresses that are open; pagelist_build()
 * turns the result into the words that drive the mover.
 */
#ifndef TRAPEZE_PLAN_H
#define TRAPEZE_PLAN_H

#include "error.h"
#include "types.h"

struct memory;

enum entry_mode { ENTRY_LONG, ENTRY_PROTECTED, ENTRY_REAL };

/* Register contents at entry. Numbers that the mode has no room for are cut; real mode uses cs:ip, ds.. in `segment`. */
struct entry_state {
	enum entry_mode mode;
	paddr_t ip;
	u64 ax, bx, cx, dx, si, di, bp;
	u64 sp;				/* 0: the stack page of the control pages */
	u64 r8, r9;			/* long mode only */
	u16 cs, ds, es, fs, gs, ss;	/* real mode only */
};

enum plan_where {
	PLAN_FIXED,			/* dest is given */
	PLAN_TOP,			/* stay at source if that is allowed, else as high as allowed */
	PLAN_BOTTOM,			/* at `preferred` if there is room, else as low as allowed */
	PLAN_FOLLOW			/* at the first page after the segment before it; both are placed as one block */
};

/*
 * [dest, dest + mem_size) belongs to the segment once the image runs; its first file_size bytes come from `source`, the next
 * zero_size are zero, the rest is claimed and left as it is. file_size + zero_size <= mem_size. Nothing else may have a
 * destination in it, and all of it must be usable memory.
 */
struct plan_segment {
	const char *name;		/* for the log: "kernel", "initrd"; owned by the loader, static or in the manifest */
	paddr_t source;			/* any byte address; the bytes stay there, unchanged, until execute */
	u64 file_size, zero_size, mem_size;
	enum plan_where where;
	paddr_t dest;			/* PLAN_FIXED: given, any byte address; else chosen, page aligned at least */
	paddr_t min, max;		/* allowed: min <= dest and dest + mem_size <= max */
	u64 align;			/* power of two, at least PAGE_SIZE unless fixed */
	paddr_t preferred;		/* PLAN_BOTTOM only; 0: none */
};

struct plan {
	struct plan_segment *segments;	/* malloc'd, owned by the plan */
	u32 segment_count, segment_capacity;
	struct entry_state entry;
	bool placed;
};

void plan_init(struct plan *plan);
void plan_free(struct plan *plan);

/*
 * Add a copy of *segment (after checking it alone: sizes that wrap, alignments that are no power of two, empty limits) and
 * return its number in *index (index may be NULL). Logs what is wrong.
 */
enum err plan_add(struct plan *plan, const struct plan_segment *segment, u32 *index) MUST_CHECK;

/*
 * Check fixed destinations (usable memory, no overlap with one another, below arch_phys_limit) and choose the open ones:
 * fixed first, then PLAN_BOTTOM, then PLAN_TOP groups with the largest first. A PLAN_TOP group (a segment and those that
 * follow it) stays where its sources lie when that is page aligned, within limits, usable, adjacent in the way the group
 * needs and free of other destinations. Nothing is written. Errors name segment, address, size and the limit.
 * Destinations may cover anything in usable memory, also the shim itself, except memory claimed with OWNER_CONTROL.
 */
enum err plan_place(struct plan *plan, const struct memory *memory) MUST_CHECK;

/* The ranges that control pages, staging pages and page lists must stay out of: is [start, end) clear of every destination? */
bool plan_range_is_clear(const struct plan *plan, paddr_t start, paddr_t end);

#endif
