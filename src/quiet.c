/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "quiet_private.h"

#include "acpi.h"
#include "arch.h"
#include "hpet.h"
#include "log.h"
#include "madt.h"

enum quiet_scope quiet_decide(enum quiet_wish wish, bool has_bios, enum entry_mode mode, bool uses_bios)
{
	if (wish == QUIET_OFF)
		return QUIET_NOTHING;
	if (!has_bios)
		return QUIET_ALL;
	if (mode == ENTRY_REAL)
		return QUIET_BIOS;
	if (wish == QUIET_ON)
		return QUIET_ALL;
	return uses_bios ? QUIET_BIOS : QUIET_DEVICES;
}

/* Did any of these bits have to go? */
static bool clear_bits(paddr_t at, u32 bits)
{
	u32 value = quiet_read(at);

	if (value == PCI_NOTHING || !(value & bits))
		return false;
	quiet_write(at, value & ~bits);
	return true;
}

static u32 quiet_hpet(const struct bootinfo *info)
{
	paddr_t at = hpet_find(info);
	bool changed;

	if (!at || arch_map_device(at, at + HPET_SIZE) || quiet_read(at + HPET_CAPABILITIES) == PCI_NOTHING)
		return 0;
	changed = clear_bits(at + HPET_CONFIG, CONFIG_RUNS | CONFIG_LEGACY);
	for (u32 i = 0; i < CAPABILITIES_TIMERS(quiet_read(at + HPET_CAPABILITIES)); i++)
		changed |= clear_bits(at + HPET_TIMER(i), TIMER_INTERRUPTS);
	if (changed)
		log_info("quiet", "HPET stopped at=0x%llx", at);
	return changed;
}

static u32 quiet_processor(const struct bootinfo *info)
{
	struct arch_quiet machine = { .processors = 1 };
	struct boot_blob table;
	struct acpi_why why;

	if (!acpi_find_table(info, "APIC", &table, &why)) {
		machine.io_apic_count = madt_find_io_apics(&table, machine.io_apics, ARRAY_COUNT(machine.io_apics));
		machine.processors = madt_count_processors(&table);
	}
	return arch_quiet(&machine);
}

void quiet_machine(const struct bootinfo *info, enum quiet_scope scope)
{
	if (scope == QUIET_NOTHING) {
		log_info("quiet", "devices stay as they are: trapeze,quiet is off");
	} else if (scope == QUIET_BIOS) {
		arch_quiet_bios();
		log_info("quiet", "devices stay as the BIOS has them: the image may call it");
	} else {
		/* What can raise interrupts comes before what lets them through. */
		u32 done = quiet_pci(scope) + quiet_hpet(info);

		done += quiet_processor(info);
		if (!done)
			log_info("quiet", "nothing was on");
	}
}
