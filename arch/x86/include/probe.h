/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Instructions that may fault, because a person asked for them. Each has a line in the section .probes
 * (boot/trapeze.lds): where it is and where to go on when it raises #UD, #GP or #PF.
 */
#ifndef TRAPEZE_PROBE_H
#define TRAPEZE_PROBE_H

#include "types.h"

/* Both builds lie below 4 GiB. */
struct probe {
	u32 at, resume;
};
extern const struct probe probes_start[], probes_end[];

/* The trap handler's: the last one faulted. */
extern volatile bool probe_faulted;

#define PROBED(instruction) \
	"1:\t" instruction "\n" \
	"2:\n\t" \
	".pushsection .probes, \"a\", @progbits\n\t" \
	".long 1b, 2b\n\t" \
	".popsection"

#endif
