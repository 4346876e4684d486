/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Paging is off: there are no page tables to change, and the local APIC lies at its address. Its task priority holds back all that
 * comes by vector, as in the x86_64 image: by MSR where it is in x2APIC mode. Intel SDM vol. 3, 10.4.1, 10.8.3.1 and 10.12.1.
 */
#include "../machine.h"
#include "apic.h"
#include "arch.h"
#include "traps.h"
#include "x86.h"

#define PRIORITY_HIGHEST 0xf0u
#define TSS_EIP 8			/* in words (Intel SDM vol. 3, figure 7-2) */

void trap_handle_task(u32 vector, u32 error);

static bool is_held;
static u32 caller_priority;

static u32 exchange_priority(u32 value)
{
	u64 base = rdmsr(MSR_APIC_BASE);
	volatile u32 *priority = (volatile u32 *)(uintptr_t)((base & APIC_BASE_ADDRESS) + APIC_TPR);
	u32 before;

	if (base & APIC_BASE_X2APIC) {
		before = (u32)rdmsr(MSR_X2APIC(APIC_TPR));
		wrmsr(MSR_X2APIC(APIC_TPR), value);
	} else {
		before = *priority;
		*priority = value;
	}
	return before;
}

void world_enter(void)
{
	is_held = arch_features.has_local_apic && rdmsr(MSR_APIC_BASE) & APIC_BASE_ENABLED;
	if (is_held)
		caller_priority = exchange_priority(PRIORITY_HIGHEST);
}

void world_leave(void)
{
	if (is_held)
		exchange_priority(caller_priority);
}

/* The stubs of the vectors that have tasks of their own call this one. */
void trap_handle_task(u32 vector, u32 error)
{
	struct trap_frame frame = { .vector = vector, .error = error, .ip = traps_tables()->tss[0][TSS_EIP] };

	trap_handle(&frame);
}
