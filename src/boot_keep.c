/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A call that returned, kept for the next one of the same image. */
#include "boot_private.h"

#include <string.h>

#include "arch.h"
#include "log.h"
#include "swaplist.h"

/*
 * Only what is made of bytes that lie in memory all the time, where a checksum watches over them, and what leaves nothing behind but
 * its pages.
 */
static bool can_keep(const struct boot *boot)
{
	const struct manifest_config *c = boot->config;
	const struct swing *swing = &boot->swing;

	return boot->at_hand && swing->returns && !swing->resident && swing->outcome == SWING_RETURNED && !swing->changed &&
	       boot->plan.entry.mode != ENTRY_REAL && !swing->int3 && !swing->single_step && !boot->request.video && !c->keep_recorder &&
	       !c->bios_calls;
}

void boot_keep_drop(struct machine *machine)
{
	struct boot *boot = machine->kept;

	machine->kept = NULL;
	if (boot)
		boot_delete(boot);
}

void boot_keep_ready(struct machine *machine)
{
	const struct manifest *m = &machine->manifest;
	u32 i = 0;

	while (i < m->config_count && !m->configs[i].preserve_context)
		i++;
	if (i < m->config_count)
		arch_swing_keep_ready(&machine->memory);
}

void boot_keep_or_delete(struct boot *boot, const char *asked)
{
	if (boot->swing.reentry) {
		boot_asleep_add(boot->machine, boot);
		return;
	}
	if (!boot->asked && asked && can_keep(boot))
		boot->asked = strdup(asked);
	if (!boot->asked || !can_keep(boot)) {
		boot_delete(boot);
		return;
	}
	boot_keep_drop(boot->machine);
	boot->machine->kept = boot;
}

/* False: not all of it is as it was, and nothing was entered. */
static bool swing_again(struct boot *boot)
{
	boot_log_enter(boot, " again");
	if (!swaplist_refill(&boot->swing.list, &boot->plan) || !arch_swing_again(&boot->swing))
		return false;
	boot_swing(boot);
	return boot->swing.outcome != SWING_CHECKSUM;
}

bool boot_keep_call(struct machine *machine, u32 config, const char *asked, enum swing_outcome *outcome)
{
	struct boot *boot = machine->kept;

	if (!boot || boot->index != config || !asked || strcmp(boot->asked, asked)) {
		boot_keep_drop(machine);
		return false;
	}
	if (!swing_again(boot)) {
		log_info("call", "its bytes are not what they were at the last call: it is prepared anew");
		boot_keep_drop(machine);
		return false;
	}
	machine->kept = NULL;
	boot_tell(boot, outcome);
	boot_keep_or_delete(boot, asked);
	return true;
}
