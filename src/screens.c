/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "screens.h"

#include <stdarg.h>
#include <string.h>

#include "boot.h"
#include "fmt.h"
#include "log.h"
#include "recorder.h"

#define LINE_MAX_SIZE 256
#define HASH_SHOWN 8			/* bytes of a hash that are shown */

/* Returns false when the user has seen enough. */
static bool page_printf(const char *fmt, ...) PRINTF_LIKE(1, 2);
static bool page_printf(const char *fmt, ...)
{
	char line[LINE_MAX_SIZE];
	va_list args;

	va_start(args, fmt);
	fmt_vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	return menu_page_line(line);
}

static void show_part(const char *role, const struct loader_part *part)
{
	char size[16];

	page_printf("%-9s %s: %s from %s %s", role, part->image->name, fmt_size(size, sizeof(size), part->blob.size),
		    part->blob.origin, part->image->path ? part->image->path : "");
	for (u32 i = 0; i < part->image->hash_count; i++) {
		const struct hash_want *hash = &part->image->hashes[i];
		char digits[2 * HASH_SHOWN + 1] = "";
		u32 shown = min_u64(hash_size(hash->algo), HASH_SHOWN);

		for (u32 b = 0; b < shown; b++)
			fmt_snprintf(digits + 2 * b, 3, "%02x", hash->value[b]);
		page_printf("          %s %s%s", hash_name(hash->algo), digits, shown < hash_size(hash->algo) ? "..." : "");
	}
	if (!part->image->hash_count)
		page_printf("          no hash");
}

static void show_segments(const struct plan *plan)
{
	char size[16];

	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *s = &plan->segments[i];

		page_printf("          %-16s 0x%09llx..0x%09llx  %10s%s", s->name, s->dest, s->dest + s->mem_size,
			    fmt_size(size, sizeof(size), s->mem_size), s->dest == s->source ? "  stays" : "");
	}
}

static void show_plan(struct boot *boot)
{
	char text[LINE_MAX_SIZE];

	if (boot_plan(boot)) {
		page_printf("Cannot be booted: see the log (l).");
		return;
	}
	boot->loader->describe(&boot->request, text, sizeof(text));
	page_printf("Format    %s", text);
	page_printf("Entry     in %s mode", plan_mode_name(boot->plan.entry.mode));
	page_printf("Memory");
	show_segments(&boot->plan);
}

static void show_bios_calls(const struct manifest_config *config)
{
	const char *name = config->bios_calls;

	for (; name && name < config->bios_calls + config->bios_calls_size; name += strlen(name) + 1)
		page_printf("BIOS call %s", name);
}

void screen_inspect(struct machine *machine, u32 config, const char *bootargs)
{
	const struct manifest_config *c = &machine->manifest.configs[config];
	struct boot boot;
	enum err err;

	menu_page_begin(&machine->menu, c->description[0] ? c->description : c->name);
	show_bios_calls(c);
	if (!c->has_kernel) {
		menu_page_end();
		return;
	}
	err = boot_open(&boot, machine, config, bootargs);
	if (boot.request.kernel.blob.size)
		show_part("Kernel", &boot.request.kernel);
	if (!err && boot.request.setup.image)
		show_part("Setup", &boot.request.setup);
	for (u32 i = 0; !err && i < boot.request.ramdisk_count; i++)
		show_part("Ramdisk", &boot.request.ramdisks[i]);
	for (u32 i = 0; !err && i < boot.request.module_count; i++)
		show_part("Module", &boot.request.modules[i]);
	for (u32 i = 0; !err && i < boot.request.loadable_count; i++)
		if (boot.request.loadables[i].blob.size)
			show_part("Loadable", &boot.request.loadables[i]);
	page_printf("Arguments %s", bootargs);
	if (!err)
		err = boot_unpack(&boot);
	if (!err)
		err = boot_choose(&boot);
	if (err)
		page_printf("Cannot be booted: see the log (l).");
	else
		show_plan(&boot);
	boot_close(&boot);
	menu_page_end();
}

void screen_asleep(const struct machine *machine, u32 number)
{
	const struct boot *boot = boot_asleep(machine, number);
	char size[16];

	menu_page_begin(&machine->menu, boot->swing.title);
	page_printf("Asleep    after %u %s, to go on at 0x%llx in %s mode", boot->rounds, boot->rounds == 1 ? "round" : "rounds",
		    boot->swing.reentry, plan_mode_name(boot->plan.entry.mode));
	if (boot->has_memory) {
		page_printf("Waiting   in memory of its own");
	} else {
		page_printf("Result    0x%llx", boot->swing.result);
		page_printf("Waiting   %s", fmt_size(size, sizeof(size), boot->swing.swapped_pages * PAGE_SIZE));
	}
	page_printf("Memory");
	show_segments(&boot->plan);
	menu_page_end();
}

static bool show_text(const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		if (!page_printf("%.*s", (int)length, text))
			return false;
		text += length + (text[length] == '\n');
	}
	return true;
}

void screen_log(const struct machine *machine)
{
	const struct recorder_last *last = recorder_last();
	char line[LINE_MAX_SIZE];
	u64 at = 0;

	menu_page_begin(&machine->menu, "Log");
	if (last->text && (!page_printf("Before the last reset (flight %u):", last->flight) || !show_text(last->text) ||
			   !page_printf("Since then:"))) {
		menu_page_end();
		return;
	}
	while (log_read_line(&at, line, sizeof(line)) && menu_page_line(line))
		;
	menu_page_end();
}

static bool show_ranges(const struct memmap *map)
{
	char size[16];
	bool go_on = true;

	for (u32 i = 0; i < map->count && go_on; i++) {
		const struct mem_range *r = &map->ranges[i];

		go_on = page_printf("  0x%010llx..0x%010llx  %10s  %s", r->start, r->end, fmt_size(size, sizeof(size), r->end - r->start),
				    memmap_type_name(r->type));
	}
	return go_on;
}

void screen_memory(const struct machine *machine)
{
	const struct memory *memory = &machine->memory;
	char size[16];
	bool go_on;

	menu_page_begin(&machine->menu, "Memory");
	go_on = page_printf("By firmware and boot loader, %s usable:",
			    fmt_size(size, sizeof(size), memmap_total(&memory->map, MEM_USABLE))) &&
		show_ranges(&memory->map) && page_printf("Used by Trapeze:");
	for (u32 i = 0; i < memory->claim_count && go_on; i++) {
		const struct mem_claim *c = &memory->claims[i];

		if (c->owner == OWNER_KEPT)
			continue;
		go_on = page_printf("  0x%010llx..0x%010llx  %10s  %s, %s", c->start, c->end, fmt_size(size, sizeof(size), c->end - c->start),
				    memory_owner_name(c->owner), c->name);
	}
	if (go_on && machine->kho_in.version)
		page_printf("Preserved by the kernel before: %llu pages in %u ranges, by %s. See kho in the shell.",
			    machine->kho_in.page_count, machine->kho_in.kept.count, machine->kho_in.version->name);
	menu_page_end();
}
