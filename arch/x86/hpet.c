/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The high precision event timers can stand in for the PIT: its interrupt then never comes, and with it no watchdog. A kernel that
 * came back leaves them so. Source: IA-PC HPET Specification 1.0a, 2.3.5.
 */
#include "hpet.h"

#include "arch.h"
#include "log.h"
#include "paging.h"
#include "watchdog.h"

static paddr_t hpet;
static bool is_reached, stood_back;

void arch_hpet_is_at(paddr_t paddr)
{
	hpet = paddr;
	is_reached = false;
}

volatile u32 *hpet_registers(void)
{
	volatile u32 *registers = (volatile u32 *)(uintptr_t)hpet;

	if (!hpet || (!is_reached && paging_reach(hpet, hpet + HPET_SIZE)))
		return NULL;
	is_reached = true;
	return registers[HPET_CAPABILITIES / 4] == ~0u ? NULL : registers;
}

static volatile u32 *config(void)
{
	return (volatile u32 *)(uintptr_t)(hpet + HPET_CONFIG);
}

void hpet_stand_back(void)
{
	stood_back = false;
	if (!hpet_registers() || !(*config() & CONFIG_LEGACY))
		return;
	*config() &= ~CONFIG_LEGACY;
	stood_back = true;
}

void hpet_stand_in(void)
{
	if (stood_back)
		*config() |= CONFIG_LEGACY;
	stood_back = false;
}
