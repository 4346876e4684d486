/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "boot_private.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "bios.h"
#include "boot_ahead.h"
#include "bootargs.h"
#include "callargs.h"
#include "jumpback.h"
#include "log.h"
#include "recorder.h"
#include "rescue.h"
#include "swaplist.h"
#include "video.h"

static void begin(struct boot *boot, struct machine *machine, u32 config)
{
	struct load_request *r = &boot->request;

	/* Which makes an empty plan of boot->plan, too. */
	memset(boot, 0, sizeof(*boot));
	boot->machine = machine;
	boot->index = config;
	boot->config = r->config = &machine->manifest.configs[config];
	r->bootargs = "";
	r->info = &machine->info;
	r->memory = &machine->memory;
	r->title = machine->manifest.description;
	r->rsdp = machine->rsdp;
	r->plan = &boot->plan;
	kho_in_begin(&machine->kho_in, r);
}

/* `bootargs` as for boot_find. */
static enum err take_args(struct boot *boot, const char *bootargs)
{
	const struct manifest_config *config = boot->config;
	struct load_request *r = &boot->request;
	enum err err = ERR_OK;

	if (manifest_config_has_args(config) && bootargs)
		return callargs_parse(config->name, bootargs, r->args, &r->arg_count);
	memcpy(r->args, config->args, sizeof(r->args));
	r->arg_count = config->arg_count;
	if (bootargs)
		err = bootargs_expand(config, bootargs, boot->machine->info.command_line, &boot->bootargs);
	if (boot->bootargs)
		r->bootargs = boot->bootargs;
	return err;
}

enum err boot_find(struct boot *boot, struct machine *machine, u32 config, const char *bootargs)
{
	enum err err;

	begin(boot, machine, config);
	err = take_args(boot, bootargs);
	if (!err)
		err = boot_find_parts(boot);
	boot->at_hand = !err && boot_parts_at_hand(&boot->request);
	return err;
}

enum err boot_open(struct boot *boot, struct machine *machine, u32 config, const char *bootargs)
{
	enum err err = boot_find(boot, machine, config, bootargs);

	return err ? err : boot_load_parts(boot);
}

static enum err check_kho(const struct boot *boot)
{
	const char *why = boot->loader != &loader_linux ? "takes no kexec handover, only Linux does" :
			  boot->whole ? "is prepared ahead, before anybody knows what there is to hand over" : NULL;

	if (!why)
		return ERR_OK;
	log_err("boot", "%s: trapeze,kho: the %s image %s", boot->config->name, boot->loader->name, why);
	return ERR_UNSUPPORTED;
}

enum err boot_choose(struct boot *boot)
{
	enum err err = loader_find(&boot->request, &boot->loader);

	if (!err)
		err = boot_check_way_back(boot);
	if (!err && boot->request.setup.image && !boot->loader->takes_setup) {
		log_err("boot", "%s: setup: %s images have none, only Linux kernels do", boot->config->name, boot->loader->name);
		err = ERR_UNSUPPORTED;
	}
	if (!err && boot->config->kho)
		err = check_kho(boot);
	if (!err)
		err = boot_take_loadables(boot);
	return err ? err : boot_take_passed(boot);
}

static const char *title(const struct manifest_config *config)
{
	return config->description[0] ? config->description : config->name;
}

enum err boot_plan_segments(struct boot *boot)
{
	enum err err = boot->loader->plan(&boot->request);

	return err ? err : boot_plan_loadables(boot);
}

enum err boot_plan(struct boot *boot)
{
	enum err err;

	recorder_step(FLIGHT_PLAN);
	err = video_plan(&boot->request);
	if (!err && boot->whole)
		err = boot_ahead_open_fixed(boot);
	if (!err)
		err = boot_plan_segments(boot);
	if (!err) {
		arch_swing_make_way(&boot->plan, &boot->machine->memory);
		err = plan_place(&boot->plan, &boot->machine->memory);
	}
	if (err || !boot->request.comes_back)
		return err;
	err = jumpback_give_memory(&boot->machine->memory, &boot->plan, title(boot->config));
	boot->has_memory = !err;
	return err;
}

static void release_all(struct boot *boot)
{
	struct memory *memory = &boot->machine->memory;

	if (boot->has_memory)
		jumpback_take_memory(memory);
	pagelist_free(&boot->swing.list, memory);
	arch_swing_release(&boot->swing, memory);
	if (boot->swing.checksums != boot->few_checksums)
		free(boot->swing.checksums);
	if (boot->loader)
		boot->loader->release(&boot->request);
	video_release(&boot->request);
	plan_free(&boot->plan);
	boot_release_parts(boot);
	free(boot->bootargs);
	free(boot->asked);
}

void boot_close(struct boot *boot)
{
	release_all(boot);
	memset(boot, 0, sizeof(*boot));
}

void boot_delete(struct boot *boot)
{
	release_all(boot);
	free(boot);
}

static enum err verify_one(struct boot *boot, const struct loader_part *part)
{
	const struct manifest_image *image = part->image;
	struct boot_progress progress = { &boot->machine->menu, "verify", image->name };

	if (image->has_size && image->size != part->blob.size) {
		log_err("verify", "%s has %llu bytes, the manifest says %llu (a medium or loader cut it)", image->name,
			part->blob.size, image->size);
		return ERR_HASH;
	}
	return verify_part(image->name, part->blob.data, part->blob.size, image->hashes, image->hash_count, boot_show_progress,
			   &progress);
}

static enum err verify_all(struct boot *boot)
{
	struct load_request *r = &boot->request;
	enum err err;

	recorder_step(FLIGHT_VERIFY);
	err = verify_one(boot, &r->kernel);
	if (!err && r->setup.image)
		err = verify_one(boot, &r->setup);
	for (u32 i = 0; i < r->ramdisk_count && !err; i++)
		err = verify_one(boot, &r->ramdisks[i]);
	for (u32 i = 0; i < r->module_count && !err; i++)
		err = verify_one(boot, &r->modules[i]);
	for (u32 i = 0; i < r->loadable_count && !err; i++)
		err = verify_one(boot, &r->loadables[i]);
	return err;
}

/* Of all file bytes: checked at the final place, when all pages have moved. */
static enum err take_checksums(struct boot *boot)
{
	const struct plan *plan = &boot->plan;
	struct swing *swing = &boot->swing;

	swing->checksums = boot->few_checksums;
	if (plan->segment_count > ARRAY_COUNT(boot->few_checksums))
		swing->checksums = malloc(plan->segment_count * sizeof(*swing->checksums));
	if (!swing->checksums) {
		log_err("prepare", "heap is full checksums=%u", plan->segment_count);
		return ERR_MEMORY;
	}
	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *s = &plan->segments[i];

		if (s->file_size)
			swing->checksums[swing->checksum_count++] = (struct swing_checksum){
				.name = s->name, .dest = s->dest, .size = s->file_size,
				.sum = arch_checksum(arch_phys(s->source, s->file_size), s->file_size),
			};
	}
	return ERR_OK;
}

static void log_places(const struct boot *boot)
{
	const struct pagelist *list = &boot->swing.list;

	for (u32 i = 0; i < boot->plan.segment_count; i++) {
		const struct plan_segment *s = &boot->plan.segments[i];

		log_info("place", "%s %s=0x%llx source=0x%llx file=%llu zero=%llu memory=%llu", s->name,
			 s->dest == s->source ? "stays" : "dest", s->dest, s->source, s->file_size, s->zero_size, s->mem_size);
	}
	log_info("place", "moved=%llu zeroed=%llu kept=%llu staged=%llu runs=%llu list=%llu unit=pages", list->moved_pages,
		 list->zeroed_pages, list->kept_pages, list->staged_pages, list->run_count, list->list_pages);
}

/* The flight recorder is to stay: outside the image, and where the command line says, or the rescue image's. */
static enum err make_way(struct boot *boot)
{
	paddr_t before = recorder_zone();
	enum err err = recorder_make_way(&boot->machine->memory, &boot->plan);

	if (err || recorder_zone() == before || !(strstr(boot->request.bootargs, "ramoops.mem_address=") || rescue_is_stale()))
		return err;
	log_err("recorder", "%s: the flight recorder lay at 0x%llx, as ${ramoops} says, where the image goes; it lies at 0x%llx now: start "
		"the entry again", boot->config->name, before, recorder_zone());
	return ERR_OVERLAP;
}

/* What stays ours under the image, for the maps that the loader makes. */
static void keep_reserved(struct boot *boot)
{
	struct load_request *request = &boot->request;
	const struct swing *swing = &boot->swing;
	paddr_t start, end;

	if (swing->keep_net)
		loader_keep(request, swing->control_start, swing->control_end);
	if (swing->keep_net || boot->whole)
		rescue_keep(request);
	if (boot->config->keep_recorder && !boot->config->kho) {
		recorder_range(&start, &end);
		loader_keep(request, start, end);
	}
	if (swing->resident) {
		request->way_back = (struct kept_range){ swing->control_start, swing->control_end };
		jumpback_set_entry(boot->bootargs, swing->way_back);
	}
}

static enum err prepare(struct boot *boot)
{
	struct memory *memory = &boot->machine->memory;
	struct swing *swing = &boot->swing;
	enum err err = ERR_OK;

	recorder_step(FLIGHT_PREPARE);
	swing->plan = &boot->plan;
	swing->title = title(boot->config);
	swing->symbols = boot->request.symbols;
	swing->int3 = boot->config->int3;
	swing->single_step = boot->config->single_step;
	swing->returns = boot->config->preserve_context;
	swing->resident = boot->request.comes_back;
	swing->watchdog_ms = boot->config->watchdog_ms;
	memcpy(swing->args, boot->request.args, sizeof(swing->args));
	/* What starts in real mode asks the BIOS for memory, which knows nothing of ours. */
	swing->keep_net = boot->config->keep_net && !swing->returns && boot->plan.entry.mode != ENTRY_REAL;
	if ((boot->config->keep_recorder && !boot->whole) || (boot->config->kho && recorder_zone()))
		err = make_way(boot);
	/* It may have moved by the time that a boot prepared ahead is entered. */
	swing->flight = boot->whole ? 0 : recorder_swing_word(&boot->plan);
	if (!err)
		err = arch_swing_prepare(swing, memory);
	if (err)
		return err;
	keep_reserved(boot);
	err = boot->loader->finish(&boot->request);
	if (!err)
		err = swing->returns && !swing->resident ? swaplist_build(&swing->list, &boot->plan, memory) :
				       pagelist_build(&swing->list, &boot->plan, memory);
	if (err)
		return err;
	log_places(boot);
	err = take_checksums(boot);
	if (!err)
		err = arch_swing_arm(swing, memory);
	return err;
}

enum err boot_make_ready(struct boot *boot)
{
	const char *why;
	enum err err = verify_all(boot);

	if (!err)
		err = boot_unpack(boot);
	if (!err)
		err = boot_choose(boot);
	if (!err && boot->whole)
		err = boot_ahead_take_parts(boot);
	if (!err)
		err = boot_plan(boot);
	if (!err)
		err = prepare(boot);
	if (!err && !arch_can_enter(boot->plan.entry.mode, &why)) {
		log_err("boot", "%s: %s", boot->config->name, why);
		err = ERR_PROCESSOR;
	}
	return err;
}
