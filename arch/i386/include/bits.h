/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What differs between the widths, for C: the i386 build. */
#ifndef TRAPEZE_BITS_H
#define TRAPEZE_BITS_H

#include "early.h"
#include "types.h"

#define BUILD_NAME "i386"
#define BUILD_IS_64 0
#define SEL_CODE_BUILD SEL_CODE32
#define GATE_SIZE 8
#define TSS_SIZE 104
#define CANARY_OFFSET CANARY_OFFSET_32
/* Paging is off until there is a memory map. */
#define EARLY_MAP_END GIB(4)
/* The last page stays out, so that an end address fits a register. */
#define BUILD_PADDR_LIMIT (GIB(4) - 4096)

#define STACK_REGISTER "esp"

/* A native register. */
typedef unsigned long reg_t;

/*
 * What the vector stubs push, lowest address first; see arch/i386/vectors.S. Without a change of privilege the processor
 * pushes no stack pointer: the interrupted stack begins behind the frame.
 */
struct trap_frame {
	reg_t ax, bx, cx, dx, si, di, bp;
	reg_t vector, error;
	reg_t ip, cs, flags;
};

static inline reg_t trap_frame_sp(const struct trap_frame *frame)
{
	return (reg_t)(frame + 1);
}

static inline u16 trap_frame_ss(const struct trap_frame *frame)
{
	u16 v;

	(void)frame;
	asm volatile("mov %%ss, %0" : "=r"(v));
	return v;
}

/* After lgdt: every segment register from the new table. */
static inline void cpu_reload_segments(void)
{
	asm volatile("ljmpl %0, $1f\n"
		     "1:\tmov %1, %%ds\n\t"
		     "mov %1, %%es\n\t"
		     "mov %1, %%fs\n\t"
		     "mov %1, %%ss\n\t"
		     "mov %2, %%gs"
		     :
		     : "i"(SEL_CODE_BUILD), "r"(SEL_DATA), "r"(SEL_CANARY)
		     : "memory");
}

/* Call control_start in the control pages; it keeps what a C function keeps, and clobbers the rest. */
static inline void control_call(reg_t entry, void *control)
{
	asm volatile("call *%1" : "+a"(control) : "r"(entry) : "ecx", "edx", "memory", "cc");
}

#endif
