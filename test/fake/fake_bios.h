/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A BIOS for host tests: its vectors in simulated memory, its services whatever the test says. */
#ifndef TRAPEZE_FAKE_BIOS_H
#define TRAPEZE_FAKE_BIOS_H

#include "arch.h"
#include "bios.h"

/* What answers a call; NULL: nothing happens. */
extern void (*fake_bios)(const struct arch_bios_target *target, struct bios_regs *regs);
/* How they end; where they were then. */
extern enum arch_bios_end fake_bios_end;
extern u32 fake_bios_left;
/* How many calls there were. */
extern unsigned int fake_bios_calls;
/* The page of the real-mode code; 0: not placed. */
extern paddr_t fake_bios_page;
/* Is page 0 within reach? */
extern bool fake_low_open;
/* A test may want arch_phys to be as the shim's: nothing of page 0 while it is closed, and never a pointer to its first byte. */
extern bool fake_low_is_null;

/* Registers that arch_state_take gives, by the names "first" and "second". */
extern u64 fake_state[2];

/* Vectors 0 to 255 lead to code at 0xf0000 + 16 * vector (in fake_ram, which reaches to 1 MiB at least). */
void fake_bios_vectors(void);

#endif
