/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* PCI configuration mechanism 1 (PCI Local Bus 3.0, 3.2.2.3.2): an address at one port, the word at another. */
#include "pci.h"

#include "x86.h"

#define PORT_ADDRESS 0xcf8
#define PORT_DATA 0xcfc
#define ADDRESS_ENABLE 0x80000000u

bool arch_has_pci(void)
{
	u32 before = inl(PORT_ADDRESS);
	bool holds;

	outl(PORT_ADDRESS, ADDRESS_ENABLE);
	holds = inl(PORT_ADDRESS) == ADDRESS_ENABLE;
	outl(PORT_ADDRESS, before);
	return holds;
}

static u32 address_of(u8 bus, u8 device, u8 function, u32 offset)
{
	return ADDRESS_ENABLE | (u32)bus << 16 | (u32)(device & 31) << 11 | (u32)(function & 7) << 8 | (offset & 0xfc);
}

/* Nearly all of the 8192 places are empty: the address is saved once, not for each. */
u32 arch_pci_find(u32 number)
{
	u32 before = inl(PORT_ADDRESS);

	for (; number < ARCH_PCI_DEVICES; number++) {
		outl(PORT_ADDRESS, ADDRESS_ENABLE | number << 11);
		if (inl(PORT_DATA) != PCI_NOTHING)
			break;
	}
	outl(PORT_ADDRESS, before);
	return number;
}

u32 arch_pci_read(u8 bus, u8 device, u8 function, u32 offset)
{
	u32 before = inl(PORT_ADDRESS), value;

	outl(PORT_ADDRESS, address_of(bus, device, function, offset));
	value = inl(PORT_DATA);
	outl(PORT_ADDRESS, before);
	return value;
}

void arch_pci_write(u8 bus, u8 device, u8 function, u32 offset, u32 value)
{
	u32 before = inl(PORT_ADDRESS);

	outl(PORT_ADDRESS, address_of(bus, device, function, offset));
	outl(PORT_DATA, value);
	outl(PORT_ADDRESS, before);
}
