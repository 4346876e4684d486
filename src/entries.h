/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The menu's contents, out of the manifest: header lines, titles, notes. */
#ifndef TRAPEZE_ENTRIES_H
#define TRAPEZE_ENTRIES_H

#include "machine.h"
#include "options.h"

/* Fill in machine->menu. Without a manifest the menu has no entries, and says so. */
void entries_make(struct machine *machine, const struct options *options);
/*
 * Behind the manifest's entries one for each image that sleeps, "resume:NAME", in the order of machine->asleep. To be called
 * whenever that has changed.
 */
void entries_refresh(struct machine *machine);

#endif
