/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Physical memory as the stub reaches it: one to one, by the loader's page tables or without any. */
#include "arch.h"
#include "stub.h"

static paddr_t reach;

void phys_set_limit(paddr_t limit)
{
	reach = limit;
}

void *arch_phys(paddr_t paddr, u64 size)
{
	return paddr <= reach && size <= reach - paddr ? (void *)(uintptr_t)paddr : NULL;
}
