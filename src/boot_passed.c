/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* trapeze,pass-modules: what GRUB loaded and no image of the manifest names goes on to the kernel, as it came. */
#include "boot_private.h"

#include <stdlib.h>

#include "arch.h"
#include "log.h"

/* The manifest itself, or the bytes of one of its images. */
static bool is_named(struct machine *machine, const struct boot_module *module)
{
	struct blob blob;

	if (module->start == machine->manifest_at)
		return true;
	for (u32 i = 0; i < machine->manifest.image_count; i++) {
		const char *path = machine->manifest.images[i].path;

		if (path && !machine->modules.find(&machine->modules, path, &blob) && blob.paddr == module->start)
			return true;
	}
	return false;
}

/* Those that cannot be used were refused with a line when the shim started. */
static bool is_passed(struct machine *machine, const struct boot_module *module)
{
	return module->start < module->end && arch_phys(module->start, module->end - module->start) && !is_named(machine, module);
}

static enum err make_room(struct boot *boot, u32 count)
{
	struct load_request *r = &boot->request;
	struct loader_part *modules = realloc(r->modules, (r->module_count + count) * sizeof(*modules));

	if (modules)
		r->modules = modules;
	boot->passed = calloc(count, sizeof(*boot->passed));
	if (modules && boot->passed)
		return ERR_OK;
	log_err("boot", "heap is full modules=%u", r->module_count + count);
	return ERR_MEMORY;
}

static void append(struct boot *boot, const struct boot_module *module, struct manifest_image *image)
{
	u64 size = module->end - module->start;

	*image = (struct manifest_image){ .name = module->string, .bootargs = module->string, .type = "", .os = "", .compression = "none" };
	boot->request.modules[boot->request.module_count++] = (struct loader_part){
		.image = image,
		.blob = {
			.name = module->string, .origin = "module", .paddr = module->start, .size = size,
			.data = arch_phys(module->start, size),
		},
	};
	log_info("boot", "%s: passed on bytes=%llu", module->string, size);
}

enum err boot_take_passed(struct boot *boot)
{
	const struct bootinfo *info = &boot->machine->info;
	u32 count = 0;
	enum err err;

	if (!boot->config->pass_modules)
		return ERR_OK;
	if (!boot->loader->takes_modules) {
		log_err("boot", "%s: trapeze,pass-modules: %s images take no modules", boot->config->name, boot->loader->name);
		return ERR_UNSUPPORTED;
	}
	for (u32 i = 0; i < info->module_count; i++)
		count += is_passed(boot->machine, &info->modules[i]);
	if (!count)
		return ERR_OK;
	err = make_room(boot, count);
	for (u32 i = 0, at = 0; !err && i < info->module_count; i++)
		if (is_passed(boot->machine, &info->modules[i]))
			append(boot, &info->modules[i], &boot->passed[at++]);
	return err;
}
