/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the two widths' trap code shares. */
#ifndef TRAPEZE_TRAPS_H
#define TRAPEZE_TRAPS_H

#include "bits.h"
#include "dump.h"
#include "tables.h"

/* Called by the vector stubs; returning resumes what was interrupted. */
void trap_handle(struct trap_frame *frame);

/*
 * Add the system registers and explain; returns after a breakpoint, or where a fault was expected (probe.h), with the place to go on
 * at in regs->ip; else never.
 */
void traps_report(struct dump_regs *regs);
/* Control and table registers as they are now. EFER is read only where the processor has it. */
void traps_read_system(struct dump_regs *regs, bool has_efer);
/* Vector, general and segment registers as the stub saved them. */
void traps_read_frame(struct dump_regs *regs, const struct trap_frame *frame);
/* Width-specific: the tasks' entries and stacks. */
void traps_config_width(struct tables_config *config);
struct cpu_tables *traps_tables(void);

/* The block that the stack protector's canary lies in. */
extern u8 canary_block[64];

#endif
