/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The flight recorder: the log and where the shim was, in memory that a warm reset leaves alone. The next start finds it
 * and tells how the last flight ended: the way to see what a silent reset was. The log itself lies there as a zone of
 * Linux's ramoops, which any kernel with pstore shows as console-ramoops-0 when its pages are handed over as reserved.
 *
 * One block, aligned to RECORDER_ALIGN and below 4 GiB:
 *
 *   0        header page: two slots that are written in turns, each with a sum, so that one is always whole
 *   0x1000   ramoops zone: signature, write position, number of bytes (12 bytes, fs/pstore/ram_core.c, struct
 *            persistent_ram_buffer), then the text
 */
#ifndef TRAPEZE_RECORDER_H
#define TRAPEZE_RECORDER_H

#include "error.h"
#include "memory.h"
#include "plan.h"
#include "types.h"

#define RECORDER_ALIGN MIB(1)
#define RECORDER_ZONE_SIZE KIB(128)		/* a power of two: ramoops takes no other */
#define RECORDER_SIZE (PAGE_SIZE + RECORDER_ZONE_SIZE)
#define RECORDER_NAME "trapeze-log"		/* of the zone in a kexec handover; 15 characters at most */

/* How a flight ended, as far as the shim knows. */
enum recorder_end {
	RECORDER_FLYING,		/* it did not: what comes now is silence */
	RECORDER_HANDED_OVER,		/* an image was entered for good */
	RECORDER_ASKED			/* somebody wanted the reset */
};

/* What the shim does: a number in the record, and a text (recorder_step_text) in what is told of it. */
enum flight_step {
	FLIGHT_START, FLIGHT_MEMORY_MAP, FLIGHT_MANIFEST, FLIGHT_MENU, FLIGHT_SHELL, FLIGHT_SHELL_LINES, FLIGHT_READ, FLIGHT_VERIFY,
	FLIGHT_PLAN, FLIGHT_PREPARE, FLIGHT_QUIET, FLIGHT_EXECUTE, FLIGHT_ON_FAULT, FLIGHT_BIOS_CALLS,
	FLIGHT_STEP_COUNT
};

/* What the last flight left. `text` is its log, lines with "\n"; malloc'd, NULL when it was damaged. */
struct recorder_last {
	bool found;
	enum recorder_end end;
	u32 flight;			/* its number since the machine has had power */
	u64 time_us;			/* of its last word, since it began */
	char step[128];			/* where it was; printable */
	char *text;
	size_t size;
};

/*
 * Look for the last flight's record, say what it tells, and begin this one's: from here on the log's ring lies in it.
 * Without memory for it the log keeps its small buffer, and says so.
 */
void recorder_start(struct memory *memory);
const struct recorder_last *recorder_last(void);

/* What the shim does now: for the record, and for the dump of an exception (arch_set_step). */
void recorder_step(enum flight_step step);
/* Of any number. */
const char *recorder_step_text(u32 step);
/* Whose flight it is: the image's name, kept until the next. */
void recorder_title(const char *title, bool returns);
void recorder_end(enum recorder_end end);

/* The block's pages; *start == *end: there is none. */
void recorder_range(paddr_t *start, paddr_t *end);
/* The zone in the block. */
paddr_t recorder_zone(void);
/*
 * The word where the control pages note their step (enum control_step, plus 1), or 0 when the image would lie on it.
 */
paddr_t recorder_swing_word(const struct plan *plan);
/*
 * The block is to be handed over: move it to where no segment of this plan will lie. An error is logged.
 */
enum err recorder_make_way(struct memory *memory, const struct plan *plan) MUST_CHECK;

#endif
