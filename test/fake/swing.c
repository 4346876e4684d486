/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* No host test swings: what links the pipeline may ask, and is refused. */
#include <stdlib.h>

#include "fake.h"

struct arch_quiet fake_quiet;
u32 fake_quiet_done, fake_quiet_bios;

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

bool arch_swing_again(struct swing *swing)
{
	(void)swing;
	return false;
}

void arch_swing_release(struct swing *swing, struct memory *memory)
{
	(void)swing;
	(void)memory;
}

void arch_swing_keep_ready(struct memory *memory)
{
	(void)memory;
}

void arch_swing_forget(struct memory *memory)
{
	(void)memory;
}

void arch_swing_make_way(const struct plan *plan, struct memory *memory)
{
	(void)plan;
	(void)memory;
}

u32 arch_quiet(const struct arch_quiet *machine)
{
	fake_quiet = *machine;
	return fake_quiet_done;
}

void arch_quiet_bios(void)
{
	fake_quiet_bios++;
}

void arch_rescue_set(const struct swing *swing, const struct arch_rescue *place)
{
	(void)swing;
	(void)place;
}
