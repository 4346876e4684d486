/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "main.h"

#include <heap.h>
#include <start_libc.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "bios_services.h"
#include "boot.h"
#include "console.h"
#include "entries.h"
#include "log.h"
#include "machine.h"
#include "options.h"
#include "recorder.h"
#include "rescue.h"
#include "screens.h"
#include "shell.h"
#include "start.h"
#include "term.h"

static struct machine machine;
static struct options options;

static bool run(u32 config, const char *bootargs);

/* When a called image ended badly: what the manifest wants then. */
static void after_call(u32 config, enum swing_outcome outcome)
{
	const struct manifest_config *c = &machine.manifest.configs[config];

	if (outcome == SWING_RETURNED || c->on_fault == ON_FAULT_MENU)
		return;
	log_info("call", "trapeze,on-fault: %s", c->on_fault == ON_FAULT_HALT ? "halt" : c->on_fault == ON_FAULT_REBOOT ?
		 "reboot" : machine.manifest.configs[c->on_fault_config].name);
	recorder_step(FLIGHT_ON_FAULT);
	if (c->on_fault == ON_FAULT_HALT)
		arch_halt();
	if (c->on_fault == ON_FAULT_REBOOT)
		arch_reboot();
	/* The reader has made sure that these chains end. */
	if (!rescue_is(c->on_fault_config)) {
		(void)run(c->on_fault_config, machine.manifest.configs[c->on_fault_config].bootargs);
		return;
	}
	rescue_run(&machine, &outcome);
	after_call(c->on_fault_config, outcome);
}

/* Once more and more, quietly, as trapeze,repeat wants it; ends with the first call that does not return. */
static enum err repeat(u32 config, const char *bootargs, enum swing_outcome *outcome)
{
	u32 rounds = 1, wanted = machine.manifest.configs[config].repeat;
	enum log_level level = log_level();
	enum err err = ERR_OK;

	log_set_level(LOG_WARN < level ? LOG_WARN : level);
	for (; rounds < wanted && !err && *outcome == SWING_RETURNED && console_getc() != KEY_CTRL('C'); rounds++)
		err = boot_run(&machine, config, bootargs, outcome);
	log_set_level(level);
	log_info("call", "rounds=%u of %u", rounds, wanted);
	return err;
}

/* False: nothing was done. */
static bool run(u32 config, const char *bootargs)
{
	const struct manifest_config *c = &machine.manifest.configs[config];
	enum swing_outcome outcome;
	enum err err;

	recorder_step(FLIGHT_BIOS_CALLS);
	if (c->bios_calls)
		boot_keep_drop(&machine);
	err = bios_calls_run(&machine, c);
	/* What the BIOS says is there to be read; a kernel is started all the same. */
	if (!c->has_kernel) {
		log_info("bios", "%s: %s, back in the menu", c->name, err ? "not all calls succeeded" : "done");
		return true;
	}
	err = boot_run(&machine, config, bootargs, &outcome);
	if (!err && machine.manifest.configs[config].repeat > 1)
		err = repeat(config, bootargs, &outcome);
	if (!err)
		after_call(config, outcome);
	return !err;
}

static bool resume(u32 number, const char *args)
{
	u32 config = boot_asleep(&machine, number)->index;
	enum swing_outcome outcome;

	if (boot_resume(&machine, number, args, &outcome))
		return false;
	after_call(config, outcome);
	return true;
}

static void start_entry(u32 entry, const char *bootargs)
{
	u32 configs = machine.manifest.config_count, asleep = boot_asleep_count(&machine);

	if (!(entry < configs ? run(entry, bootargs) : resume(entry - configs, bootargs)))
		console_puts(boot_asleep_count(&machine) == asleep ? "Nothing was changed. Back to the menu.\n" :
								     "Not started, and what slept is gone. Back to the menu.\n");
}

static struct shell shell = { .machine = &machine, .run = run, .resume = resume };

static void act(const struct menu_choice *choice)
{
	u32 configs = machine.manifest.config_count;

	switch (choice->action) {
	case MENU_BOOT:
		start_entry(choice->entry, choice->bootargs);
		break;
	case MENU_INSPECT:
		if (choice->entry < configs)
			screen_inspect(&machine, choice->entry, choice->bootargs);
		else
			screen_asleep(&machine, choice->entry - configs);
		break;
	case MENU_LOG:
		screen_log(&machine);
		break;
	case MENU_MEMORY:
		screen_memory(&machine);
		break;
	case MENU_SHELL:
		shell_run(&shell);
		break;
	case MENU_REBOOT:
		log_info("reboot", "asked for in the menu");
		recorder_end(RECORDER_ASKED);
		arch_reboot();
	}
}

/* No memory map, no heap: nothing can be booted, but somebody may want to read why. */
NORETURN static void stop(const char *why)
{
	log_err("start", "%s; r reboots", why);
	while (console_wait(0) != 'r')
		;
	arch_reboot();
}

void main(u32 info_paddr)
{
	struct menu_choice choice;

	libc_start();
	start_console(&machine, &options, info_paddr);
	if (start_memory(&machine))
		stop("no usable memory map");
	recorder_start(&machine.memory);
	start_manifest(&machine, &options);
	entries_make(&machine, &options);
	rescue_prepare(&machine);
	boot_keep_ready(&machine);
	if (options.trap >= 0)
		arch_raise((unsigned int)options.trap);
	shell_run_script(&shell);
	for (;;) {
		rescue_refresh(&machine);
		recorder_step(FLIGHT_MENU);
		entries_refresh(&machine);
		choice = menu_run(&machine.menu);
		act(&choice);
		free(choice.bootargs);
	}
}
