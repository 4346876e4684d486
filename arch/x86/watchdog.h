/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What surrounds the call of an image: the timer that brings it back. */
#ifndef TRAPEZE_WATCHDOG_H
#define TRAPEZE_WATCHDOG_H

#include "types.h"

struct control;

/* Ticks a second of the timer that counts. Where it looks for the abort key alone it is as slow as it goes: 18.2. */
#define WATCHDOG_HZ 100

/*
 * Route the PIT through the 8259 and LINT0 as NMI, so that it reaches an image with interrupts off; the control pages start it where
 * the image is entered, so that one that is shorter than a tick sees none. limit_ms 0: only the abort key ends the image. Without a
 * local APIC the log says that there is no watchdog.
 */
void watchdog_start(struct control *control, u32 limit_ms);
/* Its registers come within reach, so that the first call need not wait for that. */
void watchdog_keep_ready(void);
/*
 * The same for an image in real mode, whose pages lie at `page`: the timer reaches it as NMI by an I/O APIC, at the BIOS's rate.
 * limit_ms as above.
 */
void watchdog16_start(paddr_t page, const struct control *control, u32 limit_ms);
/* The I/O APIC's pin as it was. Returns whether there was a watchdog. */
bool watchdog16_stop(void);
/* Around both: the HPET leaves the PIT's line to the PIT, and takes it again if it had it. */
void hpet_stand_back(void);
void hpet_stand_in(void);
/* The HPET's, within reach; NULL: there is none. */
volatile u32 *hpet_registers(void);
/* Why this processor takes no NMI from a timer; NULL: it does. */
const char *watchdog_no_local_apic(void);
/* LINT0 as it was. Returns whether there was a watchdog: the timer and the 8259s are then to be put back (platform.h). */
bool watchdog_stop(void);

#endif
