/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Exceptions raised on purpose (trap=N on the command line), so that anybody can see what the dump looks like and tests can
 * check every vector. Where the processor can be brought to raise the vector itself, it is; where the instruction set has no
 * honest way from ring 0, the vector's stub is entered with the frame that the processor would have made.
 */
#include "cpu.h"
#include "log.h"
#include "tables.h"
#include "traps.h"
#include "x86.h"

#define SEL_NOT_PRESENT SEL_CODE16	/* its present bit is taken away for the occasion */
#define GATE_PRESENT 0x80
#define DESC_PRESENT (1ull << 47)
#define VECTOR_NP 11
#define VECTOR_UD 6
#define VECTOR_XM 19
#define FAR_ADDRESS 0xdeadb000u
#define BAD_SELECTOR 0xfff8

extern char vector_stubs[];
/* arch/ARCH/raise.S: enter a stub with a frame as the processor pushes it, error code included; `int n`. */
void raise_frame(const void *stub, reg_t error);
void raise_int(unsigned int vector);

static void raise_divide(void)
{
	asm volatile("xor %%edx, %%edx; xor %%ecx, %%ecx; div %%ecx" : : "a"(1) : "ecx", "edx");
}

static void raise_debug(void)
{
	asm volatile("pushf; orl $0x100, (%%" STACK_REGISTER "); popf; nop" : : : "cc", "memory");
}

static void raise_no_math(void)
{
	write_cr0(read_cr0() | CR0_TS);
	asm volatile("fnop");
}

/* The gate of #UD is not present, and neither is the gate of the #NP that this raises: a double fault. */
static void raise_double_fault(void)
{
	u8 *idt = traps_tables()->idt;

	idt[VECTOR_UD * GATE_SIZE + 5] &= (u8)~GATE_PRESENT;
	idt[VECTOR_NP * GATE_SIZE + 5] &= (u8)~GATE_PRESENT;
	asm volatile("ud2");
}

static void raise_not_present(void)
{
	traps_tables()->gdt[SEL_NOT_PRESENT / 8] &= ~DESC_PRESENT;
	asm volatile("mov %0, %%fs" : : "r"(SEL_NOT_PRESENT));
}

static void raise_stack(void)
{
	traps_tables()->gdt[SEL_DATA16 / 8] &= ~DESC_PRESENT;
	asm volatile("mov %0, %%ss" : : "r"(SEL_DATA16));
}

static void raise_protection(void)
{
	asm volatile("mov %0, %%fs" : : "r"(BAD_SELECTOR));
}

static void raise_page_fault(void)
{
	(void)*(volatile u32 *)(uintptr_t)FAR_ADDRESS;
}

static void raise_floating_point(void)
{
	u16 control = 0x360;		/* no exception masked */

	asm volatile("fninit; fldcw %0; fldz; fld1; fdivp; fwait" : : "m"(control));
}

static void raise_simd(void)
{
	u32 mxcsr = 0;

	write_cr4(read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT);
	asm volatile("ldmxcsr %0; xorps %%xmm0, %%xmm0; divss %%xmm0, %%xmm0" : : "m"(mxcsr));
}

static void raise_undefined(void)
{
	asm volatile("ud2");
}

static void raise_breakpoint(void)
{
	asm volatile("int3");
}

typedef void raise_function(void);

/* What the processor raises by itself; NULL: by `int n`, or by a made-up frame where the vector has an error code. */
static raise_function *const raisers[VECTOR_STUBS] = {
	[0] = raise_divide,
	[1] = raise_debug,
	[3] = raise_breakpoint,
	[6] = raise_undefined,
	[7] = raise_no_math,
	[8] = raise_double_fault,
	[11] = raise_not_present,
	[12] = raise_stack,
	[13] = raise_protection,
	[14] = raise_page_fault,
	[16] = raise_floating_point,
	[VECTOR_XM] = raise_simd,
};

void arch_raise(unsigned int vector)
{
	if (vector >= VECTOR_STUBS) {
		log_err("trap", "trap=%u: vectors are 0 to %u", vector, VECTOR_STUBS - 1);
		return;
	}
	log_info("trap", "raising vector %u on purpose", vector);
	/* An emulator may compute on where the processor would raise #XM: then `int n`, as for a processor without SSE. */
	if (vector == VECTOR_XM && cpu_features.has_sse)
		raisers[vector]();
	if (raisers[vector] && vector != VECTOR_XM)
		raisers[vector]();
	else if (VECTORS_WITH_ERROR >> vector & 1)
		raise_frame(vector_stubs + vector * VECTOR_STUB_SIZE, 0);
	else
		raise_int(vector);
}
