/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * An image that prints what it was entered with, the same file for whoever calls it by the convention of kexec jump: Trapeze,
 * or Linux. `round` counts the entries as far as its memory remembers them.
 */
#include "jumper.h"

u64 jumper_main(const struct jumper_state *state);

static const char *const names[] = {
#define JUMPER_NAME(name) #name,
	JUMPER_VALUES(JUMPER_NAME)
};

static u64 rounds;

u64 jumper_main(const struct jumper_state *state)
{
	const u64 *value = (const u64 *)state;

	print("\njump: round=0x%llx\n", ++rounds);
	for (u32 i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		print("jump: %s=0x%llx\n", names[i], value[i]);
	print("jump: end\n");
	return rounds;
}
