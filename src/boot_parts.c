/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Where the bytes of a configuration are. */
#include "boot_private.h"

#include <stdlib.h>

#include "arch.h"
#include "boot_disk.h"
#include "fmt.h"
#include "log.h"
#include "recorder.h"
#include "unpack.h"

static enum err find_part(struct machine *machine, u32 image, struct loader_part *part)
{
	enum err err;

	part->image = &machine->manifest.images[image];
	if (part->image->disk)
		return boot_disk_find(&machine->memory, &machine->info, part->image, &part->blob);
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

enum err boot_find_parts(struct boot *boot)
{
	const struct manifest_config *config = boot->config;
	struct load_request *r = &boot->request;
	enum err err = find_part(boot->machine, config->kernel, &r->kernel);

	r->ramdisk_count = config->ramdisk_count;
	r->module_count = config->module_count;
	r->loadable_count = config->loadable_count;
	if (!err && config->has_setup)
		err = find_part(boot->machine, config->setup, &r->setup);
	if (!err)
		err = find_parts(boot->machine, config->ramdisks, config->ramdisk_count, &r->ramdisks);
	if (!err)
		err = find_parts(boot->machine, config->modules, config->module_count, &r->modules);
	if (!err)
		err = find_parts(boot->machine, config->loadables, config->loadable_count, &r->loadables);
	return err;
}

static bool all_at_hand(const struct loader_part *parts, u32 count)
{
	for (u32 i = 0; i < count; i++)
		if (!parts[i].blob.data)
			return false;
	return true;
}

bool boot_parts_at_hand(const struct load_request *r)
{
	return r->kernel.blob.data && (!r->setup.image || r->setup.blob.data) && all_at_hand(r->ramdisks, r->ramdisk_count) &&
	       all_at_hand(r->modules, r->module_count) && all_at_hand(r->loadables, r->loadable_count);
}

void boot_show_progress(void *ctx, u64 done, u64 total)
{
	struct boot_progress *progress = ctx;
	char text[48];

	fmt_snprintf(text, sizeof(text), "%s %s", progress->what, progress->name);
	menu_progress(progress->menu, text, done, total);
}

static enum err load_part(struct boot *boot, struct loader_part *part)
{
	struct boot_progress progress = { &boot->machine->menu, "read", part->image->name };

	return source_load(&part->blob, boot_show_progress, &progress);
}

enum err boot_load_parts(struct boot *boot)
{
	struct load_request *r = &boot->request;
	enum err err;

	recorder_step(FLIGHT_READ);
	err = load_part(boot, &r->kernel);
	if (!err && r->setup.image)
		err = load_part(boot, &r->setup);
	for (u32 i = 0; i < r->ramdisk_count && !err; i++)
		err = load_part(boot, &r->ramdisks[i]);
	for (u32 i = 0; i < r->module_count && !err; i++)
		err = load_part(boot, &r->modules[i]);
	for (u32 i = 0; i < r->loadable_count && !err; i++)
		err = load_part(boot, &r->loadables[i]);
	return err;
}

void boot_release_parts(struct boot *boot)
{
	struct load_request *r = &boot->request;

	source_release(&r->kernel.blob);
	for (u32 i = 0; r->ramdisks && i < r->ramdisk_count; i++)
		source_release(&r->ramdisks[i].blob);
	for (u32 i = 0; r->modules && i < r->module_count; i++)
		source_release(&r->modules[i].blob);
	for (u32 i = 0; r->loadables && i < r->loadable_count; i++)
		source_release(&r->loadables[i].blob);
	source_release(&r->setup.blob);
	free(r->ramdisks);
	free(r->modules);
	free(boot->passed);
	free(r->loadables);
}

static const char *name_format(const struct load_request *request)
{
	const struct unpacker *unpacker = boot_unpacker(&request->kernel, true);
	const struct loader *loader = unpacker ? NULL : loader_peek(request);

	if (unpacker)
		return unpack_name(unpacker);
	/* A file that is not in memory yet is not read for this. */
	return loader ? loader->name : request->kernel.blob.data ? "unknown format" : "file";
}

const char *boot_peek(struct machine *machine, u32 config, u64 *kernel_size, u64 *ramdisk_size)
{
	const struct manifest_config *c = &machine->manifest.configs[config];
	struct load_request request = { .config = c, .bootargs = "", .info = &machine->info, .memory = &machine->memory };
	struct loader_part part = { 0 };
	bool is_missing = false;
	const char *format;

	*ramdisk_size = 0;
	if (!c->has_kernel)
		return "BIOS calls";
	if (find_part(machine, c->kernel, &request.kernel))
		return "kernel missing";
	*kernel_size = request.kernel.blob.size;
	for (u32 i = 0; i < c->ramdisk_count && !is_missing; i++) {
		is_missing = find_part(machine, c->ramdisks[i], &part);
		*ramdisk_size += part.blob.size;
		source_release(&part.blob);
	}
	if (c->has_setup && (find_part(machine, c->setup, &request.setup) || !request.setup.blob.data))
		request.setup.image = NULL;
	format = name_format(&request);
	source_release(&request.kernel.blob);
	source_release(&request.setup.blob);
	return is_missing ? "ramdisk missing" : format;
}
