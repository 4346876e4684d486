/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#ifndef PAYLOAD_ABI_H
#define PAYLOAD_ABI_H

#include "payload.h"

#define MODE_NAME "protected"
#define MODE_TEXT "32-bit protected mode"

/* i386 ABI: on the stack, behind the return address. */
static inline u64 argument(const struct registers *registers, u32 index)
{
	return ((const u32 *)registers->sp)[1 + index];
}

/* Where to go back to, or 0. */
static inline unsigned long return_address(const struct registers *registers)
{
	return *(const unsigned long *)registers->sp;
}

/* The stack is handed over with the arguments, so its place is part of the record. */
static inline void print_stack(const struct registers *registers)
{
	print("got: stack: sp=0x%llx\n", (u64)registers->sp);
}

#endif
