/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * FIT's loadables: further images that lie where their `load` says when the kernel starts. Nobody tells it about them.
 * Those without a load address are of use to a kernel that gets modules, and to no other.
 */
#include "boot_private.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

/* As in U-Boot, load = <0> is none: page 0 is never free. */
static bool has_place(const struct loader_part *part)
{
	return part->image->has_load && part->image->load;
}

/* Those without a place of their own move to the end of the modules, with their bytes. */
static enum err append_modules(struct load_request *r, u32 count)
{
	struct loader_part *modules = realloc(r->modules, (r->module_count + count) * sizeof(*modules));

	if (!modules) {
		log_err("boot", "heap is full modules=%u", r->module_count + count);
		return ERR_MEMORY;
	}
	r->modules = modules;
	for (u32 i = 0; i < r->loadable_count; i++) {
		if (has_place(&r->loadables[i]))
			continue;
		modules[r->module_count++] = r->loadables[i];
		r->loadables[i].blob = (struct blob){ .name = r->loadables[i].blob.name };
	}
	return ERR_OK;
}

enum err boot_take_loadables(struct boot *boot)
{
	struct load_request *r = &boot->request;
	u32 count = 0;

	for (u32 i = 0; i < r->loadable_count; i++) {
		if (has_place(&r->loadables[i]))
			continue;
		if (!boot->loader->takes_modules) {
			log_err("boot", "%s: loadable %s has no load address, and %s images take no modules",
				boot->config->name,
				r->loadables[i].image->name, boot->loader->name);
			return ERR_VALUE;
		}
		count++;
	}
	return count ? append_modules(r, count) : ERR_OK;
}

enum err boot_plan_loadables(struct boot *boot)
{
	const struct load_request *r = &boot->request;
	enum err err = ERR_OK;

	for (u32 i = 0; i < r->loadable_count && !err; i++) {
		const struct blob *blob = &r->loadables[i].blob;
		const struct plan_segment segment = {
			.name = blob->name, .source = blob->paddr, .file_size = blob->size, .mem_size = blob->size,
			.where = PLAN_FIXED, .dest = r->loadables[i].image->load, .align = 1,
		};

		if (has_place(&r->loadables[i]))
			err = plan_add(&boot->plan, &segment, NULL);
	}
	return err;
}
