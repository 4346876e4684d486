/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What a BIOS call is not to change: memory that nobody works in, the interrupt vectors, the processor and the old devices. */
#ifndef TRAPEZE_BIOS_STATE_H
#define TRAPEZE_BIOS_STATE_H

#include "arch.h"
#include "mover.h"

struct machine;

struct bios_state {
	u64 registers[ARCH_STATE_MAX];
	u32 register_count;
	struct mover_sum memory, vectors;
	u64 bytes;			/* of memory */
};

void bios_state_take(const struct machine *machine, struct bios_state *state);
/* ERR_HASH when something differs; each difference is logged, and that there is none, too. */
enum err bios_state_compare(const char *name, const struct bios_state *before, const struct bios_state *after) MUST_CHECK;

#endif
