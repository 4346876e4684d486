/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A position-independent image: its pointers are right only once a loader has relocated them. Says what it was given as
 * hello.c does; the first argument 1 makes it trip.
 */
#include "abi.h"

#define ANSWER 42
#define NOINLINE __attribute__((noinline))

extern char _start[];
unsigned long payload_main(const struct registers *registers);
void execute_nothing(void);

/* A letter each, far enough apart for a packed table to need its bitmap, and a second word of it. */
struct word {
	const char *text;
	unsigned long filler[3];
};
static volatile const struct word words[] = {
	{ "p", { 0 } }, { "o", { 0 } }, { "i", { 0 } }, { "n", { 0 } }, { "t", { 0 } }, { "e", { 0 } }, { "r", { 0 } },
	{ "s", { 0 } }, { " ", { 0 } }, { "a", { 0 } }, { "r", { 0 } }, { "e", { 0 } }, { " ", { 0 } }, { "r", { 0 } },
	{ "i", { 0 } }, { "g", { 0 } }, { "h", { 0 } }, { "t", { 0 } },
};

void NOINLINE execute_nothing(void)
{
	__asm__ volatile("ud2");
}

unsigned long payload_main(const struct registers *registers)
{
	print("\npie: ");
	for (u32 i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		print("%s", words[i].text);
	print("\ngot: elf: mode=" MODE_NAME " entry=0x%llx\n", (u64)(unsigned long)_start);
	print_registers(registers);
	print_stack(registers);
	print("got: args: 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx\n", argument(registers, 0), argument(registers, 1),
	      argument(registers, 2), argument(registers, 3), argument(registers, 4), argument(registers, 5));
	print("got: end\n");
	if (argument(registers, 0) == 1)
		execute_nothing();
	if (return_address(registers))
		return ANSWER;
	wait_and_stop();
}
