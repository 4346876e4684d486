/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Where a UART is, for the kinds of console that leave that open. What is wrong is logged here. */
#ifndef TRAPEZE_CONSOLE_FIND_H
#define TRAPEZE_CONSOLE_FIND_H

#include "acpi.h"
#include "console.h"

/*
 * CONSOLE_PCISERIAL: the card at the place given, or the first one there is. Fills in place, access and address, and
 * switches its registers on. In memory they may have either stride: access is Linux's, 32 bits.
 */
enum err console_find_pci(struct console_config *config) MUST_CHECK;
/*
 * CONSOLE_SPCR: becomes CONSOLE_UART. An error is not logged: the caller knows whether the table was asked for; *why is its
 * sentence.
 */
enum err console_find_spcr(const struct bootinfo *info, struct console_config *config, struct acpi_why *why) MUST_CHECK;

#endif
