/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The 64-bit world under an image that the i386 build calls in long mode: descriptor tables with the x86_64 build's layout, and
 * stubs that save the whole state in one frame and hand it to the 32-bit code of the net. Every vector has a stack of its own.
 * Intel SDM vol. 3, 6.14, 7.7; the page tables are the control pages' own, one level above them.
 */
#ifndef TRAPEZE_WORLD64_H
#define TRAPEZE_WORLD64_H

/* Offsets in struct world64; checked below. */
#define WORLD64_GDTR 0
#define WORLD64_IDTR 16
#define WORLD64_CR3 32
#define WORLD64_EFER 36
#define WORLD64_RESUME 816
#define WORLD64_VECTORS 32
#define WORLD64_STUB_SIZE 16
#define WORLD64_TSS_WORDS 26

/* Offsets in struct frame64, which the stubs push. */
#define FRAME64_GS_BASE 0
#define FRAME64_FS_BASE 8
#define FRAME64_IDTR 16
#define FRAME64_GDTR 32
#define FRAME64_EFER 48
#define FRAME64_CR0 56
#define FRAME64_CR3 72
#define FRAME64_CR4 80
#define FRAME64_DS 88
#define FRAME64_REGS 120
#define FRAME64_VECTOR 240
#define FRAME64_SIZE 296

#ifndef __ASSEMBLER__
#include "early.h"
#include "types.h"

struct world64 {
	u16 gdt_limit;
	u64 gdt_base;
	u8 pad1[6];
	u16 idt_limit;
	u64 idt_base;
	u8 pad2[6];
	u32 cr3, efer;
	u64 gdt[GDT_SIZE / 8];
	u64 idt[WORLD64_VECTORS][2];
	u32 tss[WORLD64_TSS_WORDS];
	u8 room[64];			/* for what an NMI pushes below ... */
	u8 resume[FRAME64_SIZE];	/* what is gone on from: no stack that another exception could come on */
} PACKED __attribute__((aligned(16)));

_Static_assert(offsetof(struct world64, resume) == WORLD64_RESUME, "");
_Static_assert(offsetof(struct world64, gdt_limit) == WORLD64_GDTR && offsetof(struct world64, idt_limit) == WORLD64_IDTR, "");
_Static_assert(offsetof(struct world64, cr3) == WORLD64_CR3 && offsetof(struct world64, efer) == WORLD64_EFER, "");

struct frame64 {
	u64 gs_base, fs_base;
	u16 idt_limit;
	u64 idt_base;
	u8 pad1[6];
	u16 gdt_limit;
	u64 gdt_base;
	u8 pad2[6];
	u64 efer, cr0, cr2, cr3, cr4;
	u64 ds, es, fs, gs;
	u64 ax, bx, cx, dx, si, di, bp, r8, r9, r10, r11, r12, r13, r14, r15;
	u64 vector, error;
	u64 ip, cs, flags, sp, ss;
} PACKED;

_Static_assert(offsetof(struct frame64, idt_limit) == FRAME64_IDTR && offsetof(struct frame64, gdt_limit) == FRAME64_GDTR, "");
_Static_assert(offsetof(struct frame64, efer) == FRAME64_EFER && offsetof(struct frame64, cr0) == FRAME64_CR0, "");
_Static_assert(offsetof(struct frame64, cr3) == FRAME64_CR3 && offsetof(struct frame64, cr4) == FRAME64_CR4, "");
_Static_assert(offsetof(struct frame64, ds) == FRAME64_DS && offsetof(struct frame64, ax) == FRAME64_REGS, "");
_Static_assert(offsetof(struct frame64, vector) == FRAME64_VECTOR && sizeof(struct frame64) == FRAME64_SIZE, "");

struct world64_config {
	u32 stubs;			/* address of world64_stubs */
	u32 stack, stack_nmi;		/* tops: of exceptions; of NMI, #DF and #MC, which may come inside another's first steps */
	paddr_t tables;			/* two pages for the upper levels of the page tables */
	paddr_t pae_root;		/* the control pages' page-directory-pointer table */
	bool no_execute;
};
void world64_build(struct world64 *world, const struct world64_config *config);
#endif

#endif
