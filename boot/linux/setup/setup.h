/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The setup code of trapeze.bzimage: 16-bit, in real mode, started by BIOS loaders (boot.rst, "Running the Kernel"). It
 * asks the BIOS for what a 32-bit loader would have written into the zero page, and enters the stub as that loader
 * would. Pointers are offsets into the segment that begins where the file does; 32 KiB of it are the setup code's,
 * whatever the loader.
 */
#ifndef TRAPEZE_LINUX_SETUP_H
#define TRAPEZE_LINUX_SETUP_H

#include "linux.h"
#include "offsets.h"

#define SETUP_FLAG_CF 0x1u

struct setup_regs {
	u32 eax, ebx, ecx, edx, edi, eflags;
};

/* What the entry code does when it is in protected mode: copy, then jump to `entry`. The two ranges share no byte. */
struct setup_move {
	u32 from, to, words, entry;
};

_Static_assert(offsetof(struct setup_regs, eax) == REGS_EAX && offsetof(struct setup_regs, ebx) == REGS_EBX &&
	       offsetof(struct setup_regs, ecx) == REGS_ECX && offsetof(struct setup_regs, edx) == REGS_EDX &&
	       offsetof(struct setup_regs, edi) == REGS_EDI && offsetof(struct setup_regs, eflags) == REGS_EFLAGS,
	       "offsets.h");
_Static_assert(offsetof(struct setup_move, from) == MOVE_FROM && offsetof(struct setup_move, to) == MOVE_TO &&
	       offsetof(struct setup_move, words) == MOVE_WORDS && offsetof(struct setup_move, entry) == MOVE_ENTRY,
	       "offsets.h");

/* --- bios.S; fake ones in the tests --- */
/* int `vector`, es being the setup code's segment. */
void setup_bios(u32 vector, struct setup_regs *regs);
u32 setup_in(u32 port);
void setup_out(u32 port, u32 value);
/* Does memory at 1 MiB differ from memory at 0? */
u32 setup_a20_is_on(void);

/* --- setup.c: called by the entry code (../header.S) --- */
extern u8 setup_zero_page[ZP_SIZE];
extern struct setup_move setup_move;
/* `file`: boot sector and header as the loader has them now. Returns NULL, or the sentence with which it ends. */
const char *setup_run(const u8 *file);

/* --- its parts --- */
bool setup_take_memory(u8 *zero_page);	/* false: the BIOS tells of none above 1 MiB */
bool setup_open_a20(void);
void setup_take_screen(u8 *zero_page);

static inline void setup_put(u8 *at, u64 value, u32 size)
{
	for (u32 i = 0; i < size; i++, value >>= 8)
		at[i] = (u8)value;
}

/* An interrupt that says by carry that it failed. */
static inline bool setup_try(u32 vector, struct setup_regs *regs)
{
	regs->eflags = SETUP_FLAG_CF;
	setup_bios(vector, regs);
	return !(regs->eflags & SETUP_FLAG_CF);
}

#endif
