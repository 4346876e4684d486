/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Interrupts that nobody expects. */
#include "dump_private.h"

#define VECTOR_GP 13
#define ERROR_EXTERNAL 1u
#define ERROR_IDT 2u
#define INT_OPCODE 0xcd			/* int imm8 */
#define INT_SIZE 2

/* The fault leaves the instruction pointer at an int instruction. */
static bool is_int(const struct dump_regs *r)
{
	return !(r->error & ERROR_EXTERNAL) && dump_can_read(r->ip, INT_SIZE) && *(const volatile u8 *)(uintptr_t)r->ip == INT_OPCODE;
}

void dump_find_interrupt(struct dump_regs *r)
{
	u64 vector = r->error >> 3;	/* Intel SDM vol. 3, 6.13 */
	bool by_int;

	if (r->vector != VECTOR_GP || !(r->error & ERROR_IDT))
		return;
	by_int = is_int(r);
	if (by_int)
		vector = *(const volatile u8 *)(uintptr_t)(r->ip + INT_SIZE - 1);
	/* QEMU, in long mode: the gate's offset in the table, and never "external". */
	else if (r->width == 64 && !(r->error & ERROR_EXTERNAL))
		vector = r->error >> 4;
	if (vector < DUMP_EXCEPTIONS || vector > 0xff)
		return;
	r->vector = (u32)vector;
	r->error = !by_int;
}
