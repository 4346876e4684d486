/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The last resort of a BIOS call that hangs with interrupts off: one NMI, once its limit is well past (docs/bios.md). */
#ifndef TRAPEZE_BIOS_ALARM_H
#define TRAPEZE_BIOS_ALARM_H

#include "types.h"

/* In time behind the limit; 0: never. Where the machine has nothing for it, the log says so once. */
void bios_alarm_set(u32 limit_ms);
/* Nothing comes any more, and the timer is as it was. */
void bios_alarm_stop(void);

#endif
