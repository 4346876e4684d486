/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * USB controllers, of which firmware may own one for the sake of a keyboard, and be woken by SMI. Sources: UHCI 1.1, 2.1
 * and 5.2.1; OHCI 1.0a, 5.1.1.3 and 7.1; EHCI 1.0, 2.1.7, 2.1.8 and 2.3; xHCI 1.2, 5.4.1 and 7.1.
 */
#include "arch.h"
#include "quiet_private.h"

enum { INTERFACE_UHCI = 0x00, INTERFACE_OHCI = 0x10, INTERFACE_EHCI = 0x20, INTERFACE_XHCI = 0x30 };

#define HANDOFF_MS 1000
#define HALT_MS 50			/* 16 microframes, one frame, 16 ms */
#define CAPABILITIES_MAX 64

/* --- UHCI: ports, and a word of configuration space --- */
#define UHCI_BAR 4
#define UHCI_LEGACY 0xc0
#define LEGACY_TRAPS 0x001fu		/* keyboard ports trapped, SMI on */
#define LEGACY_INTERRUPTS 0x2000u
#define LEGACY_STATUS 0x8f00u		/* cleared by ones */
#define LEGACY_BITS 0xffffu
#define UHCI_COMMAND 0
#define UHCI_STATUS 2
#define UHCI_INTERRUPTS 4
#define UHCI_RUN 0x1u
#define UHCI_HALTED 0x20u

static u32 stop_uhci(u16 ports)
{
	u64 start = arch_time_us();

	arch_port_write((u16)(ports + UHCI_INTERRUPTS), 2, 0);
	if (!(arch_port_read((u16)(ports + UHCI_COMMAND), 2) & UHCI_RUN))
		return 0;
	arch_port_write((u16)(ports + UHCI_COMMAND), 2, 0);
	while (!(arch_port_read((u16)(ports + UHCI_STATUS), 2) & UHCI_HALTED))
		if (arch_time_us() - start >= HALT_MS * 1000ull)
			return QUIET_STOPPED | QUIET_STUCK;
	return QUIET_STOPPED;
}

static u32 quiet_uhci(struct pci_place at, bool take)
{
	u32 legacy = pci_read(at, UHCI_LEGACY), bar = pci_read(at, PCI_BAR0 + 4 * UHCI_BAR), done = 0;

	if (legacy & LEGACY_TRAPS) {
		if (!take)
			return QUIET_KEPT;
		pci_write(at, UHCI_LEGACY, (legacy & ~LEGACY_BITS) | (legacy & LEGACY_INTERRUPTS) | LEGACY_STATUS);
		done = QUIET_TAKEN;
	}
	if (!(bar & 1) || !(pci_read(at, PCI_COMMAND) & COMMAND_IO))
		return done;
	return done | stop_uhci(bar & 0xffe0);
}

/* --- OHCI --- */
#define OHCI_CONTROL 0x04
#define CONTROL_STATE 0xc0u
#define CONTROL_OPERATIONAL 0x80u
#define CONTROL_SMI 0x100u		/* interrupts go to firmware, which owns it */
#define CONTROL_WAKEUP 0x200u
#define OHCI_COMMAND 0x08
#define COMMAND_CHANGE_OWNER 0x8u
#define OHCI_INTERRUPTS_OFF 0x14
#define OHCI_ALL_INTERRUPTS 0xc000007fu
#define OHCI_SIZE 0x1000

static u32 quiet_ohci(paddr_t hc, bool take)
{
	u32 control = quiet_read(hc + OHCI_CONTROL), done = 0;

	if (control & CONTROL_SMI) {
		if (!take)
			return QUIET_KEPT;
		quiet_write(hc + OHCI_COMMAND, COMMAND_CHANGE_OWNER);
		done = QUIET_TAKEN | quiet_wait(hc + OHCI_CONTROL, CONTROL_SMI, 0, HANDOFF_MS);
		control = quiet_read(hc + OHCI_CONTROL);
	}
	quiet_write(hc + OHCI_INTERRUPTS_OFF, OHCI_ALL_INTERRUPTS);
	if ((control & CONTROL_STATE) != CONTROL_OPERATIONAL)
		return done;
	quiet_write(hc + OHCI_CONTROL, control & CONTROL_WAKEUP);
	return done | QUIET_STOPPED;
}

/* --- EHCI and xHCI: the same semaphore, in configuration space or among the registers, and the same two first registers --- */
#define CAPABILITY_LEGACY 1u
#define OWNER_BIOS 0x10000u
#define OWNER_OS 0x1000000u
#define OPERATION(hc) (quiet_read(hc) & 0xff)
#define COMMAND_RUN 0x1u
#define EHCI_PARAMETERS 0x08
#define EHCI_CAPABILITIES(word) ((word) >> 8 & 0xff)
#define EHCI_FIRST 0x40			/* below there is what every device has */
#define EHCI_HALTED 0x1000u
#define EHCI_INTERRUPTS 0x08
#define EHCI_SIZE 0x1000
#define XHCI_PARAMETERS 0x10
#define XHCI_CAPABILITIES(word) ((word) >> 16 << 2)
#define XHCI_NEXT(word) ((word) >> 8 & 0xff)
#define XHCI_SIZE 0x10000
#define XHCI_INTERRUPTS 0x4u
#define XHCI_HALTED 0x1u
#define XHCI_SMIS 0xe011u
#define XHCI_SMI_STATUS 0xe0000000u

static u32 take_ehci(struct pci_place at, u32 offset)
{
	u32 owner = pci_read(at, offset), done = QUIET_TAKEN;
	u64 start = arch_time_us();

	pci_write(at, offset, owner | OWNER_OS);
	while (pci_read(at, offset) & OWNER_BIOS && !(done & QUIET_STUCK))
		if (arch_time_us() - start >= HANDOFF_MS * 1000ull)
			done |= QUIET_STUCK;
	if (done & QUIET_STUCK)
		pci_write(at, offset, (owner | OWNER_OS) & ~OWNER_BIOS);
	pci_write(at, offset + 4, 0);
	return done;
}

static u32 own_ehci(struct pci_place at, u32 offset, bool take)
{
	for (u32 i = 0; i < CAPABILITIES_MAX && offset >= EHCI_FIRST && !(offset & 3); i++) {
		u32 capability = pci_read(at, offset);

		if ((capability & 0xff) == CAPABILITY_LEGACY)
			return !(capability & OWNER_BIOS) ? 0 : take ? take_ehci(at, offset) : QUIET_KEPT;
		offset = EHCI_CAPABILITIES(capability);
	}
	return 0;
}

static u32 take_xhci(paddr_t capability)
{
	u32 owner = quiet_read(capability), done;

	quiet_write(capability, owner | OWNER_OS);
	done = QUIET_TAKEN | quiet_wait(capability, OWNER_BIOS, 0, HANDOFF_MS);
	if (done & QUIET_STUCK)
		quiet_write(capability, (owner | OWNER_OS) & ~OWNER_BIOS);
	quiet_write(capability + 4, (quiet_read(capability + 4) & ~XHCI_SMIS) | XHCI_SMI_STATUS);
	return done;
}

static u32 own_xhci(paddr_t hc, u32 offset, bool take)
{
	for (u32 i = 0; i < CAPABILITIES_MAX && offset && offset <= XHCI_SIZE - 8; i++) {
		u32 capability = quiet_read(hc + offset);

		if ((capability & 0xff) == CAPABILITY_LEGACY)
			return !(capability & OWNER_BIOS) ? 0 : take ? take_xhci(hc + offset) : QUIET_KEPT;
		if (!XHCI_NEXT(capability))
			break;
		offset += XHCI_NEXT(capability) << 2;
	}
	return 0;
}

/* Command and status are the first two registers. */
static u32 stop(paddr_t operation, u32 off, u32 halted)
{
	u32 command = quiet_read(operation);

	if (command & off)
		quiet_write(operation, command & ~off);
	return command & COMMAND_RUN ? QUIET_STOPPED | quiet_wait(operation + 4, halted, halted, HALT_MS) : 0;
}

static u32 quiet_ehci(struct pci_place at, paddr_t hc, bool take)
{
	u32 done = own_ehci(at, EHCI_CAPABILITIES(quiet_read(hc + EHCI_PARAMETERS)), take);

	if (done & QUIET_KEPT)
		return done;
	quiet_write(hc + OPERATION(hc) + EHCI_INTERRUPTS, 0);
	return done | stop(hc + OPERATION(hc), COMMAND_RUN, EHCI_HALTED);
}

static u32 quiet_xhci(paddr_t hc, bool take)
{
	u32 done = own_xhci(hc, XHCI_CAPABILITIES(quiet_read(hc + XHCI_PARAMETERS)), take);

	if (done & QUIET_KEPT)
		return done;
	return done | stop(hc + OPERATION(hc), COMMAND_RUN | XHCI_INTERRUPTS, XHCI_HALTED);
}

u32 quiet_usb(struct pci_place at, u32 interface, bool take)
{
	u32 size = interface == INTERFACE_XHCI ? XHCI_SIZE : interface == INTERFACE_EHCI ? EHCI_SIZE : OHCI_SIZE;
	paddr_t hc;

	if (interface == INTERFACE_UHCI)
		return quiet_uhci(at, take);
	if (interface != INTERFACE_OHCI && interface != INTERFACE_EHCI && interface != INTERFACE_XHCI)
		return 0;
	hc = quiet_map(at, 0, size);
	if (!hc)
		return 0;
	return interface == INTERFACE_OHCI ? quiet_ohci(hc, take) :
	       interface == INTERFACE_EHCI ? quiet_ehci(at, hc, take) : quiet_xhci(hc, take);
}
