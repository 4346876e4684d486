/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A boot that is prepared long before it is executed: everything that it needs lies in memory of its own. */
#ifndef TRAPEZE_BOOT_AHEAD_H
#define TRAPEZE_BOOT_AHEAD_H

#include "boot.h"

/* The configuration asks for what cannot be done ahead, or not after a fault? Logged. */
enum err boot_ahead_check(const struct manifest_config *config) MUST_CHECK;
/* Between boot_open and boot_make_ready: boot->whole, and the record's address as the first argument. */
enum err boot_ahead_begin(struct boot *boot, const struct memory *whole, paddr_t record) MUST_CHECK;
/* Parts that lie elsewhere are copied to the boot's own memory. */
enum err boot_ahead_take_parts(struct boot *boot) MUST_CHECK;
/*
 * What the image has a fixed place for becomes its own memory, wherever that is usable. To know it the loader plans
 * once, and its plan is thrown away: the map must stay as it is from a loader's plan to its finish.
 */
enum err boot_ahead_open_fixed(struct boot *boot) MUST_CHECK;

#endif
