/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The table of interrupt controllers: how many processors there are, and where the timer is wired to. Source: ACPI 6.4, 5.2.12. */
#ifndef TRAPEZE_MADT_H
#define TRAPEZE_MADT_H

#include "arch.h"
#include "bootinfo.h"

/*
 * The processors that firmware has enabled. One with an APIC identity below 255 may stand in the table twice, as local
 * APIC and as local x2APIC. Counting ends where an entry is damaged; 0: the table names none.
 */
u32 madt_count_processors(const struct boot_blob *table);

/*
 * Where IRQ 0 of the PC, the timer's, enters an I/O APIC: as an override says, else at global interrupt 0. False: the table
 * names no I/O APIC for it; *wire is undefined then.
 */
bool madt_find_timer(const struct boot_blob *table, struct arch_timer_wire *wire) MUST_CHECK;

/* The I/O APICs that the table names, up to `max`; returns how many. */
u32 madt_find_io_apics(const struct boot_blob *table, paddr_t *where, u32 max);

#endif
