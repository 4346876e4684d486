/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Descriptor tables of one world (the shim's, or the control pages'): GDT, IDT and task state, built in place. The GDT has
 * the same layout in both (early.h), so that selectors in a dump read alike. Intel SDM vol. 3, 3.4.5, 6.11, 7.2, 7.7.
 */
#ifndef TRAPEZE_TABLES_H
#define TRAPEZE_TABLES_H

#include "bits.h"
#include "early.h"
#include "types.h"
#include "vectors.h"

/* Stacks of their own: x86_64 by IST number, i386 by task. */
enum { STACK_COMMON, STACK_NMI, STACK_DF, STACK_PF, STACK_MC, STACK_COUNT };

struct cpu_tables {
	u64 gdt[GDT_SIZE / 8];
	u8 idt[VECTOR_STUBS * GATE_SIZE];
	u32 tss[4][TSS_SIZE / 4];	/* [0] the world's own; i386: [1] #DF, [2] NMI, [3] #PF */
} __attribute__((aligned(16)));

struct tables_config {
	uintptr_t vectors;			/* vector_stubs as it will lie */
	uintptr_t task_nmi, task_df, task_pf;	/* i386 only */
	uintptr_t stack_top[STACK_COUNT];	/* 16-byte aligned */
	uintptr_t cr3;				/* i386: for the tasks */
	uintptr_t canary;			/* base of SEL_CANARY (i386); 0: flat */
	u16 code_selector;			/* what gates enter */
};

/* Fill in *tables, which stays where it is. */
void tables_build(struct cpu_tables *tables, const struct tables_config *config);
/* Width-specific parts of tables_build. */
void tables_build_width(struct cpu_tables *tables, const struct tables_config *config);
/* Load GDT, segments, IDT and TR. */
void tables_load(struct cpu_tables *tables);

/* A code or data segment descriptor. `access`: the type byte; `flags`: G, D/B, L, AVL (the upper nibble of byte 6). */
static inline u64 desc_segment(u32 base, u32 limit, u8 access, u8 flags)
{
	return (u64)(limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)access << 40 | (u64)(limit >> 16 & 0xf) << 48 |
	       (u64)(flags & 0xf) << 52 | (u64)(base >> 24) << 56;
}

#define DESC_CODE 0x9b
#define DESC_DATA 0x93
#define DESC_TSS 0x89
#define DESC_TSS16 0x81
#define DESC_FLAGS_64 0xa
#define DESC_FLAGS_32 0xc
#define DESC_FLAGS_16 0x0
#define DESC_INTERRUPT_GATE 0x8e
#define DESC_TASK_GATE 0x85

#endif
