/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "boot_ahead.h"

#include <string.h>

#include "arch.h"
#include "boot_private.h"
#include "log.h"

static enum err refuse(const struct manifest_config *config, const char *why)
{
	log_err("rescue", "%s: %s", config->name, why);
	return ERR_UNSUPPORTED;
}

enum err boot_ahead_check(const struct manifest_config *config)
{
	if (!config->has_kernel)
		return refuse(config, "it has no kernel to enter");
	if (config->bios_calls)
		return refuse(config, "trapeze,bios-call: after a fault nobody vouches for the BIOS");
	if (config->has_video_mode)
		return refuse(config, "trapeze,video-mode: after a fault nobody vouches for the BIOS");
	if (config->has_mode && config->mode == ENTRY_REAL)
		return refuse(config, "trapeze,mode=real: after a fault nobody vouches for the BIOS");
	if (config->kho)
		return refuse(config, "trapeze,kho: a rescue image is handed the fault record alone");
	if (config->arg_count == ARRAY_COUNT(config->args))
		return refuse(config, "trapeze,args: one argument less, the first is the fault record's address");
	return ERR_OK;
}

enum err boot_ahead_begin(struct boot *boot, const struct memory *whole, paddr_t record)
{
	struct load_request *r = &boot->request;

	boot->whole = whole;
	memmove(r->args + 1, r->args, sizeof(r->args) - sizeof(r->args[0]));
	r->args[0] = record;
	r->arg_count++;
	return boot_ahead_check(boot->config);
}

/* Parts in the boot's memory; the handle is that memory. */
static void release_part(struct blob *blob)
{
	memory_release(blob->handle, blob->paddr);
}

static struct source ahead = { .origin = "rescue", .release = release_part };

static enum err take_part(struct boot *boot, struct loader_part *part)
{
	struct memory *memory = &boot->machine->memory;
	struct blob *blob = &part->blob, copy = *blob;
	const struct memory_where where = { .min = MIB(1) };
	enum err err;

	/* What has been unpacked lies there already. */
	if (!blob->size || memory_find_claim(memory, blob->paddr, blob->paddr + blob->size))
		return ERR_OK;
	err = memory_alloc(memory, blob->size, &where, OWNER_STAGE, "rescue image", &copy.paddr);
	if (err) {
		log_err("rescue", "%s: %llu bytes do not fit what is left of trapeze,rescue-memory", blob->name,
			blob->size);
		return err;
	}
	copy.data = memcpy(arch_phys(copy.paddr, blob->size), blob->data, (size_t)blob->size);
	copy.source = &ahead;
	copy.handle = memory;
	source_release(blob);
	*blob = copy;
	return ERR_OK;
}

enum err boot_ahead_take_parts(struct boot *boot)
{
	struct load_request *r = &boot->request;
	enum err err;

	if (r->comes_back)
		return refuse(boot->config, "trapeze,preserve-context: a Linux that comes back has all memory, a rescue image has not");
	err = take_part(boot, &r->kernel);

	if (!err && r->setup.image)
		err = take_part(boot, &r->setup);
	for (u32 i = 0; i < r->ramdisk_count && !err; i++)
		err = take_part(boot, &r->ramdisks[i]);
	for (u32 i = 0; i < r->module_count && !err; i++)
		err = take_part(boot, &r->modules[i]);
	for (u32 i = 0; i < r->loadable_count && !err; i++)
		err = take_part(boot, &r->loadables[i]);
	return err;
}

static enum err open_fixed(struct boot *boot)
{
	struct memmap *own = &boot->machine->memory.map;
	paddr_t end = 0;
	bool fixed = false;
	enum err err = ERR_OK;

	for (u32 i = 0; i < boot->plan.segment_count && !err; i++) {
		const struct plan_segment *s = &boot->plan.segments[i];
		paddr_t start = s->where == PLAN_FOLLOW ? end : align_down(s->dest, PAGE_SIZE);

		if (s->where != PLAN_FOLLOW)
			fixed = s->where == PLAN_FIXED;
		if (!fixed)
			continue;
		if (__builtin_add_overflow(s->where == PLAN_FOLLOW ? end : s->dest, s->mem_size, &end) ||
		    !align_up_checked(end, PAGE_SIZE, &end) ||
		    !memmap_covers(&boot->whole->map, start, end, MEM_USABLE))
			break;		/* plan_place says what is wrong with it */
		err = memmap_mark(own, start, end, MEM_USABLE);
	}
	return err;
}

enum err boot_ahead_open_fixed(struct boot *boot)
{
	enum err err = boot_plan_segments(boot);

	if (!err)
		err = open_fixed(boot);
	boot->loader->release(&boot->request);
	boot->request.state = NULL;
	boot->request.symbols = (struct symbol_table){ 0 };
	plan_free(&boot->plan);
	return err;
}
