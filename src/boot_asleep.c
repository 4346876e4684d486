/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Images that were called and want to go on another time. */
#include "boot_private.h"

#include "log.h"

/* The list's link that holds `boot`, or its end for NULL. */
static struct boot **asleep_link(struct machine *machine, const struct boot *boot)
{
	struct boot **link = &machine->asleep;

	while (*link && *link != boot)
		link = &(*link)->next;
	return link;
}

void boot_asleep_add(struct machine *machine, struct boot *boot)
{
	boot->next = NULL;
	*asleep_link(machine, NULL) = boot;
}

void boot_asleep_remove(struct machine *machine, struct boot *boot)
{
	*asleep_link(machine, boot) = boot->next;
}

struct boot *boot_asleep_at(const struct machine *machine, u32 number)
{
	struct boot *boot = machine->asleep;

	while (number--)
		boot = boot->next;
	return boot;
}

const struct boot *boot_asleep(const struct machine *machine, u32 number)
{
	return boot_asleep_at(machine, number);
}

u32 boot_asleep_count(const struct machine *machine)
{
	u32 count = 0;

	for (const struct boot *b = machine->asleep; b; b = b->next)
		count++;
	return count;
}

void boot_asleep_drop(struct machine *machine, u32 config)
{
	struct boot *boot = machine->asleep;

	while (boot && boot->index != config)
		boot = boot->next;
	if (!boot)
		return;
	log_info("call", "\"%s\" slept after round=%u and is dropped", boot->swing.title, boot->rounds);
	boot_asleep_remove(machine, boot);
	boot_delete(boot);
}
