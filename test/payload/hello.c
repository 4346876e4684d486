/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The smallest image worth booting, or calling: says hello and tells what it was given. Called, it returns the answer. */
#include "abi.h"

#define ANSWER 42

extern char _start[];
unsigned long payload_main(const struct registers *registers);

unsigned long payload_main(const struct registers *registers)
{
	print("\nHello from " MODE_TEXT ". Trapeze let go, and here I am, at 0x%llx.\n", (u64)(unsigned long)_start);
	print("got: elf: mode=" MODE_NAME " entry=0x%llx\n", (u64)(unsigned long)_start);
	print_registers(registers);
	print_stack(registers);
	print("got: args: 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx\n", argument(registers, 0), argument(registers, 1),
	      argument(registers, 2), argument(registers, 3), argument(registers, 4), argument(registers, 5));
	print("got: end\n");
	if (return_address(registers)) {
		print("There is a way back, and I take it.\n");
		return ANSWER;
	}
	print("Press r to reboot, x to leave QEMU. Without a key I halt in a second.\n");
	wait_and_stop();
}
