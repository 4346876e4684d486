/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What of the PC's old devices an image may change and the shim puts back: the 8259s' masks, the timer's mode. */
#ifndef TRAPEZE_PLATFORM_H
#define TRAPEZE_PLATFORM_H

#include "types.h"

void platform_save(void);
/* `timer_used`: channel 0 was programmed since, so its mode alone does not tell whether it is as before. */
void platform_restore(bool timer_used);

/* What the BIOS's interrupt controllers are like: once at the start, then around each call of it. */
void platform_bios_take(void);
/*
 * In place of what was found: somebody else has the machine, who has stopped its devices and wants no interrupts of them. The BIOS
 * gets the timer and the clock chip, and its vectors before the first call. Between platform_save and platform_restore.
 */
void platform_bios_lend(void);
void platform_bios_enter(void);
void platform_bios_leave(void);
/* Before platform_bios_leave: a call was ended, and what it served may be in service still. */
void platform_bios_ended(void);

/* The 8259s with the AT's vectors; no line is masked, requested or in service then. */
void platform_reset_8259s(void);

#endif
