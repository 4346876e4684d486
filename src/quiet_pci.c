/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Sources: PCI Local Bus 3.0, 6.2.2; PCI Code and ID Assignment 1.11. */
#include "quiet_private.h"

#include "arch.h"
#include "log.h"
#include "pci.h"

#define PCI_COMMAND 0x04
#define COMMAND_MASTER 0x4u
#define COMMAND_BITS 0xffffu		/* the status beside them is cleared by ones */
#define BASE(class) ((class) >> 24)
#define BASE_DISPLAY 0x03
#define BASE_BRIDGE 0x06
#define BASE_SYSTEM 0x08

struct walk {
	enum quiet_scope scope;
	u32 functions, masters, kept;
};

/*
 * A screen may be fetched from memory. Bridges pass on what lies behind them, of which nothing speaks any more; I/O APICs and IOMMUs,
 * system devices, send interrupts as writes to memory, and nothing else.
 */
static bool stays(u32 class)
{
	return BASE(class) == BASE_DISPLAY || BASE(class) == BASE_BRIDGE || BASE(class) == BASE_SYSTEM;
}

static void quiet_function(struct walk *walk, struct pci_place at)
{
	u32 class = pci_read(at, PCI_CLASS), command = pci_read(at, PCI_COMMAND) & COMMAND_BITS;

	walk->functions++;
	if (!(command & COMMAND_MASTER))
		return;
	if (stays(class)) {
		walk->kept++;
		return;
	}
	pci_write(at, PCI_COMMAND, command & ~COMMAND_MASTER);
	walk->masters++;
	log_debug("quiet", "PCI %02x:%02x.%x %s: bus master off", at.bus, at.device, at.function, pci_class_name((u16)(class >> 16)));
}

static bool visit(void *ctx, struct pci_place at)
{
	quiet_function(ctx, at);
	return true;
}

u32 quiet_pci(enum quiet_scope scope)
{
	struct walk walk = { .scope = scope };

	if (!arch_has_pci())
		return 0;
	pci_visit(visit, &walk);
	if (walk.masters)
		log_info("quiet", "PCI bus master off devices=%u of %u, stays on at bridges, displays and the like=%u", walk.masters,
			 walk.functions, walk.kept);
	return walk.masters;
}
