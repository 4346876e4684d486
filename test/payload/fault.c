/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Trips over itself on purpose, for the net to explain. The first argument chooses how: 0 reads where nothing is
 * mapped, 1 executes an instruction that does not exist.
 */
#include "abi.h"
#include "nowhere.h"

#define NOINLINE __attribute__((noinline))

unsigned long payload_main(const struct registers *registers);
u32 read_nowhere(const volatile u32 *nowhere);
void execute_nothing(void);

u32 NOINLINE read_nowhere(const volatile u32 *nowhere)
{
	return *nowhere;
}

void NOINLINE execute_nothing(void)
{
	__asm__ volatile("ud2");
}

unsigned long payload_main(const struct registers *registers)
{
	u64 choice = argument(registers, 0);

	print("\nHello from " MODE_TEXT ", on a stack of my own. Watch me trip:\n");
	if (choice == 1) {
		print("executing an instruction that does not exist ...\n");
		execute_nothing();
	} else {
		unsigned long nowhere = find_nowhere();

		print("reading 0x%llx, where nothing is mapped ...\n", (u64)nowhere);
		read_nowhere((const volatile u32 *)nowhere);
	}
	print("That should not have worked.\n");
	if (!return_address(registers))
		wait_and_stop();
	return 0;
}
