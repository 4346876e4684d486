/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "entries.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "boot.h"
#include "callargs.h"
#include "console.h"
#include "fmt.h"
#include "log.h"

#define NOTE_SIZE 64
#define HEADER_SIZE 320

/* Texts of the entries that resume an image; there is one menu. */
struct asleep_text {
	char name[64], title[64], note[NOTE_SIZE];
};
static struct asleep_text *asleep_texts;

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

/* What `e` starts from: of an image that is called its arguments. */
static const char *make_bootargs(const struct manifest_config *c)
{
	char *args;

	if (!c->preserve_context || (c->bootargs && c->bootargs[0]) || !c->arg_count)
		return c->bootargs ? c->bootargs : "";
	args = malloc(CALLARGS_TEXT_MAX);
	return args ? callargs_format(args, CALLARGS_TEXT_MAX, c->args, c->arg_count) : "";
}

static void fill_entry(struct machine *machine, struct menu_entry *entry, u32 config)
{
	const struct manifest_config *c = &machine->manifest.configs[config];
	char *note = make_note(machine, config);

	entry->name = c->name;
	entry->title = c->description[0] ? c->description : c->name;
	entry->note = note ? note : "";
	entry->bootargs = make_bootargs(c);
}

static void fill_asleep(struct asleep_text *text, struct menu_entry *entry, const struct boot *boot)
{
	fmt_snprintf(text->name, sizeof(text->name), "resume:%s", boot->config->name);
	fmt_snprintf(text->title, sizeof(text->title), "resume %s", boot->swing.title);
	fmt_snprintf(text->note, sizeof(text->note), "asleep after %u %s", boot->rounds, boot->rounds == 1 ? "round" : "rounds");
	*entry = (struct menu_entry){ .name = text->name, .title = text->title, .note = text->note, .bootargs = "" };
}

void entries_refresh(struct machine *machine)
{
	u32 count = boot_asleep_count(machine), configs = machine->manifest.config_count;
	struct menu *menu = &machine->menu;
	struct menu_entry *entries = (struct menu_entry *)menu->entries;

	if (!entries || (!count && menu->entry_count == configs))
		return;
	free(asleep_texts);
	asleep_texts = count ? calloc(count, sizeof(*asleep_texts)) : NULL;
	entries = realloc(entries, (configs + count) * sizeof(*entries));
	if (!entries || (count && !asleep_texts)) {
		log_err("menu", "heap is full entries=%u", configs + count);
		count = 0;
	}
	for (u32 i = 0; i < count; i++)
		fill_asleep(&asleep_texts[i], &entries[configs + i], boot_asleep(machine, i));
	menu_set_entries(menu, entries ? entries : menu->entries, configs + count, configs);
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
