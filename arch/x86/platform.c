/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "platform.h"

#include "pit.h"
#include "x86.h"

static struct {
	u8 mask1, mask2, pit_mode;
} saved;

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

void platform_restore(bool timer_used)
{
	/* The BIOS's count: 65536, which the register holds as zero. */
	if (timer_used || read_pit_mode() != saved.pit_mode)
		pit_program((u8)(PIT_ACCESS_BOTH | saved.pit_mode), 0);
	outb(PIC1_DATA, saved.mask1);
	outb(PIC2_DATA, saved.mask2);
}
