/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A plan: where everything that is handed over must lie, and how the processor enters it. Loaders make plans (add
 * segments, set the entry state) and never write outside them; plan_place() chooses the addresses that are open;
 * pagelist_build() turns the result into the words that drive the mover.
 */
#ifndef TRAPEZE_PLAN_H
#define TRAPEZE_PLAN_H

#include "error.h"
#include "types.h"

struct memory;
struct range;

enum entry_mode { ENTRY_LONG, ENTRY_PROTECTED, ENTRY_REAL };

/* "long", "protected", "real": as in the manifest. */
static inline const char *plan_mode_name(enum entry_mode mode)
{
	return mode == ENTRY_LONG ? "long" : mode == ENTRY_PROTECTED ? "protected" : "real";
}

/*
 * Register contents at entry. Numbers that the mode has no room for are cut; real mode uses cs:ip, ds.. in `segment`.
 */
struct entry_state {
	enum entry_mode mode;
	paddr_t ip;
	u64 ax, bx, cx, dx, si, di, bp;
	u64 sp;				/* 0: the stack page of the control pages */
	u64 r8, r9;			/* long mode only */
	u16 cs, ds, es, fs, gs, ss;	/* real mode only, as ... */
	u32 flags;			/* ... interrupts may be on; in the other modes they are off */
};

/* Where the first instruction lies. */
static inline paddr_t plan_entry_address(const struct entry_state *entry)
{
	return entry->mode == ENTRY_REAL ? ((paddr_t)entry->cs << 4) + (entry->ip & 0xffff) : entry->ip;
}

enum plan_where {
	PLAN_FIXED,			/* dest is given */
	PLAN_TOP,			/* stay at source if that is allowed, else as high as allowed */
	PLAN_BOTTOM,			/* at `preferred` if there is room, else as low as allowed */
	PLAN_FOLLOW			/* at the first page behind the segment before it: both are one group */
};

/*
 * [dest, dest + mem_size) belongs to the segment once the image runs; its first file_size bytes come from `source`,
 * the next zero_size are zero, the rest is claimed and left as it is. file_size + zero_size <= mem_size. Nothing else
 * may have a destination in it, and all of it must be usable memory.
 */
struct plan_segment {
	const char *name;		/* for the log: "kernel", "initrd"; static, or the loader's or manifest's */
	paddr_t source;			/* any byte address; the bytes stay there, unchanged, until execute */
	u64 file_size, zero_size, mem_size;
	enum plan_where where;
	paddr_t dest;			/* PLAN_FIXED: given, any byte address; else chosen, page aligned at least */
	paddr_t min, max;		/* allowed: min <= dest and dest + mem_size <= max; max 0: no limit */
	u64 align;			/* power of two from PAGE_SIZE on; FIXED: not looked at; FOLLOW: PAGE_SIZE */
	paddr_t preferred;		/* PLAN_BOTTOM only; 0: none */
	bool is_kept;			/* PLAN_FIXED: it is itself what is to be kept there (OWNER_KEPT) */
};

struct plan {
	struct plan_segment *segments;	/* malloc'd, owned by the plan */
	u32 segment_count, segment_capacity;
	struct entry_state entry;
	bool placed;
	bool apart;			/* destinations only where nobody has claimed anything */
	bool may_cover_kept;		/* fixed destinations may be OWNER_KEPT memory: it comes back, or was given up */
	const struct range *scratch;	/* not clear either: the next kernel's own until it knows better */
	u32 scratch_count;
};

void plan_init(struct plan *plan);
void plan_free(struct plan *plan);

/*
 * Add a copy of *segment (after checking it alone: no memory, sizes that wrap, a source that cannot be reached,
 * alignments that are no power of two, limits without room for it) and return its number in *index (index may be
 * NULL). Logs what is wrong.
 */
enum err plan_add(struct plan *plan, const struct plan_segment *segment, u32 *index) MUST_CHECK;

/*
 * Check fixed destinations (usable memory, no overlap with one another, below arch_phys_limit) and choose the open
 * ones: fixed first, then PLAN_BOTTOM as they were added, then PLAN_TOP with the largest first. Segments that follow
 * one another are a group and placed as one block. A PLAN_TOP group stays where its sources lie when that is aligned,
 * within limits, usable, adjacent in the way the group needs and free of other destinations, and when staying leaves
 * room for the others. Otherwise the lowest (highest) place that is no segment's source is preferred to the lowest
 * (highest) of all.
 *
 * Destinations may cover anything in usable memory, also the shim itself and other segments' sources, except memory
 * claimed with OWNER_CONTROL or OWNER_KEPT; open ones also leave out page 0 and OWNER_LOW. Where plan->apart is set, all claimed
 * memory is left out. Nothing is written. Errors name segment, address, size and the limit.
 */
enum err plan_place(struct plan *plan, const struct memory *memory) MUST_CHECK;

/*
 * Is [start, end) clear of every page in which a destination lies, and of scratch? The mover writes whole pages, so control pages,
 * staging pages and page lists must lie in ranges that are. Before plan_place only the fixed destinations are known.
 */
bool plan_range_is_clear(const struct plan *plan, paddr_t start, paddr_t end);

/* One past the last address that a segment may have. */
static inline paddr_t plan_segment_max(const struct plan_segment *segment)
{
	return segment->max ? min_u64(segment->max, PADDR_LIMIT) : PADDR_LIMIT;
}

#endif
