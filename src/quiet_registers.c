/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Registers of PCI devices. Source: PCI Local Bus 3.0, 6.2.5.1. */
#include "arch.h"
#include "quiet_private.h"

#define BAR_IO 0x1u
#define BAR_TYPE 0x6u
#define BAR_64_BIT 0x4u
#define BAR_FLAGS 0xfu

paddr_t quiet_map(struct pci_place at, u32 bar, u32 size)
{
	u32 low = pci_read(at, PCI_BAR0 + 4 * bar);
	paddr_t registers = low & ~BAR_FLAGS;

	if ((low & BAR_IO) || !(pci_read(at, PCI_COMMAND) & COMMAND_MEMORY))
		return 0;
	if ((low & BAR_TYPE) == BAR_64_BIT)
		registers |= (paddr_t)pci_read(at, PCI_BAR0 + 4 * (bar + 1)) << 32;
	if (!registers || registers > arch_phys_limit() - size || arch_map_device(registers, registers + size) ||
	    quiet_read(registers) == PCI_NOTHING)
		return 0;
	return registers;
}

u32 quiet_read(paddr_t at)
{
	u64 value;

	return arch_memory_read(at, 4, &value) ? PCI_NOTHING : (u32)value;
}

void quiet_write(paddr_t at, u32 value)
{
	/* What cannot be written reads as it was, which whoever waits for it notices. */
	if (arch_memory_write(at, 4, value))
		return;
}

u32 quiet_wait(paddr_t at, u32 bits, u32 wanted, u32 limit_ms)
{
	u64 start = arch_time_us();

	while ((quiet_read(at) & bits) != wanted) {
		if (arch_time_us() - start >= limit_ms * 1000ull)
			return QUIET_STUCK;
		arch_relax();
	}
	return 0;
}
