/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The memory map and who claims what in it. The map is what firmware said, sanitised; claims are what the shim uses.
 * Both are sorted arrays that grow without a fixed limit.
 */
#ifndef TRAPEZE_MEMORY_H
#define TRAPEZE_MEMORY_H

#include "error.h"
#include "types.h"

/* The first five are E820's numbers (ACPI 6.4, table 15.10) and go to the next kernel as they are. */
enum mem_type {
	MEM_USABLE = 1,
	MEM_RESERVED = 2,
	MEM_ACPI = 3,			/* ACPI tables, reclaimable */
	MEM_NVS = 4,			/* ACPI non-volatile storage */
	MEM_BAD = 5,
	MEM_PERSISTENT = 7,
	MEM_SOFT_RESERVED = 0xefffffffu	/* "specific purpose" (UEFI 2.9, 7.2): the number that Linux gives it in E820 */
};

struct mem_range {
	paddr_t start, end;		/* half open; end <= PADDR_LIMIT */
	u32 type;			/* enum mem_type, or another number of firmware's: treated as reserved, passed on */
};

struct memmap {
	struct mem_range *ranges;	/* malloc'd unless it is the caller's (memmap_init_static) */
	u32 count, capacity;
	bool is_static;
};

enum mem_owner {
	OWNER_SHIM,			/* code, data, stack of the shim as it was loaded */
	OWNER_INFO,			/* multiboot information and what it points to */
	OWNER_MODULE,
	OWNER_TABLE,			/* page tables */
	OWNER_HEAP,
	OWNER_LOG,
	OWNER_CONTROL,			/* never a destination */
	OWNER_STAGE,			/* page lists, staging pages, unpacked images */
	OWNER_LOW,			/* page 0, BIOS data area, EBDA */
	OWNER_KEPT,			/* of the kernel before, for the one after (kho_in.h): only ever read */
	OWNER_IMAGE,			/* of a kernel that comes back (jumpback.h): its own, also while it sleeps */
	OWNER_COUNT
};

struct mem_claim {
	paddr_t start, end;		/* page aligned */
	enum mem_owner owner;
	const char *name;		/* for the `m` screen; static or as long-lived as the claim */
};

struct memory {
	struct memmap map;
	struct mem_claim *claims;	/* sorted by start, disjoint */
	u32 claim_count, claim_capacity;
	bool growing;			/* the table of claims is being enlarged */
};

/* --- the map --- */
void memmap_init(struct memmap *map);
/* Use the caller's array (for early boot, before there is a heap); growing past it moves to malloc. */
void memmap_init_static(struct memmap *map, struct mem_range *ranges, u32 capacity);
void memmap_free(struct memmap *map);
/* Append as given: any order, overlaps and zero length allowed; start + size that wraps is clipped and logged. */
enum err memmap_add(struct memmap *map, paddr_t start, u64 size, u32 type) MUST_CHECK;
/*
 * Sort, drop empty ranges, clip to PADDR_LIMIT, resolve overlaps (the more restrictive type wins: reserved kinds over
 * ACPI over usable), join neighbours of one type. Idempotent.
 */
enum err memmap_sanitise(struct memmap *map) MUST_CHECK;
/* On a sanitised map: is all of [start, end) of this type? Of an empty range: is the byte at start? */
bool memmap_covers(const struct memmap *map, paddr_t start, paddr_t end, u32 type);
/*
 * Give [start, end) this type in a sanitised map, holes included, splitting ranges; the result is sanitised. On an
 * error the map is as before.
 */
enum err memmap_mark(struct memmap *map, paddr_t start, paddr_t end, u32 type) MUST_CHECK;
enum err memmap_copy(struct memmap *to, const struct memmap *from) MUST_CHECK;
u64 memmap_total(const struct memmap *map, u32 type);
const char *memmap_type_name(u32 type);

/* --- claims and pages --- */
void memory_init(struct memory *memory);
void memory_free(struct memory *memory);
/*
 * Claim [start, end), rounded outwards to pages; an empty range claims nothing. Where it meets existing claims only the
 * gaps are claimed.
 *
 * Claims are kept in malloc'd memory, and the heap may itself take memory through memory_alloc when it is full: a few
 * places in the table are kept free for that, so that the heap can grow while the table does.
 */
enum err memory_claim(struct memory *memory, paddr_t start, paddr_t end, enum mem_owner owner,
		      const char *name) MUST_CHECK;

/* Where pages may be taken; zero-initialised: anywhere usable, page aligned, highest first. */
struct memory_where {
	paddr_t min, max;		/* max 0: arch_phys_limit() */
	u64 align;			/* 0: PAGE_SIZE; else a power of two */
	bool lowest_first;
	bool (*is_clear)(const void *ctx, paddr_t start, paddr_t end);	/* a further condition: plan_range_is_clear */
	const void *ctx;
	u64 ctx_step;			/* when is_clear says no, go on this many bytes further; 0: PAGE_SIZE */
};

/*
 * Take `size` bytes (rounded up to pages) of usable, unclaimed memory and claim them. Never page 0. ERR_NO_ROOM is
 * returned without a log line: the caller knows what it was for.
 */
enum err memory_alloc(struct memory *memory, u64 size, const struct memory_where *where, enum mem_owner owner,
		      const char *name, paddr_t *out) MUST_CHECK;
/* Give back exactly what memory_alloc gave at `start`. Anything else changes nothing and is logged as an error. */
void memory_release(struct memory *memory, paddr_t start);
/* Is all of [start, end) usable by the map (claimed or not)? */
bool memory_is_usable(const struct memory *memory, paddr_t start, paddr_t end);
/* The first claim that meets [start, end), or NULL. */
const struct mem_claim *memory_find_claim(const struct memory *memory, paddr_t start, paddr_t end);
const char *memory_owner_name(enum mem_owner owner);

#endif
