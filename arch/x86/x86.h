/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the files of arch/x86 share with one another. */
#ifndef TRAPEZE_X86_H
#define TRAPEZE_X86_H

#include "arch.h"
#include "cpu.h"
#include "early.h"
#include "memory.h"

/* The linker script's marks. */
extern char image_start[], image_end[], text_start[], text_end[], rodata_start[], rodata_end[], data_start[], data_end[];
extern char stack_guard[], stack_bottom[], stack_top[], control_blob_start[], control_blob_end[];
/* TSC at the first instruction. */
extern u64 entry_tsc;

/* What the processor has, beyond arch_features. Filled in by cpu_detect. */
struct cpu_features {
	char vendor[13];
	bool has_pse, has_apic, has_mce, has_rdrand, has_rdseed, has_fxsr, has_sse, has_sse2, has_x2apic, has_xsave;
	u32 max_leaf, max_extended_leaf;
};
extern struct cpu_features cpu_features;
void cpu_detect(void);

/* --- descriptor tables and traps --- */
/* Load the shim's own GDT, IDT and TSS. From here on every exception is explained. */
void traps_init(void);
/*
 * i386: what a switch to the tasks of #DF, NMI and #PF, and the way back, puts into CR3. To be called just before CR3 is
 * loaded with the same: an NMI between the two is harmless then.
 */
void traps_set_cr3(reg_t cr3);

/* --- time --- */
/* Calibrate the TSC against the PIT. */
void time_init(void);
/* Microseconds that so many TSC cycles take. */
u64 time_us_of(u64 cycles);

#endif
