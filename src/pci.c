/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Source: PCI Code and ID Assignment 1.11, chapter 1. */
#include "pci.h"

#include "arch.h"

#define ANY 0xff
#define HEADER_MULTI 0x800000u

static const struct {
	u16 class;
	const char *name;
} names[] = {
	{ 0x0000, "device without a class" },
	{ 0x0001, "VGA device without a class" },
	{ 0x0100, "SCSI controller" },
	{ 0x0101, "IDE controller" },
	{ 0x0102, "floppy controller" },
	{ 0x0104, "RAID controller" },
	{ 0x0105, "ATA controller" },
	{ 0x0106, "SATA controller" },
	{ 0x0107, "SAS controller" },
	{ 0x0108, "NVMe controller" },
	{ 0x0100 | ANY, "storage controller" },
	{ 0x0200, "Ethernet controller" },
	{ 0x0200 | ANY, "network controller" },
	{ 0x0300, "VGA controller" },
	{ 0x0300 | ANY, "display controller" },
	{ 0x0401, "audio device" },
	{ 0x0403, "HD audio controller" },
	{ 0x0400 | ANY, "multimedia device" },
	{ 0x0500, "RAM controller" },
	{ 0x0500 | ANY, "memory controller" },
	{ 0x0600, "host bridge" },
	{ 0x0601, "ISA bridge" },
	{ 0x0604, "PCI bridge" },
	{ 0x0607, "CardBus bridge" },
	{ 0x0600 | ANY, "bridge" },
	{ 0x0700, "serial controller" },
	{ 0x0701, "parallel controller" },
	{ 0x0703, "modem" },
	{ 0x0700 | ANY, "communication controller" },
	{ 0x0800, "interrupt controller" },
	{ 0x0801, "DMA controller" },
	{ 0x0802, "timer" },
	{ 0x0803, "real-time clock" },
	{ 0x0805, "SD host controller" },
	{ 0x0806, "IOMMU" },
	{ 0x0800 | ANY, "system device" },
	{ 0x0900, "keyboard controller" },
	{ 0x0900 | ANY, "input device" },
	{ 0x0a00 | ANY, "docking station" },
	{ 0x0b00 | ANY, "processor" },
	{ 0x0c00, "FireWire controller" },
	{ 0x0c03, "USB controller" },
	{ 0x0c05, "SMBus controller" },
	{ 0x0c07, "IPMI interface" },
	{ 0x0c00 | ANY, "serial bus controller" },
	{ 0x0d00 | ANY, "wireless controller" },
	{ 0x0e00 | ANY, "intelligent controller" },
	{ 0x0f00 | ANY, "satellite controller" },
	{ 0x1000 | ANY, "encryption controller" },
	{ 0x1100 | ANY, "signal processing controller" },
	{ 0x1200 | ANY, "processing accelerator" },
};

const char *pci_class_name(u16 class)
{
	for (u32 i = 0; i < ARRAY_COUNT(names); i++)
		if (names[i].class == class || names[i].class == (class | ANY))
			return names[i].name;
	return "device";
}

u32 pci_read(struct pci_place at, u32 offset)
{
	return arch_pci_read(at.bus, at.device, at.function, offset);
}

void pci_write(struct pci_place at, u32 offset, u32 value)
{
	arch_pci_write(at.bus, at.device, at.function, offset, value);
}

/* The functions of one device. */
static bool visit_device(struct pci_place at, bool (*visit)(void *ctx, struct pci_place at), void *ctx)
{
	u32 count = pci_read(at, PCI_HEADER) & HEADER_MULTI ? 8 : 1;

	for (; at.function < count; at.function++)
		if (pci_read(at, PCI_ID) != PCI_NOTHING && !visit(ctx, at))
			return false;
	return true;
}

void pci_visit(bool (*visit)(void *ctx, struct pci_place at), void *ctx)
{
	u32 n = arch_pci_find(0);

	while (n < ARCH_PCI_DEVICES && visit_device((struct pci_place){ .bus = (u8)(n / 32), .device = n % 32 }, visit, ctx))
		n = arch_pci_find(n + 1);
}
