/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "boot.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "fmt.h"
#include "log.h"
#include "report.h"
#include "swaplist.h"

static enum err find_part(struct machine *machine, u32 image, struct loader_part *part)
{
	enum err err;

	part->image = &machine->manifest.images[image];
	if (part->image->path) {
		err = source_find(&machine->sources, part->image->path, &part->blob);
		/* In messages the manifest's name says more than a path. */
		part->blob.name = part->image->name;
		return err;
	}
	part->blob = (struct blob){
		.name = part->image->name,
		.origin = "manifest",
		.paddr = arch_paddr(part->image->data),
		.size = part->image->data_size,
		.data = part->image->data,
	};
	return ERR_OK;
}

static enum err find_parts(struct machine *machine, const u32 *images, u32 count, struct loader_part **parts)
{
	enum err err = ERR_OK;

	if (!count)
		return ERR_OK;
	*parts = calloc(count, sizeof(**parts));
	if (!*parts) {
		log_err("boot", "heap is full parts=%u", count);
		return ERR_MEMORY;
	}
	for (u32 i = 0; i < count && !err; i++)
		err = find_part(machine, images[i], &(*parts)[i]);
	return err;
}

static enum err find_all(struct boot *boot)
{
	const struct manifest_config *config = boot->config;
	struct load_request *r = &boot->request;
	enum err err = find_part(boot->machine, config->kernel, &r->kernel);

	r->ramdisk_count = config->ramdisk_count;
	r->module_count = config->module_count;
	if (!err)
		err = find_parts(boot->machine, config->ramdisks, config->ramdisk_count, &r->ramdisks);
	if (!err)
		err = find_parts(boot->machine, config->modules, config->module_count, &r->modules);
	return err;
}

enum err boot_open(struct boot *boot, struct machine *machine, u32 config, const char *bootargs)
{
	memset(boot, 0, sizeof(*boot));
	boot->machine = machine;
	boot->config = &machine->manifest.configs[config];
	plan_init(&boot->plan);
	boot->request = (struct load_request){
		.config = boot->config,
		.bootargs = bootargs ? bootargs : "",
		.info = &machine->info,
		.memory = &machine->memory,
		.rsdp = machine->rsdp,
		.plan = &boot->plan,
	};
	return find_all(boot);
}

enum err boot_choose(struct boot *boot)
{
	enum err err = loader_find(&boot->request, &boot->loader);

	if (!err && boot->config->preserve_context && !boot->loader->can_call) {
		log_err("boot", "%s: trapeze,preserve-context: a %s image cannot be called, only booted for good", boot->config->name,
			boot->loader->name);
		err = ERR_UNSUPPORTED;
	}
	return err;
}

const char *boot_peek(struct machine *machine, u32 config, u64 *kernel_size, u64 *ramdisk_size)
{
	const struct manifest_config *c = &machine->manifest.configs[config];
	struct load_request request = { .config = c, .bootargs = "", .info = &machine->info, .memory = &machine->memory };
	struct loader_part part;
	const char *reason;

	*ramdisk_size = 0;
	if (find_part(machine, c->kernel, &request.kernel))
		return "kernel missing";
	*kernel_size = request.kernel.blob.size;
	for (u32 i = 0; i < c->ramdisk_count; i++) {
		if (find_part(machine, c->ramdisks[i], &part))
			return "ramdisk missing";
		*ramdisk_size += part.blob.size;
	}
	for (const struct loader *const *l = loaders; *l; l++) {
		if (!(*l)->probe(&request, &reason))
			return (*l)->name;
	}
	return "unknown format";
}

enum err boot_plan(struct boot *boot)
{
	enum err err;

	arch_set_step("plan");
	err = boot->loader->plan(&boot->request);
	if (err)
		return err;
	return plan_place(&boot->plan, &boot->machine->memory);
}

void boot_close(struct boot *boot)
{
	struct memory *memory = &boot->machine->memory;

	pagelist_free(&boot->swing.list, memory);
	arch_swing_release(&boot->swing, memory);
	free(boot->swing.checksums);
	if (boot->loader)
		boot->loader->release(&boot->request);
	plan_free(&boot->plan);
	free(boot->request.ramdisks);
	free(boot->request.modules);
	memset(boot, 0, sizeof(*boot));
}

struct progress {
	const struct menu *menu;
	char text[48];
};

static void show_progress(void *ctx, u64 done, u64 total)
{
	struct progress *progress = ctx;

	menu_progress(progress->menu, progress->text, done, total);
}

static enum err verify_one(struct boot *boot, const struct loader_part *part)
{
	const struct manifest_image *image = part->image;
	struct progress progress = { .menu = &boot->machine->menu };

	if (image->has_size && image->size != part->blob.size) {
		log_err("verify", "%s has %llu bytes, the manifest says %llu (a medium or loader cut it)", image->name,
			part->blob.size, image->size);
		return ERR_HASH;
	}
	fmt_snprintf(progress.text, sizeof(progress.text), "verify %s", image->name);
	return verify_part(image->name, part->blob.data, part->blob.size, image->hashes, image->hash_count, show_progress, &progress);
}

static enum err verify_all(struct boot *boot)
{
	struct load_request *r = &boot->request;
	enum err err;

	arch_set_step("verify");
	err = verify_one(boot, &r->kernel);
	for (u32 i = 0; i < r->ramdisk_count && !err; i++)
		err = verify_one(boot, &r->ramdisks[i]);
	for (u32 i = 0; i < r->module_count && !err; i++)
		err = verify_one(boot, &r->modules[i]);
	return err;
}

/* What the mover checks at the final place. */
static enum err take_checksums(struct boot *boot)
{
	const struct plan *plan = &boot->plan;
	struct swing *swing = &boot->swing;

	swing->checksums = calloc(plan->segment_count ? plan->segment_count : 1, sizeof(*swing->checksums));
	if (!swing->checksums) {
		log_err("prepare", "heap is full checksums=%u", plan->segment_count);
		return ERR_MEMORY;
	}
	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *s = &plan->segments[i];

		if (!s->file_size)
			continue;
		swing->checksums[swing->checksum_count++] = (struct swing_checksum){
			.name = s->name,
			.dest = s->dest,
			.size = s->file_size,
			.sum = mover_checksum(arch_phys(s->source, s->file_size), s->file_size),
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

static enum err prepare(struct boot *boot)
{
	struct memory *memory = &boot->machine->memory;
	struct swing *swing = &boot->swing;
	enum err err;

	arch_set_step("prepare");
	swing->plan = &boot->plan;
	swing->title = boot->config->description[0] ? boot->config->description : boot->config->name;
	swing->int3 = boot->config->int3;
	swing->returns = boot->config->preserve_context;
	swing->watchdog_ms = boot->config->watchdog_ms;
	swing->keep_net = boot->config->keep_net && !swing->returns;
	err = arch_swing_prepare(swing, memory);
	if (err)
		return err;
	if (swing->keep_net) {
		boot->request.net_start = swing->control_start;
		boot->request.net_end = swing->control_end;
	}
	err = boot->loader->finish(&boot->request);
	if (!err)
		err = swing->returns ? swaplist_build(&swing->list, &boot->plan, memory) :
				       pagelist_build(&swing->list, &boot->plan, memory);
	if (err)
		return err;
	log_places(boot);
	err = take_checksums(boot);
	if (!err)
		err = arch_swing_arm(swing, memory);
	return err;
}

static void log_record_line(void *ctx, const char *text)
{
	(void)ctx;
	log_info("want", "%s", text);
}

static void log_enter(const struct boot *boot)
{
	const char *net = boot->swing.returns ? "takes it back" : boot->swing.keep_net ? "stays" : "until the kernel's own";

	log_info(boot->swing.returns ? "call" : "enter", "%s mode=%s entry=0x%llx net=%s", boot->loader->name,
		 plan_mode_name(boot->plan.entry.mode), boot->plan.entry.ip, net);
}

enum err boot_run(struct machine *machine, u32 config, const char *bootargs, enum swing_outcome *outcome)
{
	struct boot boot;
	const char *why;
	enum err err;

	*outcome = SWING_NONE;
	err = boot_open(&boot, machine, config, bootargs);

	if (!err)
		err = verify_all(&boot);
	if (!err)
		err = boot_choose(&boot);
	if (!err)
		err = boot_plan(&boot);
	if (!err)
		err = prepare(&boot);
	if (!err && !arch_can_enter(boot.plan.entry.mode, &why)) {
		log_err("boot", "%s: %s", boot.config->name, why);
		err = ERR_PROCESSOR;
	}
	if (!err) {
		boot.loader->record(&boot.request, log_record_line, NULL);
		log_enter(&boot);
		arch_set_step("execute");
		arch_swing_execute(&boot.swing);
		report_outcome(&boot.swing);
		*outcome = boot.swing.outcome;
	}
	boot_close(&boot);
	arch_set_step("menu");
	return err;
}
