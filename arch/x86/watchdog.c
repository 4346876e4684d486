/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "watchdog.h"

#include "apic.h"
#include "control/control.h"
#include "div.h"
#include "log.h"
#include "paging.h"
#include "pit.h"
#include "x86.h"

static struct {
	bool running;
	u32 lint0, svr, timer;
	volatile u32 *apic;
} saved;

static u32 apic_read(u32 reg)
{
	return saved.apic[reg / 4];
}

static void apic_write(u32 reg, u32 value)
{
	saved.apic[reg / 4] = value;
}

const char *watchdog_no_local_apic(void)
{
	if (!arch_features.has_local_apic)
		return "the processor has no local APIC";
	return rdmsr(MSR_APIC_BASE) & APIC_BASE_ENABLED ? NULL : "the local APIC is off";
}

static bool find_apic(const char **why)
{
	u64 base;

	*why = watchdog_no_local_apic();
	if (*why)
		return false;
	base = rdmsr(MSR_APIC_BASE);
	*why = apic_reach_of_calls(base);
	if (*why)
		return false;
	base &= APIC_BASE_ADDRESS;
	if (saved.apic && (uintptr_t)saved.apic == base)
		return true;
	if (paging_reach(base, base + PAGE_SIZE)) {
		*why = "the local APIC is out of reach";
		return false;
	}
	saved.apic = (volatile u32 *)(uintptr_t)base;
	return true;
}

void watchdog_keep_ready(void)
{
	const char *why;

	(void)find_apic(&why);
	(void)hpet_registers();
}

void watchdog_start(struct control *control, u32 limit_ms)
{
	u64 ticks = div_u64_u32((u64)limit_ms * WATCHDOG_HZ + 999, 1000, NULL);
	const char *why;

	control->ticks = 0;
	control->abort_keys = 0;
	control->tick_limit = 0;
	control->lint0 = 0;
	outb(PIC2_DATA, PIC_NONE);
	outb(PIC1_DATA, PIC_NONE);
	saved.running = find_apic(&why);
	if (!saved.running) {
		log_warn("watchdog", "not available: %s", why);
		return;
	}
	control->tick_limit = limit_ms ? (u32)max_u64(ticks, 1) : ~0u;
	control->tick_cycles = limit_ms ? PIT_HZ / WATCHDOG_HZ : PIT_CYCLES_MAX;
	saved.lint0 = apic_read(APIC_LVT_LINT0);
	saved.svr = apic_read(APIC_SVR);
	saved.timer = apic_read(APIC_LVT_TIMER);
	if (!(saved.timer & LVT_MASKED))
		apic_write(APIC_LVT_TIMER, saved.timer | LVT_MASKED);
	outb(PIC1_DATA, PIC_ONLY_TIMER);
	apic_write(APIC_SVR, saved.svr | APIC_SVR_ENABLED);
	apic_write(APIC_LVT_LINT0, LINT0_NMI_MASKED);
	control->lint0 = (u32)(uintptr_t)&saved.apic[APIC_LVT_LINT0 / 4];
}

static bool is_in_service(void)
{
	u32 bits = 0;

	for (u32 i = 0; i < APIC_ISR_COUNT; i++)
		bits |= apic_read(APIC_ISR + i * APIC_ISR_STRIDE);
	return bits;
}

bool watchdog_stop(void)
{
	if (!saved.running)
		return false;
	/* One for each priority class is the most that there can be. */
	for (u32 i = 0; i < 2 * APIC_ISR_COUNT && is_in_service(); i++)
		apic_write(APIC_EOI, 0);
	if (!(saved.timer & LVT_MASKED))
		apic_write(APIC_LVT_TIMER, saved.timer);
	apic_write(APIC_LVT_LINT0, saved.lint0);
	apic_write(APIC_SVR, saved.svr);
	saved.running = false;
	return true;
}
