/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The recorder's block in memory; what writes and what reads it share this. */
#ifndef TRAPEZE_RECORDER_PRIVATE_H
#define TRAPEZE_RECORDER_PRIVATE_H

#include "recorder.h"

#define RECORDER_MAGIC 0x34544c465a505254ull	/* "TRPZFLT4", little endian; another one where a number of enum flight_step or the layout changes */
#define RAMOOPS_SIGNATURE 0x43474244u		/* "DBGC": fs/pstore/ram_core.c, PERSISTENT_RAM_SIG */

struct recorder_slot {
	u64 magic;
	u64 self;			/* the block's own address */
	u32 flight;
	u32 end;			/* enum recorder_end */
	u32 returns;			/* the image of that title is called */
	u32 ring_size;			/* as in struct log_ring */
	char title[64];
	u32 sequence;			/* the slot with the higher one is the newer; from here on what each line of the log changes */
	u32 text_sum;
	u64 time_us;
	u64 total, first;		/* of the ring */
	u32 step;			/* enum flight_step */
	u32 sum;			/* over all before it */
};
_Static_assert(sizeof(struct recorder_slot) % sizeof(u32) == 0, "summed by words");

struct recorder_header {
	struct recorder_slot slots[2];
	volatile u32 swing_step;	/* enum control_step plus 1, by the control pages; 0: not in a swing */
};
_Static_assert(sizeof(struct recorder_header) <= PAGE_SIZE, "");

struct ramoops_zone {
	u32 signature;
	u32 start;			/* where the next byte goes */
	u32 size;			/* bytes of text so far, the capacity at most */
	char text[];
};

struct recorder_block {
	struct recorder_header header;
	u8 unused[PAGE_SIZE - sizeof(struct recorder_header)];
	struct ramoops_zone zone;
};
#define RECORDER_TEXT_SIZE (RECORDER_ZONE_SIZE - sizeof(struct ramoops_zone))

u32 recorder_slot_sum(const struct recorder_slot *slot);
/* The newer of the block's slots that are whole, or NULL. */
const struct recorder_slot *recorder_newest(const struct recorder_block *block, paddr_t self);

/* recorder_read.c: find the newest record in the map's usable memory, take it out, and tell of it. Returns its flight, or 0. */
u32 recorder_read(const struct memory *memory, struct recorder_last *last);
void recorder_tell(const struct recorder_last *last);

#endif
