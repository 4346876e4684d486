/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The area that the image shares with tools/bioscall: this page, then buffers for the BIOS. The tool fills it in, in
 * the ELF file's own segment; the image makes the calls, writes down here what came back, and copies the area to
 * pages of the tool's. tools/trapeze/biospage.py knows this layout.
 */
#ifndef BIOSCALL_PAGE_H
#define BIOSCALL_PAGE_H

#define BIOSCALL_GDTR 3784		/* its offset below, for assembly */

#ifndef __ASSEMBLER__
#include "arch.h"
#include "bios.h"

#define BIOSCALL_MAGIC "TRZBIOS1"
#define BIOSCALL_PAGES 48u		/* of the area, at most: this one and 188 KiB of buffers */
#define BIOSCALL_CALLS 16u
#define BIOSCALL_REGISTERS 7u		/* eax to ebp, at the start of struct bios_regs */

enum bioscall_status {
	BIOSCALL_NOT_RUN,
	BIOSCALL_DONE,
	BIOSCALL_NO_BIOS,		/* `why` says it */
	BIOSCALL_FAULT,			/* an exception in the image's own code */
	BIOSCALL_ENDED			/* a call did not come back and was ended: `why` */
};

struct bioscall_call {
	u32 kind;			/* enum arch_bios_kind: ARCH_BIOS_INT or ARCH_BIOS_FAR */
	u32 target;			/* the vector, or segment << 16 | offset */
	u32 kept;			/* bit n: register n is what the call before left in it */
	u32 made;			/* out: 1 */
	struct bios_regs in, out;	/* `in` with what was kept, once the call is made */
	char flags[40];			/* out: "0x202 [IF]" */
	char error[64];			/* out: what AH means, where carry was set */
};

struct bioscall_page {
	char magic[8];
	u32 page_count;			/* of the area that are in use, at most BIOSCALL_PAGES */
	u32 call_count;
	u32 port;			/* of a UART for the log; 0: none */
	u32 is_efi;			/* UEFI started the machine */
	u32 status;			/* out: enum bioscall_status */
	u32 entered;			/* out: how often the image was entered since it was loaded */
	u32 vector;			/* out: of the exception */
	u32 limit_ms;			/* of a call; 0: bios_set_limit's */
	u64 place;			/* out: where it happened */
	u64 hpet;			/* its registers; 0: there is none */
	u8 token[16];			/* what each of the tool's pages begins with until it is written */
	u64 result[BIOSCALL_PAGES];	/* physical addresses of these pages */
	struct bioscall_call call[BIOSCALL_CALLS];
	char why[128];
	u8 gdtr[8];			/* i386: the operand of the lgdt that loads Linux's table before the image goes back */
};

_Static_assert(sizeof(struct bioscall_call) == 200 && sizeof(struct bioscall_page) <= PAGE_SIZE, "");
_Static_assert(offsetof(struct bioscall_page, gdtr) == BIOSCALL_GDTR, "");

/* Make the calls that the page asks for; what is wrong is in its `status` and in the log. */
void bioscall_make(struct bioscall_page *page);

/* Do the tool's pages still hold the token? Else nothing may be written there. */
bool bioscall_result_is_ours(const struct bioscall_page *page);
void bioscall_copy_result(struct bioscall_page *page);

#endif

#endif
