/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "x86.h"

#define RESET_PORT 0xcf9		/* PCI reset control: Intel PIIX/ICH data sheets */
#define RESET_HARD 0x02
#define RESET_NOW 0x06
#define KEYBOARD_STATUS 0x64
#define KEYBOARD_BUSY 0x02
#define KEYBOARD_PULSE_RESET 0xfe
#define POLLS 0x10000

/* The keyboard controller first, as on every AT; then the chipset; then a fault that nothing can handle. */
void arch_reboot(void)
{
	struct table_pointer none = { 0 };

	for (u32 i = 0; i < POLLS && (inb(KEYBOARD_STATUS) & KEYBOARD_BUSY); i++)
		cpu_pause();
	outb(KEYBOARD_STATUS, KEYBOARD_PULSE_RESET);
	for (u32 i = 0; i < POLLS; i++)
		(void)inb(0x80);
	outb(RESET_PORT, RESET_HARD);
	outb(RESET_PORT, RESET_NOW);
	for (u32 i = 0; i < POLLS; i++)
		(void)inb(0x80);
	asm volatile("lidt %0; int3" : : "m"(none));
	arch_halt();
}

void arch_halt(void)
{
	for (;;)
		asm volatile("cli; hlt");
}
