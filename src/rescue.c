/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "rescue.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "boot_ahead.h"
#include "boot_private.h"
#include "core.h"
#include "log.h"
#include "recorder.h"

#define WINDOW_ALIGN MIB(2)		/* kernels are moved by that much */
#define WINDOW_MIN MIB(16)		/* below is where most images are linked to lie */
#define LOW_END KIB(640)

/* One at a time. */
static struct rescue {
	struct boot *boot;
	/*
	 * The machine as the image gets to know it: its memory is the window, low memory, which kernels need to start
	 * processors, and the image's own segments where they have a fixed place.
	 */
	struct machine view;
	paddr_t window;
	u64 window_size;
	paddr_t record;
	u64 record_size;
	paddr_t log;			/* the flight recorder's text, as its command line says; 0: that says nothing of it */
	bool ready;
} rescue;

static int find_config(const struct manifest *manifest)
{
	for (u32 i = 0; i < manifest->config_count; i++)
		if (manifest->configs[i].rescue)
			return (int)i;
	return -1;
}

static enum err make_map(struct memmap *own, const struct memmap *all, paddr_t window, u64 size, bool wants_low)
{
	enum err err = memmap_copy(own, all);

	for (u32 i = 0; i < all->count && !err; i++) {
		const struct mem_range *r = &all->ranges[i];

		if (r->type != MEM_USABLE)
			continue;
		err = memmap_mark(own, r->start, r->end, MEM_RESERVED);
		if (!err && wants_low && r->start < LOW_END)
			err = memmap_mark(own, r->start, min_u64(r->end, LOW_END), MEM_USABLE);
	}
	return err ? err : memmap_mark(own, window, window + size, MEM_USABLE);
}

static enum err copy_low_claims(struct memory *own, const struct memory *all)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < all->claim_count && !err; i++) {
		const struct mem_claim *c = &all->claims[i];

		if (c->owner == OWNER_LOW)
			err = memory_claim(own, c->start, c->end, OWNER_LOW, c->name);
	}
	return err;
}

/* Not what the next kernel takes for its own at once, nor where an image that sleeps will lie again. */
static bool clear_of_others(const void *ctx, paddr_t start, paddr_t end)
{
	const struct machine *machine = ctx;
	bool clear = kho_in_is_clear(&machine->kho_in, start, end);

	for (const struct boot *boot = machine->asleep; boot && clear; boot = boot->next)
		clear = plan_range_is_clear(&boot->plan, start, end);
	return clear;
}

/* The window, the machine that is nothing but it, and room for the record in it. */
static enum err open_window(struct machine *machine, const struct manifest_config *config)
{
	u64 size = (u64)(config->rescue_memory ? config->rescue_memory : RESCUE_MEMORY_DEFAULT) * MIB(1);
	const struct memory_where where = {
		.min = WINDOW_MIN, .max = min_u64(GIB(4), arch_phys_limit()), .align = WINDOW_ALIGN,
		.is_clear = clear_of_others, .ctx = machine, .ctx_step = WINDOW_ALIGN,
	};
	const struct memory_where inside = { .min = WINDOW_MIN };
	struct memory *own = &rescue.view.memory;
	enum err err = memory_alloc(&machine->memory, size, &where, OWNER_CONTROL, "rescue image", &rescue.window);

	if (err) {
		rescue.window = 0;
		log_err("rescue", "%s: no %llu MiB of free memory in a piece between 0x%llx and 0x%llx: "
			"trapeze,rescue-memory", config->name, size / MIB(1), where.min, where.max);
		return err;
	}
	rescue.window_size = size;
	rescue.view = *machine;
	rescue.view.asleep = rescue.view.kept = NULL;
	rescue.view.kho_in.version = NULL;
	/* Kernels that see it take memory that is theirs by it alone. */
	rescue.view.info.efi_map = (struct boot_blob){ 0 };
	memory_init(own);
	rescue.record_size = core_size(&machine->memory.map);
	err = make_map(&own->map, &machine->memory.map, rescue.window, size, !config->preserve_context);
	if (!err)
		err = copy_low_claims(own, &machine->memory);
	if (!err)
		err = memory_alloc(own, rescue.record_size, &inside, OWNER_CONTROL, "fault record", &rescue.record);
	if (err)
		log_err("rescue", "%s: no memory for the fault record bytes=%llu", config->name, rescue.record_size);
	return err;
}

static void drop(struct machine *machine)
{
	struct memory *own = &rescue.view.memory;

	arch_rescue_set(NULL, NULL);
	/*
	 * One call's control pages are kept for the next: first those of all memory, then what the window would leave.
	 */
	arch_swing_forget(&machine->memory);
	if (rescue.boot)
		boot_delete(rescue.boot);
	arch_swing_forget(own);
	if (rescue.window) {
		memory_free(own);
		memory_release(&machine->memory, rescue.window);
	}
	memset(&rescue, 0, sizeof(rescue));
}

static enum err prepare_boot(struct machine *machine, u32 config)
{
	const struct manifest_config *c = &machine->manifest.configs[config];
	paddr_t header = rescue.record + CORE_HEADER_OFFSET;
	struct boot *boot = rescue.boot = calloc(1, sizeof(*boot));
	enum err err;

	if (!boot) {
		log_err("rescue", "heap is full");
		return ERR_MEMORY;
	}
	arch_swing_forget(&machine->memory);
	core_set_address(header);
	err = boot_open(boot, &rescue.view, config, c->preserve_context ? NULL : c->bootargs ? c->bootargs : "");
	core_set_address(0);
	if (!err)
		err = boot_ahead_begin(boot, &machine->memory, header);
	if (!err)
		err = boot_make_ready(boot);
	if (!err && boot->plan.entry.mode == ENTRY_REAL) {
		log_err("rescue", "%s: a %s image is entered in real mode: after a fault nobody vouches for the BIOS",
			c->name, boot->loader->name);
		err = ERR_UNSUPPORTED;
	}
	return err ? err : core_build(rescue.record, rescue.record_size, &machine->memory.map, &rescue.view.memory.map);
}

/* Memory is given out from the window's upper end down: the record first, and the rest below it in one piece. */
static paddr_t first_claim(void)
{
	const struct memory *own = &rescue.view.memory;
	u32 i = 0;

	while (own->claims[i].start < rescue.window)
		i++;
	return own->claims[i].start;
}

void rescue_prepare(struct machine *machine)
{
	int config = machine->has_manifest ? find_config(&machine->manifest) : -1;
	enum log_level level = log_level();
	const struct manifest_config *c;
	enum err err;

	if (config < 0)
		return;
	c = &machine->manifest.configs[config];
	/* On the console one line, unless something is wrong. */
	log_set_level(LOG_WARN < level ? LOG_WARN : level);
	err = boot_ahead_check(c);
	if (!err)
		err = open_window(machine, c);
	if (!err)
		err = prepare_boot(machine, (u32)config);
	log_set_level(level);
	recorder_step(FLIGHT_MANIFEST);
	if (err) {
		drop(machine);
		log_warn("rescue", "%s is not ready: there is no rescue image", c->name);
		return;
	}
	arch_rescue_set(&rescue.boot->swing, &(struct arch_rescue){ first_claim(), rescue.record, rescue.record });
	rescue.log = strstr(rescue.boot->request.bootargs, "ramoops.mem_address=") ? recorder_zone() : 0;
	rescue.ready = true;
	log_info("rescue", "%s is ready %s memory=0x%llx..0x%llx bytes=%llu record=0x%llx", c->name,
		 rescue.boot->loader->name, rescue.window, rescue.window + rescue.window_size, rescue.window_size,
		 rescue.record + CORE_HEADER_OFFSET);
}

bool rescue_is(u32 config)
{
	return rescue.ready && rescue.boot->index == config;
}

bool rescue_is_stale(void)
{
	return rescue.log && rescue.log != recorder_zone();
}

void rescue_refresh(struct machine *machine)
{
	if (!rescue_is_stale())
		return;
	drop(machine);
	rescue_prepare(machine);
}

void rescue_run(struct machine *machine, enum swing_outcome *outcome)
{
	log_info("rescue", "entering %s", rescue.boot->config->name);
	boot_enter(rescue.boot, outcome);
	if (rescue.boot->swing.reentry)
		log_info("rescue", "%s sleeps and is dropped", rescue.boot->config->name);
	drop(machine);
	rescue_prepare(machine);
}

void rescue_keep(struct load_request *request)
{
	const struct mem_claim *claim;

	if (rescue.boot && request == &rescue.boot->request) {
		loader_keep(request, rescue.record, rescue.record + align_up(rescue.record_size, PAGE_SIZE));
		return;
	}
	claim = rescue.ready ? memory_find_claim(request->memory, rescue.window, rescue.window + 1) : NULL;
	if (claim)
		loader_keep(request, claim->start, claim->end);
}
