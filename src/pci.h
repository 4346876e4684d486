/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* PCI devices: what they are, and all of them in turn. PCI Local Bus 3.0, 6.1 and 6.2. */
#ifndef TRAPEZE_PCI_H
#define TRAPEZE_PCI_H

#include "types.h"

#define PCI_ID 0x00
#define PCI_CLASS 0x08			/* class, subclass, interface, revision */
#define PCI_HEADER 0x0c
#define PCI_BAR0 0x10
#define PCI_NOTHING 0xffffffffu

struct pci_place {
	u8 bus, device, function;
};

u32 pci_read(struct pci_place at, u32 offset);
void pci_write(struct pci_place at, u32 offset, u32 value);

/*
 * Show every function that there is to `visit`, which returns false to end it. Every bus number is tried: firmware has
 * given them, behind whichever bridges. There must be PCI (arch_has_pci).
 */
void pci_visit(bool (*visit)(void *ctx, struct pci_place at), void *ctx);

/* The name of class and subclass (0x0106), or of the class alone; never NULL. */
const char *pci_class_name(u16 class);

#endif
