/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The high precision event timers: registers, and where firmware says that they are. Source: IA-PC HPET Specification 1.0a, 2.3 and 3.2.4. */
#ifndef TRAPEZE_HPET_H
#define TRAPEZE_HPET_H

#include "bootinfo.h"

#define HPET_SIZE KIB(1)
#define HPET_CAPABILITIES 0x00
#define CAPABILITIES_TIMERS(low) (((low) >> 8 & 0x1f) + 1)
#define HPET_PERIOD 0x04		/* femtoseconds */
#define HPET_CONFIG 0x10
#define CONFIG_RUNS 0x1u
#define CONFIG_LEGACY 0x2u		/* it stands in for the 8254 and the clock */
#define HPET_COUNTER 0xf0
#define HPET_TIMER(n) (0x100 + 0x20 * (n))
#define TIMER_INTERRUPTS 0x4u

/* The address of their registers in memory; 0: the machine has none, or its table cannot be trusted. */
paddr_t hpet_find(const struct bootinfo *info);

#endif
