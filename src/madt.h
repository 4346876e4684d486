/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The table of interrupt controllers, as far as it says how many processors there are. Source: ACPI 6.4, 5.2.12. */
#ifndef TRAPEZE_MADT_H
#define TRAPEZE_MADT_H

#include "bootinfo.h"

/*
 * The processors that firmware has enabled. One with an APIC identity below 255 may stand in the table twice, as local
 * APIC and as local x2APIC. Counting ends where an entry is damaged; 0: the table names none.
 */
u32 madt_count_processors(const struct boot_blob *table);

#endif
