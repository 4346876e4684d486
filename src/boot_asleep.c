/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Images that were called and want to go on another time. */
#include "boot_private.h"

#include <stdlib.h>

#include "arch.h"
#include "callargs.h"
#include "jumpback.h"
#include "log.h"
#include "recorder.h"
#include "video.h"

enum err boot_check_way_back(struct boot *boot)
{
	char *bootargs;
	enum err err;

	if (!boot->config->preserve_context || boot->loader->can_call)
		return ERR_OK;
	if (!boot->loader->can_come_back) {
		log_err("boot", "%s: trapeze,preserve-context: a %s image cannot be called, only booted for good", boot->config->name,
			boot->loader->name);
		return ERR_UNSUPPORTED;
	}
	if (boot->whole) {
		log_err("boot", "%s: trapeze,rescue: a kernel that comes back needs all memory", boot->config->name);
		return ERR_UNSUPPORTED;
	}
	err = jumpback_begin(&boot->request, &bootargs);
	if (err)
		return err;
	free(boot->bootargs);
	boot->request.bootargs = boot->bootargs = bootargs;
	return ERR_OK;
}

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

static void drop(struct machine *machine, struct boot *boot)
{
	log_info("call", "\"%s\" slept after round=%u and is dropped", boot->swing.title, boot->rounds);
	boot_asleep_remove(machine, boot);
	boot_delete(boot);
}

void boot_asleep_drop(struct machine *machine, u32 config)
{
	struct boot *boot = machine->asleep;

	while (boot && boot->index != config)
		boot = boot->next;
	if (boot)
		drop(machine, boot);
}

void boot_asleep_drop_memory(struct machine *machine)
{
	struct boot *boot = machine->asleep;

	while (boot && !boot->has_memory)
		boot = boot->next;
	if (boot)
		drop(machine, boot);
}

/* As it was when the image went to sleep. After a Linux the BIOS may set none any more: that one goes on all the same. */
static enum err set_screen(const struct boot *boot)
{
	enum err err = video_set(&boot->request);

	return boot->swing.resident ? ERR_OK : err;
}

enum err boot_resume(struct machine *machine, u32 number, const char *args, enum swing_outcome *outcome)
{
	struct boot *boot = boot_asleep_at(machine, number);
	struct swing *swing = &boot->swing;
	u32 count;
	enum err err = callargs_parse(boot->config->name, args, swing->args, &count);

	*outcome = SWING_NONE;
	boot_keep_drop(machine);
	for (u32 i = 0; i < count && !err; i++) {
		if (boot->plan.entry.mode != ENTRY_LONG && swing->args[i] > UINT32_MAX) {
			log_err("call", "%s: argument %u, 0x%llx, does not fit 32 bits", boot->config->name, i + 1, swing->args[i]);
			err = ERR_VALUE;
		}
	}
	if (!err)
		err = set_screen(boot);
	if (err)
		return err;
	log_info("call", "resume \"%s\" round=%u mode=%s entry=0x%llx", swing->title, boot->rounds + 1,
		 plan_mode_name(boot->plan.entry.mode), swing->reentry);
	/* The recorder may have moved while it slept. */
	swing->flight = recorder_swing_word(&boot->plan);
	arch_swing_resume(swing);
	boot_execute(boot, outcome);
	video_restore(&boot->request);
	if (!swing->reentry) {
		boot_asleep_remove(machine, boot);
		boot_delete(boot);
	}
	recorder_step(FLIGHT_MENU);
	return ERR_OK;
}
