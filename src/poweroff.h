/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#ifndef TRAPEZE_POWEROFF_H
#define TRAPEZE_POWEROFF_H

#include "acpi.h"

/*
 * Switch the machine off by ACPI's sleep state S5. Returns only when that could not be done, or had no effect; *why
 * tells, nothing is logged.
 */
enum err poweroff(const struct bootinfo *info, struct acpi_why *why) MUST_CHECK;

#endif
