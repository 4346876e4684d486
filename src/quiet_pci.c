/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Sources: PCI Local Bus 3.0, 6.2.2; PCI Code and ID Assignment 1.11. */
#include "quiet_private.h"

#include "arch.h"
#include "log.h"

#define CLASS(word) ((u16)((word) >> 16))
#define INTERFACE(word) ((word) >> 8 & 0xff)
#define CLASS_OLD_VGA 0x0001		/* from before there were classes */
#define CLASS_SATA 0x0106
#define INTERFACE_AHCI 0x01
#define CLASS_USB 0x0c03
#define BASE(class) ((class) >> 24)
#define BASE_DISPLAY 0x03
#define BASE_BRIDGE 0x06
#define BASE_SYSTEM 0x08

struct walk {
	enum quiet_scope scope;
	u32 functions, masters, kept, controllers;
};

/*
 * A screen may be fetched from memory. Bridges pass on what lies behind them, where nothing speaks any more; I/O APICs
 * and IOMMUs, system devices, send interrupts as writes to memory, and nothing else.
 */
static bool stays(u32 class)
{
	return CLASS(class) == CLASS_OLD_VGA || BASE(class) == BASE_DISPLAY || BASE(class) == BASE_BRIDGE ||
	       BASE(class) == BASE_SYSTEM;
}

static u32 quiet_controller(struct pci_place at, u32 class, enum quiet_scope scope)
{
	if (CLASS(class) == CLASS_USB)
		return quiet_usb(at, INTERFACE(class), scope == QUIET_ALL);
	if (CLASS(class) == CLASS_SATA && INTERFACE(class) == INTERFACE_AHCI)
		return quiet_ahci(at);
	return 0;
}

static void log_controller(struct pci_place at, u32 class, u32 done)
{
	const char *what = done & QUIET_KEPT ? "stays firmware's, for its keyboard" :
			   !(done & QUIET_STOPPED) ? "taken from firmware" :
			   done & QUIET_TAKEN ? "taken from firmware, stopped" : "stopped";

	if (done & QUIET_STUCK)
		log_warn("quiet", "PCI %02x:%02x.%x %s: %s, but it did not answer in time", at.bus, at.device, at.function,
			 pci_class_name(CLASS(class)), what);
	else
		log_info("quiet", "PCI %02x:%02x.%x %s: %s", at.bus, at.device, at.function, pci_class_name(CLASS(class)),
			 what);
}

static void quiet_function(struct walk *walk, struct pci_place at)
{
	u32 class = pci_read(at, PCI_CLASS), command = pci_read(at, PCI_COMMAND) & COMMAND_BITS;
	u32 done = quiet_controller(at, class, walk->scope);

	walk->functions++;
	walk->controllers += done != 0;
	if (done)
		log_controller(at, class, done);
	if (!(command & COMMAND_MASTER))
		return;
	if (stays(class) || (done & QUIET_KEPT)) {
		walk->kept++;
		return;
	}
	pci_write(at, PCI_COMMAND, command & ~COMMAND_MASTER);
	walk->masters++;
	log_debug("quiet", "PCI %02x:%02x.%x %s: bus master off", at.bus, at.device, at.function,
		  pci_class_name(CLASS(class)));
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
		log_info("quiet", "PCI bus master off devices=%u of %u, stays on at bridges, displays and the like=%u",
			 walk.masters, walk.functions, walk.kept);
	return walk.masters + walk.controllers;
}
