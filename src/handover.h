/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What loaders of several formats hand over in the same way: areas of data, ramdisks, the memory map. */
#ifndef TRAPEZE_HANDOVER_H
#define TRAPEZE_HANDOVER_H

#include "loader.h"
#include "rangeset.h"

/* Data composed in staging memory, moved to where its segment is placed. */
struct handover_area {
	u8 *data;
	paddr_t stage;
	u64 size;			/* 0: there is none */
	u32 segment;			/* its number in the plan */
};

/*
 * Take zeroed staging memory for `size` bytes and add it to the plan. `segment` gives the name and where the area may
 * lie; source and sizes are filled in.
 */
enum err handover_plan(struct load_request *request, struct handover_area *area, struct plan_segment segment,
		       u64 size) MUST_CHECK;
/* Where an area will lie; the plan has been placed. */
paddr_t handover_dest(const struct load_request *request, const struct handover_area *area);
void handover_release(struct load_request *request, const struct handover_area *area);

/*
 * Narrow [*min, *max), where a ramdisk may lie, to what Linux still has as memory when mem= and memmap= of its command line
 * have done their work, but for the last page of that. Logs what it takes away; ERR_NO_ROOM when nothing is left.
 */
enum err handover_ramdisk_window(const struct load_request *request, paddr_t *min, paddr_t *max) MUST_CHECK;
/*
 * The request's ramdisks as one block within what that leaves of 1 MiB up to `max`, in their order, each padded with zeros to the end of its page.
 * *first is the number of the first's segment; the others follow.
 */
enum err handover_plan_ramdisks(struct load_request *request, paddr_t max, u32 *first) MUST_CHECK;
/* The block as it will lie, without the last one's padding; the plan has been placed. *size 0: no ramdisks. */
void handover_find_ramdisks(const struct load_request *request, u32 first, paddr_t *start, u64 *size);

/* CRC-32 of the block as it will lie. */
u32 handover_ramdisk_crc(const struct load_request *request);

/* Usable memory that stays ours, into `ours` (initialised; the caller frees it in any case). */
enum err handover_find_ours(const struct load_request *request, struct rangeset *ours) MUST_CHECK;
/* The memory map with that reserved in it, into `map` (the same). */
enum err handover_copy_map(const struct load_request *request, struct memmap *map) MUST_CHECK;
/* Marking one of those splits a range into three at most. */
#define HANDOVER_MAP_EXTRA (2u * LOADER_KEPT_MAX)
/* By how many ranges the map may grow, of a kernel that comes back too; known at plan. */
u32 handover_map_growth(const struct load_request *request);

/* Little-endian numbers in data of our own: no bounds to check. */
void handover_put(u8 *at, u32 offset, u32 bytes, u64 value);
u64 handover_get(const u8 *at, u32 offset, u32 bytes);

#endif
