/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The screens behind the menu's keys. */
#ifndef TRAPEZE_SCREENS_H
#define TRAPEZE_SCREENS_H

#include "machine.h"

/* i: what would be booted: format, sizes, addresses, command line, hashes. */
void screen_inspect(struct machine *machine, u32 config, const char *bootargs);
/* l: the log ring. */
/* An image that sleeps: the number of machine->asleep. */
void screen_asleep(const struct machine *machine, u32 number);
void screen_log(const struct machine *machine);
/* m: the memory map, and what the shim uses of it. */
void screen_memory(const struct machine *machine);

#endif
