/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The jump, all being ready, and what comes after it. */
#include "boot_private.h"

#include <stdlib.h>

#include "arch.h"
#include "bios.h"
#include "calls.h"
#include "jumpback.h"
#include "log.h"
#include "quiet.h"
#include "record.h"
#include "recorder.h"
#include "report.h"
#include "rescue.h"
#include "video.h"

static void log_record_line(void *ctx, const char *format, va_list args)
{
	(void)ctx;
	log_vline(LOG_INFO, "want", format, args);
}

void boot_log_enter(const struct boot *boot, const char *more)
{
	const char *net = boot->swing.returns ? "takes it back" : boot->swing.keep_net ? "stays" :
			  boot->plan.entry.mode == ENTRY_REAL ? "none" : "until the kernel's own";

	if (boot->request.kho_in && !boot->request.kho_passed)
		log_warn("kho", "%s: what the kernel before preserved is lost: %s", boot->config->name,
			 boot->loader == &loader_linux ? "only 64-bit kernels take it, and not by their 16-bit entry" :
							 "only Linux takes it");
	log_info(boot->swing.returns ? "call" : "enter", "%s mode=%s entry=0x%llx net=%s%s", boot->loader->name,
		 plan_mode_name(boot->plan.entry.mode), plan_entry_address(&boot->plan.entry), net, more);
}

static void quiet(const struct boot *boot)
{
	enum quiet_scope scope = quiet_decide(boot->config->quiet, bios_present(NULL), boot->plan.entry.mode, boot->loader->uses_bios);

	if (boot->swing.returns)
		return;
	recorder_step(FLIGHT_QUIET);
	quiet_machine(&boot->machine->info, scope);
}

static bool is_its_own(const struct boot *boot, paddr_t paddr)
{
	if (boot->has_memory)
		return jumpback_has_given(&boot->machine->memory, paddr);
	return !plan_range_is_clear(&boot->plan, paddr, paddr + 1);
}

void boot_swing(struct boot *boot)
{
	struct swing *swing = &boot->swing;

	recorder_title(swing->title, swing->returns);
	recorder_step(FLIGHT_EXECUTE);
	if (!swing->returns || swing->resident)
		recorder_end(RECORDER_HANDED_OVER);
	arch_swing_execute(swing);
	if (swing->resident) {
		arch_console_renew();
		recorder_end(RECORDER_FLYING);
	}
	boot->rounds++;
}

void boot_tell(struct boot *boot, enum swing_outcome *outcome)
{
	struct swing *swing = &boot->swing;

	if (swing->reentry && !is_its_own(boot, swing->reentry)) {
		log_warn("call", "\"%s\" wants to go on at 0x%llx, outside of its pages: it cannot be resumed", swing->title,
			 swing->reentry);
		swing->reentry = 0;
	}
	report_outcome(swing);
	calls_note(boot->config->name, swing);
	*outcome = swing->outcome;
}

void boot_execute(struct boot *boot, enum swing_outcome *outcome)
{
	boot_swing(boot);
	boot_tell(boot, outcome);
}

void boot_enter(struct boot *boot, enum swing_outcome *outcome)
{
	quiet(boot);
	boot_log_enter(boot, "");
	boot_execute(boot, outcome);
}

/* Its arguments are right and its files are there: it gets the place of who sleeps, and only now. */
static enum err take_over(struct boot *boot)
{
	struct machine *machine = boot->machine;

	boot_asleep_drop(machine, boot->index);
	if (!boot->config->preserve_context) {
		boot_asleep_drop_memory(machine);
		arch_swing_forget(&machine->memory);
	}
	return boot_load_parts(boot);
}

enum err boot_run(struct machine *machine, u32 config, const char *bootargs, enum swing_outcome *outcome)
{
	struct boot *boot;
	enum err err;

	*outcome = SWING_NONE;
	rescue_refresh(machine);
	if (boot_keep_call(machine, config, bootargs, outcome)) {
		recorder_step(FLIGHT_MENU);
		return ERR_OK;
	}
	boot = malloc(sizeof(*boot));
	if (!boot) {
		log_err("boot", "heap is full");
		return ERR_MEMORY;
	}
	err = boot_find(boot, machine, config, bootargs);
	if (!err)
		err = take_over(boot);
	if (!err)
		err = boot_make_ready(boot);
	if (!err)
		err = video_set(&boot->request);
	if (!err) {
		boot->loader->record(&boot->request, &(const struct record){ log_record_line, NULL });
		boot_enter(boot, outcome);
		video_restore(&boot->request);
	}
	if (err)
		boot_delete(boot);
	else
		boot_keep_or_delete(boot, bootargs);
	recorder_step(FLIGHT_MENU);
	return err;
}
