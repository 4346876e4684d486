/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Devices left quiet before a jump for good: no interrupt pending or let through, no timer running, nothing that writes
 * to memory by itself. docs/quiet.md has what each protocol expects and what is left.
 */
#ifndef TRAPEZE_QUIET_H
#define TRAPEZE_QUIET_H

#include "bootinfo.h"
#include "plan.h"
#include "types.h"

/* trapeze,quiet */
enum quiet_wish {
	QUIET_AUTO,			/* as the image needs it */
	QUIET_ON,			/* all of it, whatever the image, unless that is one of real mode on a BIOS */
	QUIET_OFF			/* nothing is touched */
};

enum quiet_scope {
	QUIET_NOTHING,			/* as it was found */
	QUIET_BIOS,			/* as the BIOS has it: the image may call it */
	QUIET_DEVICES,			/* all but keyboards that firmware speaks for (USB controllers that it owns) */
	QUIET_ALL
};

/* has_bios: there is one; uses_bios: the image may call it, although its mode is not the BIOS's. */
enum quiet_scope quiet_decide(enum quiet_wish wish, bool has_bios, enum entry_mode mode, bool uses_bios);

/* Do it, with a log line for each step that found something to do, or one that says why there was none. */
void quiet_machine(const struct bootinfo *info, enum quiet_scope scope);

#endif
