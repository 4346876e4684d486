/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The machine as a whole: memory, entries, log, off. */
#include "arch.h"
#include "entries.h"
#include "fmt.h"
#include "log.h"
#include "poweroff.h"
#include "recorder.h"
#include "shell_private.h"

#define LOG_LINES 20

static bool show_claims(const struct memory *memory, const struct mem_range *range)
{
	bool go_on = true;
	char size[16];

	for (u32 i = 0; i < memory->claim_count && go_on; i++) {
		const struct mem_claim *c = &memory->claims[i];

		if (c->owner != OWNER_KEPT && ranges_overlap(c->start, c->end, range->start, range->end))
			go_on = shell_print("    0x%010llx..0x%010llx  %10s  %s, %s", c->start, c->end,
					    fmt_size(size, sizeof(size), c->end - c->start),
					    memory_owner_name(c->owner), c->name);
	}
	return go_on;
}

bool shell_e820(struct shell *shell, const struct shell_words *words)
{
	const struct memory *memory = &shell->machine->memory;
	const struct memmap *map = &memory->map;
	bool go_on = true;
	char size[16];

	(void)words;
	for (u32 i = 0; i < map->count && go_on; i++) {
		const struct mem_range *r = &map->ranges[i];

		go_on = shell_print("  0x%010llx..0x%010llx  %10s  %s", r->start, r->end,
				    fmt_size(size, sizeof(size), r->end - r->start), memmap_type_name(r->type)) &&
			show_claims(memory, r);
	}
	if (go_on && shell->machine->kho_in.version)
		go_on = shell_print("%llu pages in %u ranges are preserved (kho)", shell->machine->kho_in.page_count,
				    shell->machine->kho_in.kept.count);
	if (go_on)
		shell_print("%s usable", fmt_size(size, sizeof(size), memmap_total(map, MEM_USABLE)));
	return true;
}

bool shell_entries(struct shell *shell, const struct shell_words *words)
{
	const struct menu *menu = &shell->machine->menu;

	entries_refresh(shell->machine);
	if (!menu->entry_count)
		return shell_complain(words, "there are none");
	for (u32 i = 0; i < menu->entry_count; i++) {
		const struct menu_entry *e = &menu->entries[i];

		if (!shell_print("%-20s %s; %s", e->name, e->title, e->note))
			break;
	}
	return true;
}

static u64 count_lines(void)
{
	char line[LOG_LINE_MAX];
	u64 at = 0, count = 0;

	while (log_read_line(&at, line, sizeof(line)))
		count++;
	return count;
}

bool shell_log(struct shell *shell, const struct shell_words *words)
{
	char line[LOG_LINE_MAX];
	u64 wanted, skipped, at = 0;

	(void)shell;
	if (!shell_number_or(words, 1, "lines", UINT32_MAX, LOG_LINES, &wanted))
		return false;
	skipped = count_lines();
	skipped -= min_u64(skipped, wanted);
	while (log_read_line(&at, line, sizeof(line))) {
		if (skipped)
			skipped--;
		else if (!shell_print("%s", line))
			break;
	}
	return true;
}

bool shell_reboot(struct shell *shell, const struct shell_words *words)
{
	(void)shell;
	(void)words;
	log_info("reboot", "asked for in the shell");
	recorder_end(RECORDER_ASKED);
	arch_reboot();
}

bool shell_poweroff(struct shell *shell, const struct shell_words *words)
{
	struct acpi_why why;

	log_info("poweroff", "asked for in the shell");
	return !poweroff(&shell->machine->info, &why) || shell_complain(words, "%s", why.text);
}
