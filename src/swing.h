/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* One swing: a placed plan with everything that execute needs, made ready while failing is still allowed. */
#ifndef TRAPEZE_SWING_H
#define TRAPEZE_SWING_H

#include "mover.h"
#include "pagelist.h"
#include "plan.h"
#include "symbols.h"

/* Where int3 is planted (the debug option trapeze,int3): the net prints its dump there and goes on. */
#define SWING_INT3_BEFORE 0x1u		/* in the control pages, before the first page moves */
#define SWING_INT3_INSIDE 0x2u		/* after the pages have moved, before the checksums are checked */
#define SWING_INT3_AFTER 0x4u		/* the last thing before the image is entered */
#define SWING_INT3_ENTRY 0x8u		/* at the image's first instruction, in its own mode and with its own registers */
#define SWING_INT3_RETURN 0x10u		/* the image is left, its pages still lie there */
#define SWING_INT3_BACK 0x20u		/* its pages are swapped back */

/* How a called image ended. */
enum swing_outcome {
	SWING_NONE,
	SWING_RETURNED,
	SWING_FAULT,			/* an exception; the dump is in `text` */
	SWING_WATCHDOG,			/* the time was over */
	SWING_ABORT,			/* Ctrl-C three times */
	SWING_CHECKSUM			/* the pages were not what they had been; never entered */
};

/* What a called image changed outside its own pages, where that is cheap to know. */
#define SWING_CHANGED_IVT 0x1u		/* the BIOS's interrupt vectors; stays as it is */
#define SWING_CHANGED_BDA 0x2u		/* the BIOS data area; stays as it is */
#define SWING_CHANGED_PAT 0x4u		/* put back */
#define SWING_CHANGED_MTRR 0x8u	/* put back */

struct swing_checksum {
	const char *name;
	paddr_t dest;
	u64 size;
	struct mover_sum sum;
};

struct swing {
	struct symbol_table symbols;	/* copied next to the control pages by arm; its size counts from prepare on */
	const char *title;		/* what the dump calls the image: the configuration's description */
	struct plan *plan;
	struct pagelist list;
	struct swing_checksum *checksums;	/* the boot's; together over all file bytes of the segments */
	u32 checksum_count;
	u32 int3;			/* SWING_INT3_... */
	u32 single_step;		/* instructions of the image that are listed; 0: none */
	bool keep_net;			/* the net stays under the next kernel: its pages are handed over as reserved */
	paddr_t control_start, control_end;	/* by arch_swing_prepare: stays reserved when keep_net */
	bool returns;			/* call it and come back: pages are swapped */
	bool resident;			/* but this one's stay where they are (jumpback.h), and it has the machine: no watchdog */
	paddr_t way_back;		/* by arch_swing_prepare: the return address that a called image in long mode finds */
	u64 args[6];			/* of a called image */
	u32 watchdog_ms;		/* 0: none */
	enum swing_outcome outcome;	/* after arch_swing_execute, as all below */
	u64 result;			/* what it left in rax, eax */
	struct entry_state left;	/* in real mode: the registers as the image left them */
	u64 reentry;			/* where it wants to go on; 0: it just returned */
	u32 changed;			/* SWING_CHANGED_... */
	u64 call_us;			/* time in the image */
	u64 swap_us;			/* time that the pages took, both ways */
	u64 check_us;			/* time that the checksums at the final place took */
	u64 swapped_pages;		/* one way */
	const char *text;		/* what the net printed; lines with "\n", valid until arch_swing_release */
	paddr_t flight;			/* recorder_swing_word */
	void *arch;			/* arch's own */
};

#endif
