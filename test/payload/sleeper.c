/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * An image that goes to sleep and is resumed, round after round: it returns by calling its return address, as kexec jump has
 * it. Each time it looks whether its memory is as it left it, and makes something else of it.
 */
#include "sleeper.h"

#define WORDS (3 * 4096 / sizeof(u32) + 25)

unsigned long sleeper_main(unsigned long value, unsigned long how);

static u32 memory[WORDS];
static u32 rounds;

static u32 pattern(u32 round, u32 word)
{
	return round * 2654435761u + word * 40503u;
}

static unsigned long damaged_words(void)
{
	unsigned long count = 0;

	for (u32 i = 0; rounds && i < WORDS; i++)
		count += memory[i] != pattern(rounds, i);
	return count;
}

/* Comes back with the rounds so far, below a million, and a million for each damaged word. */
unsigned long sleeper_main(unsigned long value, unsigned long how)
{
	for (;;) {
		unsigned long damaged = damaged_words();

		rounds++;
		for (u32 i = 0; i < WORDS; i++)
			memory[i] = pattern(rounds, i);
		if (value == SLEEPER_END)
			return rounds + damaged * 1000000;
		if (value == SLEEPER_FAULT)
			__asm__ volatile("ud2");
		while (value == SLEEPER_STAY)
			__asm__ volatile("");
		value = how == SLEEPER_OWN_STACK ? sleeper_yield_here(rounds + damaged * 1000000) :
						   sleeper_yield(rounds + damaged * 1000000);
	}
}
