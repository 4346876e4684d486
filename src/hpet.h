/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Where firmware says that the high precision event timers are. Source: IA-PC HPET Specification 1.0a, 3.2.4. */
#ifndef TRAPEZE_HPET_H
#define TRAPEZE_HPET_H

#include "bootinfo.h"

#define HPET_SIZE KIB(1)

/* The address of their registers in memory; 0: the machine has none, or its table cannot be trusted. */
paddr_t hpet_find(const struct bootinfo *info);

#endif
