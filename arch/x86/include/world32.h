/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The 32-bit world under an image that runs in protected mode without paging, the same for both builds: every vector is a
 * task gate, so that an exception has registers and a stack of its own even where the image's stack pointer leads nowhere.
 * Intel SDM vol. 3, chapter 7.
 */
#ifndef TRAPEZE_WORLD32_H
#define TRAPEZE_WORLD32_H

/* Offsets in struct world32; checked below. */
#define WORLD32_GDTR 0
#define WORLD32_IDTR 16

/*
 * The 32 vectors, and one more: a switch to a task and back (the watchdog's tick) leaves CR0.TS set, so the first
 * floating-point instruction after it raises #NM. Its stub is an interrupt gate that clears TS and goes on; where the image
 * itself asked for emulation (CR0.EM) it calls the task of this number, to which no gate leads.
 */
#define WORLD32_VECTOR_NM 7
#define WORLD32_VECTOR_EMULATE 32
#define WORLD32_VECTORS 33
#define WORLD32_GATES 32
#define WORLD32_STUB_SIZE 16
#define WORLD32_SEL_MAIN 0x40		/* the image's own task */
#define WORLD32_SEL_LEAVE 0x48		/* what is left when the image goes on */
#define WORLD32_SEL_TASK 0x60		/* vector v: SEL_TASK + 8 * v */
#define WORLD32_GDT_ENTRIES (12 + WORLD32_VECTORS)
#define WORLD32_TSS_WORDS 26

#ifndef __ASSEMBLER__
#include "types.h"

struct world32 {
	u16 gdt_limit;
	u64 gdt_base;
	u8 pad1[6];
	u16 idt_limit;
	u64 idt_base;
	u8 pad2[6];
	u64 gdt[WORLD32_GDT_ENTRIES];
	u64 idt[WORLD32_GATES];
	u32 tss[1 + WORLD32_VECTORS][WORLD32_TSS_WORDS];	/* [0]: the image's own */
	u32 leave[WORLD32_TSS_WORDS];
} PACKED __attribute__((aligned(16)));

_Static_assert(offsetof(struct world32, gdt_limit) == WORLD32_GDTR, "");
_Static_assert(offsetof(struct world32, idt_limit) == WORLD32_IDTR, "");

struct world32_config {
	u32 stubs;			/* address of world32_stubs */
	u32 control;			/* what the stubs find in %ebx */
	u32 stack, stack_df;		/* tops: of all handlers, and of #DF */
	u32 base16;			/* of the 16-bit segments */
	u32 cr3;			/* what a task switch puts into CR3; only matters where the image switched paging on */
};
void world32_build(struct world32 *world, const struct world32_config *config);
#endif

#endif
