/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "payload.h"

void print_registers(const struct registers *r)
{
	print("got: regs: ax=0x%llx bx=0x%llx cx=0x%llx dx=0x%llx si=0x%llx di=0x%llx bp=0x%llx\n", (u64)r->ax,
	      (u64)r->bx, (u64)r->cx, (u64)r->dx, (u64)r->si, (u64)r->di, (u64)r->bp);
}
