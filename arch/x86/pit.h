/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The timer and the interrupt controllers of a PC. Intel 8254 and 8259A data sheets. */
#ifndef TRAPEZE_PIT_H
#define TRAPEZE_PIT_H

#include "cpu.h"

#define PIT_HZ 1193182u
#define PIT_CHANNEL0 0x40
#define PIT_COMMAND 0x43
#define PIT_READ_BACK_STATUS0 0xe2
#define PIT_CH0_MODE2 0x34		/* low then high byte, rate generator */
#define PIT_CH0_MODE3 0x36		/* square wave: a BIOS's */
#define PIT_CYCLES_MAX 0x10000u		/* written as 0 */
#define PIT_STATUS_MODE 0x0e
#define PIT_ACCESS_BOTH 0x30
#define PIC1_DATA 0x21
#define PIC2_COMMAND 0xa0
#define PIC_ICW1 0x11			/* edge-triggered, cascaded, ICW4 follows */
#define PIC_ICW4_8086 0x01
#define PIC_TIMER 0
#define PIC_CLOCK 0			/* of the second one */
#define PIC_CASCADE 2			/* the line that the second one is on */
#define BIOS_VECTOR_IRQ0 0x08
#define BIOS_VECTOR_IRQ8 0x70
#define PIC2_DATA 0xa1
#define PIC_READ_IN_SERVICE 0x0b	/* OCW3 */
#define PIC_LINES 8
#define PIC_ONLY_TIMER 0xfe
#define PIC_NONE 0xff

static inline void pit_program(u8 mode, u32 count)
{
	outb(PIT_COMMAND, mode);
	outb(PIT_CHANNEL0, count & 0xff);
	outb(PIT_CHANNEL0, (count >> 8) & 0xff);
}

#endif
