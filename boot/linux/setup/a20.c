/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Address line 20: by the BIOS, the keyboard controller, system control port A; believed when memory says so. */
#include "setup.h"

#define TESTS 1000			/* a slow switch; each takes longer than a microsecond */
#define PORT_A 0x92
#define PORT_A_RESET 0x01
#define PORT_A_A20 0x02
#define KBC_DATA 0x60
#define KBC_STATUS 0x64			/* read */
#define KBC_COMMAND 0x64		/* written */
#define KBC_INPUT_FULL 0x02
#define KBC_WAIT 10000			/* reads of about a microsecond: a controller that is not there stays busy */
#define KBC_WRITE_OUTPUT_PORT 0xd1
#define KBC_OUTPUT_A20 0xdf		/* A20, and no reset */
#define KBC_NOTHING 0xff		/* its last commands, for controllers that want one behind */

static bool is_on_soon(void)
{
	for (u32 i = 0; i < TESTS; i++)
		if (setup_a20_is_on())
			return true;
	return false;
}

static void ask_bios(void)
{
	struct setup_regs regs = { .eax = 0x2401 };

	(void)setup_try(0x15, &regs);
}

static void write_kbc(u32 port, u32 value)
{
	for (u32 i = 0; i < KBC_WAIT && setup_in(KBC_STATUS) & KBC_INPUT_FULL; i++)
		;
	setup_out(port, value);
}

static void ask_keyboard_controller(void)
{
	write_kbc(KBC_COMMAND, KBC_WRITE_OUTPUT_PORT);
	write_kbc(KBC_DATA, KBC_OUTPUT_A20);
	write_kbc(KBC_COMMAND, KBC_NOTHING);
}

static void ask_port_a(void)
{
	setup_out(PORT_A, (setup_in(PORT_A) | PORT_A_A20) & ~PORT_A_RESET);
}

bool setup_open_a20(void)
{
	if (setup_a20_is_on())
		return true;
	ask_bios();
	if (is_on_soon())
		return true;
	ask_keyboard_controller();
	if (is_on_soon())
		return true;
	ask_port_a();
	return is_on_soon();
}
