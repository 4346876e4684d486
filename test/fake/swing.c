/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* No host test swings: what links the pipeline may ask, and is refused. */
#include <stdlib.h>

#include "arch.h"

enum err arch_swing_prepare(struct swing *swing, struct memory *memory)
{
	(void)swing;
	(void)memory;
	return ERR_UNSUPPORTED;
}

enum err arch_swing_arm(struct swing *swing, struct memory *memory)
{
	(void)swing;
	(void)memory;
	return ERR_UNSUPPORTED;
}

void arch_swing_execute(struct swing *swing)
{
	(void)swing;
	abort();
}

void arch_swing_resume(struct swing *swing)
{
	(void)swing;
	abort();
}

void arch_swing_release(struct swing *swing, struct memory *memory)
{
	(void)swing;
	(void)memory;
}

void arch_swing_forget(struct memory *memory)
{
	(void)memory;
}
