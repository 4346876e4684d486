/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "platform.h"

#include "control/control.h"
#include "pit.h"
#include "x86.h"

static struct {
	u8 mask1, mask2, pit_mode;
} saved;

/* The BIOS's own masks; the shim has no use for interrupts, and what it found goes to the next kernel. */
static struct {
	u8 mask1, mask2;
	bool is_there;
	bool vectors_unknown;		/* an image had the machine and may have moved them */
} bios, shim;

static u8 read_pit_mode(void)
{
	outb(PIT_COMMAND, PIT_READ_BACK_STATUS0);
	return inb(PIT_CHANNEL0) & PIT_STATUS_MODE;
}

void platform_save(void)
{
	saved.mask1 = inb(PIC1_DATA);
	saved.mask2 = inb(PIC2_DATA);
	saved.pit_mode = read_pit_mode();
}

/* An interrupt that ended an image was never acknowledged, and would hold up all that come after it. */
static void end_interrupts(u16 command)
{
	outb(command, PIC_READ_IN_SERVICE);
	for (u32 i = 0; i < PIC_LINES && inb(command); i++)
		outb(command, PIC_EOI);
}

void platform_restore(bool timer_used)
{
	/* The BIOS's count: 65536, which the register holds as zero. */
	if (timer_used || read_pit_mode() != saved.pit_mode)
		pit_program((u8)(PIT_ACCESS_BOTH | saved.pit_mode), 0);
	end_interrupts(PIC2_COMMAND);
	end_interrupts(PIC1_COMMAND);
	outb(PIC1_DATA, saved.mask1);
	outb(PIC2_DATA, saved.mask2);
	bios.vectors_unknown = true;
}

void platform_bios_take(void)
{
	bios.is_there = true;
	bios.mask1 = inb(PIC1_DATA);
	bios.mask2 = inb(PIC2_DATA);
}

void platform_bios_lend(void)
{
	bios.mask1 = PIC_NONE & ~(1u << PIC_TIMER | 1u << PIC_CASCADE);
	bios.mask2 = PIC_NONE & ~(1u << PIC_CLOCK);
	bios.vectors_unknown = true;
	pit_program(PIT_CH0_MODE3, 0);
}

/* IRQ 0 to 7 at vectors 08h, 8 to 15 at 70h: as the AT's BIOS programs the 8259s (Intel 8259A data sheet, ICW1 to ICW4). */
void platform_reset_8259s(void)
{
	outb(PIC1_COMMAND, PIC_ICW1);
	outb(PIC1_DATA, BIOS_VECTOR_IRQ0);
	outb(PIC1_DATA, 1 << PIC_CASCADE);
	outb(PIC1_DATA, PIC_ICW4_8086);
	outb(PIC2_COMMAND, PIC_ICW1);
	outb(PIC2_DATA, BIOS_VECTOR_IRQ8);
	outb(PIC2_DATA, PIC_CASCADE);
	outb(PIC2_DATA, PIC_ICW4_8086);
}

static void change_masks(u8 from1, u8 from2, u8 to1, u8 to2)
{
	if (from1 != to1)
		outb(PIC1_DATA, to1);
	if (from2 != to2)
		outb(PIC2_DATA, to2);
}

void platform_bios_enter(void)
{
	if (!bios.is_there)
		return;
	shim.mask1 = inb(PIC1_DATA);
	shim.mask2 = inb(PIC2_DATA);
	if (bios.vectors_unknown) {
		platform_reset_8259s();
		outb(PIC1_DATA, shim.mask1);
		outb(PIC2_DATA, shim.mask2);
		bios.vectors_unknown = false;
	}
	change_masks(shim.mask1, shim.mask2, bios.mask1, bios.mask2);
}

void platform_bios_ended(void)
{
	end_interrupts(PIC2_COMMAND);
	end_interrupts(PIC1_COMMAND);
	bios.vectors_unknown = true;
}

void platform_bios_leave(void)
{
	bios.mask1 = inb(PIC1_DATA);
	bios.mask2 = inb(PIC2_DATA);
	change_masks(bios.mask1, bios.mask2, shim.mask1, shim.mask2);
}
