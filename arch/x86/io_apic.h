/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* An I/O APIC's registers, and a pin of it that delivers an NMI for a while. Intel 82093AA data sheet, 3.1 and 3.2. */
#ifndef TRAPEZE_IO_APIC_H
#define TRAPEZE_IO_APIC_H

#include "arch.h"

#ifndef IO_APIC_WINDOW
#define IO_APIC_WINDOW 0x10
#endif

struct io_apic_pin {
	volatile u32 *io_apic;
	u32 reg;			/* of its two registers the lower one */
	u32 low, high;			/* as they were */
};

static inline u32 io_apic_read(volatile u32 *io_apic, u32 reg)
{
	io_apic[0] = reg;
	return io_apic[IO_APIC_WINDOW / 4];
}

static inline void io_apic_write(volatile u32 *io_apic, u32 reg, u32 value)
{
	io_apic[0] = reg;
	io_apic[IO_APIC_WINDOW / 4] = value;
}

/* What arch_timer_is_wired said; NULL: nothing. */
const struct arch_timer_wire *io_apic_timer(void);
/* Pin `number` of the I/O APIC that the timer is wired to. Returns why there is none; NULL: *pin is for the two below. */
const char *io_apic_find_pin(u32 number, struct io_apic_pin *pin);
/* It goes to this processor, by `low`; and is as it was. */
void io_apic_take_pin(struct io_apic_pin *pin, u32 low);
void io_apic_return_pin(const struct io_apic_pin *pin);

#endif
