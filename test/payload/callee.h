/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What callee.c does with the processor; written once for each width, in callee_cpu.S. */
#ifndef PAYLOAD_CALLEE_H
#define PAYLOAD_CALLEE_H

#include "payload.h"

/* What the first argument asks for. The numbers are the tests' as well (test/qemu/test_calls.py). */
enum callee_choice {
	CALLEE_RETURN,			/* the second argument and 0x1000 */
	CALLEE_UD2,
	CALLEE_NOWHERE,			/* long mode: read what is not mapped; protected mode: load a selector out of the table */
	CALLEE_LOOP,			/* with interrupts off, for ever */
	CALLEE_NO_STACK,		/* fault while the stack pointer leads nowhere */
	CALLEE_GARBAGE,			/* in all registers, DF, descriptor tables; then return */
	CALLEE_CONTROL,			/* bits of CR0, CR4, EFER; then return */
	CALLEE_TIMER,			/* the 8259's masks and the PIT; then return */
	CALLEE_HALT,			/* with interrupts off */
	CALLEE_JUMP,			/* to nowhere */
	CALLEE_VECTOR,			/* int with the second argument */
	CALLEE_FLOAT,			/* count in floating point, as often as the second argument says */
	CALLEE_BSS,			/* 1: it came zeroed */
	CALLEE_WRITE,			/* a pattern at the second argument, as many bytes as the third says: outside its segments */
	CALLEE_ENTRY_STATE,		/* print the state at entry */
	CALLEE_PAT,			/* change the PAT; returns what its lower half was */
	CALLEE_INTERRUPT,		/* have the local APIC raise the second argument, with interrupts on */
	CALLEE_AVX,			/* enable AVX and fill registers; returns XCR0 and, times 256, upper bits of one, as found */
	CALLEE_BARE			/* for as many cycles as the second argument says no exception and no NMI can be taken; then return */
};

/* Read before anything else runs; its layout is known to callee_cpu.S. */
struct entry_state {
	unsigned long flags, cr0, cr3, cr4, efer, cs, ds, es, fs, gs, ss;
};

void callee_read_state(struct entry_state *state);
void callee_nowhere(void);
void NORETURN callee_no_stack(void);
/* Back to the caller whose return address lies at `slot`, everything else ruined but the result. */
void NORETURN callee_garbage(unsigned long *slot, unsigned long result);
void callee_control(void);
void NORETURN callee_jump(void);
void callee_interrupt(unsigned long vector);
/* The sum of the squares of 1..count by x87; in long mode the sum of 1..count by SSE2 is added. Exact as long as it fits. */
u64 callee_float(unsigned long count);
unsigned long callee_avx(void);

#endif
