/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the files of quiet*.c share. */
#ifndef TRAPEZE_QUIET_PRIVATE_H
#define TRAPEZE_QUIET_PRIVATE_H

#include "pci.h"
#include "quiet.h"

#define PCI_COMMAND 0x04
#define COMMAND_IO 0x1u
#define COMMAND_MEMORY 0x2u
#define COMMAND_MASTER 0x4u
#define COMMAND_BITS 0xffffu		/* the status beside them is cleared by ones */

/* What was found at a controller and done. */
#define QUIET_TAKEN 0x1u		/* firmware owned it, and does no more */
#define QUIET_KEPT 0x2u			/* firmware owns it, and may */
#define QUIET_STOPPED 0x4u		/* it ran */
#define QUIET_STUCK 0x8u		/* something did not happen in time */

/* Bus mastering off wherever it is on, but for bridges and the like. Returns how many steps found something to do. */
u32 quiet_pci(enum quiet_scope scope);
/* A controller of that interface (class code 0c03xx), or AHCI's: QUIET_... */
u32 quiet_usb(struct pci_place at, u32 interface, bool take);
u32 quiet_ahci(struct pci_place at);

/* Registers that a base address register leads to, in reach from then on; 0: none, switched off, or out of reach. */
paddr_t quiet_map(struct pci_place at, u32 bar, u32 size);
/* All ones where nothing answers. */
u32 quiet_read(paddr_t at);
void quiet_write(paddr_t at, u32 value);
/* Wait until these bits are `wanted`; QUIET_STUCK: they never were. */
u32 quiet_wait(paddr_t at, u32 bits, u32 wanted, u32 limit_ms);

#endif
