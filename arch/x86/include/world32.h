/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The 32-bit world under an image that runs in protected mode without paging, the same for both builds: every vector is a
 * task gate, so that an exception has registers and a stack of its own even where the image's stack pointer leads nowhere. The
 * tasks' states are of the 16-bit kind, which has no CR3: where the image has switched paging on, its page tables stay, and are
 * there to go on with. Its own state is saved whole, in a 32-bit one. Intel SDM vol. 3, chapter 7, 7.6 above all.
 */
#ifndef TRAPEZE_WORLD32_H
#define TRAPEZE_WORLD32_H

/* Offsets in struct world32; checked below. */
#define WORLD32_GDTR 0
#define WORLD32_IDTR 16
#define WORLD32_MAIN_CR3 60		/* in the image's own state */
#define WORLD32_LEAVE_CR3 164
#define WORLD32_NMI_LINK 944		/* in the NMI's task: where it came upon */
#define WORLD32_STACK_AT 2308

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
#define WORLD32_SEL_STUBS 0x50		/* 32-bit code that begins at world32_stubs: a task starts at a 16-bit offset */
#define WORLD32_SEL_STACK 0x58		/* 16-bit stack: a task's stack pointer has no more */
#define WORLD32_SEL_TASK 0x60		/* vector v: SEL_TASK + 8 * v */
#define WORLD32_GDT_ENTRIES (12 + WORLD32_VECTORS)
#define WORLD32_TSS_WORDS 26
#define WORLD32_TASK_WORDS 22		/* of 16 bits */
/* Where a vector's error code has been pushed, in WORLD32_SEL_STACK. */
#define WORLD32_STACK_TOP 0x100
#define WORLD32_STACK_TOP_DF 0x80

#ifndef __ASSEMBLER__
#include "early.h"
#include "types.h"

struct world32 {
	u16 gdt_limit;
	u64 gdt_base;
	u8 pad1[6];
	u16 idt_limit;
	u64 idt_base;
	u8 pad2[6];
	u32 main[WORLD32_TSS_WORDS];	/* the image's own state */
	u32 leave[WORLD32_TSS_WORDS];
	u64 gdt[WORLD32_GDT_ENTRIES];
	u64 idt[WORLD32_GATES];
	u16 tasks[WORLD32_VECTORS][WORLD32_TASK_WORDS];
	u8 stack[WORLD32_STACK_TOP];
} PACKED __attribute__((aligned(16)));

_Static_assert(offsetof(struct world32, gdt_limit) == WORLD32_GDTR, "");
_Static_assert(offsetof(struct world32, idt_limit) == WORLD32_IDTR, "");
_Static_assert(offsetof(struct world32, main[7]) == WORLD32_MAIN_CR3, "");
_Static_assert(offsetof(struct world32, leave[7]) == WORLD32_LEAVE_CR3, "");
_Static_assert(offsetof(struct world32, tasks[2]) == WORLD32_NMI_LINK && offsetof(struct world32, stack) == WORLD32_STACK_AT, "");

/* The 16-bit task state segment, in words (Intel SDM vol. 3, figure 7-10). */
enum { T16_IP = 7, T16_FLAGS, T16_SP = 13, T16_ES = 17, T16_CS, T16_SS, T16_DS };
#define WORLD32_FLAGS_FIXED 0x2
#define WORLD32_VECTOR_DF 8

/*
 * Where a vector's task begins. An NMI upon its first instructions saves another place there: if the image goes on all the same,
 * this is due again before the vector's next exception.
 */
static inline void world32_set_task(struct world32 *world, u32 vector)
{
	u16 *tss = world->tasks[vector];

	tss[T16_IP] = (u16)(vector * WORLD32_STUB_SIZE);
	tss[T16_FLAGS] = WORLD32_FLAGS_FIXED;
	tss[T16_SP] = vector == WORLD32_VECTOR_DF ? WORLD32_STACK_TOP_DF : WORLD32_STACK_TOP;
	tss[T16_CS] = WORLD32_SEL_STUBS;
	tss[T16_SS] = WORLD32_SEL_STACK;
	tss[T16_ES] = tss[T16_DS] = SEL_DATA;
}

struct world32_config {
	u32 stubs;			/* address of world32_stubs */
	u32 base16;			/* of the 16-bit segments */
};
void world32_build(struct world32 *world, const struct world32_config *config);
#endif

#endif
