/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What differs between the widths, for C: the x86_64 build. */
#ifndef TRAPEZE_BITS_H
#define TRAPEZE_BITS_H

#include "early.h"
#include "types.h"

#define BUILD_NAME "x86_64"
#define BUILD_IS_64 1
#define SEL_CODE_BUILD SEL_CODE64
#define GATE_SIZE 16
#define TSS_SIZE 104
#define CANARY_OFFSET CANARY_OFFSET_64
/* The low part of the address space that the start code maps before there is a memory map. */
#define EARLY_MAP_END GIB(4)
/* One past the highest address that the build's page tables can name. */
#define BUILD_PADDR_LIMIT (1ull << 46)

#define STACK_REGISTER "rsp"

/* A native register. */
typedef unsigned long reg_t;

/* What the vector stubs push, lowest address first; see arch/x86_64/vectors.S. */
struct trap_frame {
	reg_t ax, bx, cx, dx, si, di, bp;
	reg_t r8, r9, r10, r11, r12, r13, r14, r15;
	reg_t vector, error;
	reg_t ip, cs, flags, sp, ss;
};

static inline reg_t trap_frame_sp(const struct trap_frame *frame)
{
	return frame->sp;
}

static inline u16 trap_frame_ss(const struct trap_frame *frame)
{
	return (u16)frame->ss;
}

/* After lgdt: every segment register from the new table. */
static inline void cpu_reload_segments(void)
{
	reg_t scratch;

	/* %fs and %gs keep their bases: in long mode they live in MSRs, and loading a selector would clear them. */
	asm volatile("lea 1f(%%rip), %0\n\t"
		     "pushq %1\n\t"
		     "pushq %0\n\t"
		     "lretq\n"
		     "1:\tmov %2, %%ds\n\t"
		     "mov %2, %%es\n\t"
		     "mov %2, %%ss"
		     : "=&r"(scratch)
		     : "i"(SEL_CODE_BUILD), "r"(SEL_DATA)
		     : "memory");
}

/* Call control_start in the control pages; it keeps what a C function keeps, and clobbers the rest. */
static inline void control_call(reg_t entry, void *control)
{
	asm volatile("call *%1"
		     : "+D"(control)
		     : "r"(entry)
		     : "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
}

#endif
