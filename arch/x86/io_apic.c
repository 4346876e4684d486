/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "io_apic.h"

#include "apic.h"
#include "paging.h"
#include "x86.h"

#define DESTINATION_SHIFT 24

static struct arch_timer_wire wire;
static bool is_wired;

void arch_timer_is_wired(const struct arch_timer_wire *timer)
{
	wire = *timer;
	is_wired = true;
}

const struct arch_timer_wire *io_apic_timer(void)
{
	return is_wired ? &wire : NULL;
}

const char *io_apic_find_pin(u32 number, struct io_apic_pin *pin)
{
	if (!is_wired)
		return "firmware's tables name no I/O APIC";
	if (paging_reach(wire.io_apic, wire.io_apic + PAGE_SIZE))
		return "the I/O APIC is out of reach";
	pin->io_apic = (volatile u32 *)(uintptr_t)wire.io_apic;
	pin->reg = IO_APIC_TABLE + 2 * number;
	return number > IO_APIC_LAST_PIN(io_apic_read(pin->io_apic, IO_APIC_VERSION)) ? "the I/O APIC has no such pin" : NULL;
}

void io_apic_take_pin(struct io_apic_pin *pin, u32 low)
{
	pin->low = io_apic_read(pin->io_apic, pin->reg);
	pin->high = io_apic_read(pin->io_apic, pin->reg + 1);
	io_apic_write(pin->io_apic, pin->reg, low | LVT_MASKED);
	io_apic_write(pin->io_apic, pin->reg + 1, APIC_ID(cpuid(1, 0).ebx) << DESTINATION_SHIFT);
	io_apic_write(pin->io_apic, pin->reg, low);
}

void io_apic_return_pin(const struct io_apic_pin *pin)
{
	io_apic_write(pin->io_apic, pin->reg, pin->low | LVT_MASKED);
	io_apic_write(pin->io_apic, pin->reg + 1, pin->high);
	io_apic_write(pin->io_apic, pin->reg, pin->low);
}
