/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#ifndef PAYLOAD_ABI_H
#define PAYLOAD_ABI_H

#include "payload.h"

#define MODE_NAME "long"
#define MODE_TEXT "64-bit long mode"

/* x86-64 psABI, 3.2.3: in registers. */
static inline u64 argument(const struct registers *registers, u32 index)
{
	const unsigned long arguments[] = {
		registers->di, registers->si, registers->dx, registers->cx, registers->r8, registers->r9,
	};

	return arguments[index];
}

/* Where to go back to, or 0. A stack pointer on a page boundary: nothing was ever put on that stack. */
static inline unsigned long return_address(const struct registers *registers)
{
	return registers->sp & 0xfff ? *(const unsigned long *)registers->sp : 0;
}

/* The arguments need no stack: which one it is, is the loader's own business. */
static inline void print_stack(const struct registers *registers)
{
	(void)registers;
}

#endif
