/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "entries.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "boot.h"
#include "console.h"
#include "fmt.h"
#include "log.h"

#define NOTE_SIZE 64
#define HEADER_SIZE 320

/* "linux, 13.5 MiB + 2.4 MiB initrd"; what cannot be booted says so before anybody chooses it. */
static char *make_note(struct machine *machine, u32 config)
{
	char *note = malloc(NOTE_SIZE);
	const char *call = machine->manifest.configs[config].preserve_context ? "call, " : "";
	char kernel[16], ramdisk[16];
	u64 kernel_size = 0, ramdisk_size = 0;
	const char *format = boot_peek(machine, config, &kernel_size, &ramdisk_size);

	if (!note)
		return NULL;
	fmt_size(kernel, sizeof(kernel), kernel_size);
	fmt_size(ramdisk, sizeof(ramdisk), ramdisk_size);
	if (!kernel_size)
		fmt_snprintf(note, NOTE_SIZE, "%s", format);
	else if (!ramdisk_size)
		fmt_snprintf(note, NOTE_SIZE, "%s%s, %s", call, format, kernel);
	else
		fmt_snprintf(note, NOTE_SIZE, "%s%s, %s + %s initrd", call, format, kernel, ramdisk);
	return note;
}

/* "GRUB 2.06" of "GRUB 2.06-13+deb12u2": the line has to fit 80 columns. */
static int short_name_length(const char *loader)
{
	size_t n = 0;

	while (loader[n] && loader[n] != '-' && loader[n] != '+')
		n++;
	return (int)n;
}

static char *make_header(const struct machine *machine)
{
	const struct bootinfo *info = &machine->info;
	char *header = malloc(HEADER_SIZE);
	char console[CONSOLE_TEXT_MAX], size[16];
	size_t used;

	if (!header)
		return NULL;
	arch_console_name(console, sizeof(console));
	used = fmt_snprintf(header, HEADER_SIZE, "Trapeze " TRAPEZE_VERSION " %s | %.*s, %s | %s usable | %s\n", arch_features.build,
			    short_name_length(info->loader_name), info->loader_name, info->has_efi32_table || info->has_efi64_table ? "UEFI" : "BIOS",
			    fmt_size(size, sizeof(size), memmap_total(&machine->memory.map, MEM_USABLE)), console);
	if (used >= HEADER_SIZE)
		return header;
	if (machine->has_manifest)
		fmt_snprintf(header + used, HEADER_SIZE - used, "Manifest \"%s\", %u %s", machine->manifest.description,
			     machine->manifest.config_count, machine->manifest.config_count == 1 ? "entry" : "entries");
	else
		fmt_snprintf(header + used, HEADER_SIZE - used, "No manifest: the log (l) says why");
	return header;
}

static void fill_entry(struct machine *machine, struct menu_entry *entry, u32 config)
{
	const struct manifest_config *c = &machine->manifest.configs[config];
	char *note = make_note(machine, config);

	entry->name = c->name;
	entry->title = c->description[0] ? c->description : c->name;
	entry->note = note ? note : "";
	entry->bootargs = c->bootargs ? c->bootargs : "";
}

void entries_make(struct machine *machine, const struct options *options)
{
	const struct manifest *m = &machine->manifest;
	struct menu *menu = &machine->menu;
	struct menu_entry *entries = NULL;
	char *header = make_header(machine);

	menu->header = header ? header : "Trapeze";
	menu->plain = options->plain_menu;
	menu->timeout = options->has_timeout ? options->timeout : m->has_timeout ? m->timeout : -1;
	if (!machine->has_manifest)
		return;
	entries = calloc(m->config_count, sizeof(*entries));
	if (!entries) {
		log_err("menu", "heap is full entries=%u", m->config_count);
		return;
	}
	for (u32 i = 0; i < m->config_count; i++)
		fill_entry(machine, &entries[i], i);
	menu->entries = entries;
	menu->entry_count = m->config_count;
	menu->selected = m->default_config;
}
