/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The control pages: what stays alive while pages move. A blob of its own (linked on its own, position-independent, no
 * relocations) that the shim carries, copies to pages outside every destination, and fills in. Layout in memory:
 *
 *   code     read-execute: header, vector stubs, mover, net, entry code
 *   data     read-write: struct control and the net's stacks
 *   stack    read-write: one page, the image's first stack
 *   tables   page tables
 */
#ifndef TRAPEZE_CONTROL_H
#define TRAPEZE_CONTROL_H

/* Offsets in struct control for the assembly; checked below. */
#define CONTROL_CR3 0
#define CONTROL_STACK 8
#define CONTROL_MODE 16
#define CONTROL_INT3 20
#define CONTROL_IP 24
#define CONTROL_SP 32
#define CONTROL_AX 40
#define CONTROL_BX 48
#define CONTROL_CX 56
#define CONTROL_DX 64
#define CONTROL_SI 72
#define CONTROL_DI 80
#define CONTROL_BP 88
#define CONTROL_R8 96
#define CONTROL_R9 104
#define CONTROL_GDTR 112
#define CONTROL_IDTR 128
#define CONTROL_HAS_EFER 144

#define CONTROL_MODE_LONG 0
#define CONTROL_MODE_PROTECTED 1

#define CONTROL_INT3_AFTER 0x4

#define CONTROL_MAGIC 0x706f7274	/* "trop" */
#define CONTROL_STACK_SIZE 2048
#define CONTROL_DATA_SIZE 2048		/* room for struct control */

/* Registers at the entry of an image: CR0 with PE, MP, ET, NE (as Linux's kexec does), and PG in long mode; CR4 PAE. */
#define ENTRY_CR0_PROTECTED 0x33
#define ENTRY_CR0_LONG 0x80000033
#define ENTRY_CR4_LONG 0x20
#define ENTRY_EFLAGS 0x2

#ifndef __ASSEMBLER__
#include "mover.h"
#include "tables.h"
#include "types.h"

/* At the blob's start; offsets from there. */
struct control_header {
	u32 magic;
	u32 text_size;			/* page multiple */
	u32 total_size;			/* page multiple: the data pages reach from text_size to here */
	u32 entry;			/* control_start */
	u32 vectors;			/* vector_stubs */
	u32 task_nmi, task_df, task_pf;	/* i386; else 0 */
	u32 control;			/* struct control */
	u32 stacks;			/* STACK_COUNT x CONTROL_STACK_SIZE */
};

enum control_step { CONTROL_AT_START, CONTROL_MOVING, CONTROL_MOVED, CONTROL_CHECKING, CONTROL_ENTERING };

struct control_sum {
	paddr_t dest;
	u64 size;
	struct mover_sum sum;
	char name[16];
};

struct control_pointer {		/* lgdt's operand, at a fixed size for both widths */
	u16 limit;
	u64 base;
} PACKED;

struct control {
	u64 cr3;
	u64 stack;			/* top of the control code's own stack */
	u32 mode;			/* CONTROL_MODE_... */
	u32 int3;			/* SWING_INT3_... */
	u64 ip, sp;
	u64 ax, bx, cx, dx, si, di, bp, r8, r9;
	struct control_pointer gdtr;
	u8 pad1[6];
	struct control_pointer idtr;
	u8 pad2[6];
	u32 has_efer;
	volatile u32 step;		/* enum control_step */
	paddr_t list;			/* page list */
	volatile u64 progress;
	paddr_t sums;			/* struct control_sum[sum_count] */
	u32 sum_count;
	u32 depth;			/* dumps inside dumps */
	u32 uart_access;		/* enum console_access; CONTROL_NO_UART: silent */
	u32 uart_shift;			/* register stride, as a power of two */
	u64 uart_base;
	char title[48];
	u64 readable_limit;		/* memory up to here may be read by the dump */
	struct cpu_tables tables;
};
#define CONTROL_NO_UART 0xffffffffu

_Static_assert(offsetof(struct control, cr3) == CONTROL_CR3, "");
_Static_assert(offsetof(struct control, stack) == CONTROL_STACK, "");
_Static_assert(offsetof(struct control, mode) == CONTROL_MODE, "");
_Static_assert(offsetof(struct control, int3) == CONTROL_INT3, "");
_Static_assert(offsetof(struct control, ip) == CONTROL_IP, "");
_Static_assert(offsetof(struct control, sp) == CONTROL_SP, "");
_Static_assert(offsetof(struct control, ax) == CONTROL_AX, "");
_Static_assert(offsetof(struct control, bx) == CONTROL_BX, "");
_Static_assert(offsetof(struct control, cx) == CONTROL_CX, "");
_Static_assert(offsetof(struct control, dx) == CONTROL_DX, "");
_Static_assert(offsetof(struct control, si) == CONTROL_SI, "");
_Static_assert(offsetof(struct control, di) == CONTROL_DI, "");
_Static_assert(offsetof(struct control, bp) == CONTROL_BP, "");
_Static_assert(offsetof(struct control, r8) == CONTROL_R8, "");
_Static_assert(offsetof(struct control, r9) == CONTROL_R9, "");
_Static_assert(offsetof(struct control, gdtr) == CONTROL_GDTR, "");
_Static_assert(offsetof(struct control, idtr) == CONTROL_IDTR, "");
_Static_assert(sizeof(struct control) <= CONTROL_DATA_SIZE, "");
_Static_assert(offsetof(struct control, has_efer) == CONTROL_HAS_EFER, "");

/* In the control pages; see control.c. */
void control_main(struct control *control);
#endif

#endif
