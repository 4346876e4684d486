/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Microsoft's Serial Port Console Redirection table: which UART firmware's own console is on. */
#ifndef TRAPEZE_SPCR_H
#define TRAPEZE_SPCR_H

#include "acpi.h"
#include "console.h"

/*
 * Read the table into *config: kind CONSOLE_UART, and for a PCI device has_pci, its place, and its identity in *pci_id (as
 * the first word of its configuration space); addr may be 0 then, to be taken from its base address. ERR_UNSUPPORTED,
 * ERR_VALUE, ERR_TRUNCATED: *why tells, *config is as before.
 */
enum err spcr_parse(const struct boot_blob *table, struct console_config *config, u32 *pci_id,
		    struct acpi_why *why) MUST_CHECK;

#endif
