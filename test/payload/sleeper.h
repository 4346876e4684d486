/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What sleeper.c asks of ARCH/sleeper_entry.S. */
#ifndef PAYLOAD_SLEEPER_H
#define PAYLOAD_SLEEPER_H

#include "payload.h"

/* The first argument, of each round; test/qemu/test_resume.py knows them. */
#define SLEEPER_END 0x77
#define SLEEPER_FAULT 0x88
#define SLEEPER_STAY 0x99		/* until it is ended */
/* The second argument, of the first round: which stack the return address is called from. */
#define SLEEPER_OWN_STACK 1

/* Give `result` to whoever called the image, and sleep; returns the first argument of the next round. */
unsigned long sleeper_yield(unsigned long result);
/* The same, leaving the place to go on at on its own stack instead of the caller's. */
unsigned long sleeper_yield_here(unsigned long result);

#endif
