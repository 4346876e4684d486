/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "entries.h"

#include <stdlib.h>
#include <string.h>

#include "acpi.h"
#include "arch.h"
#include "boot.h"
#include "callargs.h"
#include "console.h"
#include "fmt.h"
#include "log.h"
#include "madt.h"
#include "printable.h"

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
static size_t short_name_length(const char *loader)
{
	size_t n = 0;

	while (loader[n] && loader[n] != '-' && loader[n] != '+')
		n++;
	return n;
}

/* "1 of 2 CPUs | ": the shim runs on one. Nothing where firmware does not say how many there are. */
static void name_processors(const struct bootinfo *info, char *text, size_t size)
{
	struct boot_blob table;
	struct acpi_why why;
	u32 count = 0;

	if (!acpi_find_table(info, "APIC", &table, &why))
		count = madt_count_processors(&table);
	text[0] = '\0';
	if (count)
		fmt_snprintf(text, size, "1 of %u CPU%s | ", count, count == 1 ? "" : "s");
}

/* What will be verified when it is booted. */
static void name_hashes(const struct manifest *m, char *text, size_t size)
{
	u32 with = 0;

	for (u32 i = 0; i < m->image_count; i++)
		with += m->images[i].hash_count != 0;
	if (with == m->image_count)
		fmt_snprintf(text, size, "a hash for every image");
	else if (with)
		fmt_snprintf(text, size, "hashes for %u of %u images", with, m->image_count);
	else
		fmt_snprintf(text, size, "no hashes");
}

static size_t put_machine(char *header, const struct machine *machine)
{
	const struct bootinfo *info = &machine->info;
	char console[CONSOLE_TEXT_MAX], size[16], processors[32], loader[32];

	arch_console_name(console, sizeof(console));
	name_processors(info, processors, sizeof(processors));
	printable(loader, sizeof(loader), info->loader_name, short_name_length(info->loader_name));
	return fmt_snprintf(header, HEADER_SIZE, "Trapeze " TRAPEZE_VERSION " %s | %s %s | %s%s | %s\n", arch_features.build, loader,
			    bootinfo_is_efi(info) ? "UEFI" : "BIOS", processors,
			    fmt_size(size, sizeof(size), memmap_total(&machine->memory.map, MEM_USABLE)), console);
}

static char *make_header(const struct machine *machine)
{
	const struct manifest *m = &machine->manifest;
	char *header = malloc(HEADER_SIZE);
	char hashes[48];
	size_t used;

	if (!header)
		return NULL;
	used = put_machine(header, machine);
	if (used >= HEADER_SIZE)
		return header;
	name_hashes(m, hashes, sizeof(hashes));
	if (machine->has_manifest)
		fmt_snprintf(header + used, HEADER_SIZE - used, "Manifest \"%s\", %u %s, %s", m->description, m->config_count,
			     m->config_count == 1 ? "entry" : "entries", hashes);
	else
		fmt_snprintf(header + used, HEADER_SIZE - used, "No manifest: the log (l) says why");
	return header;
}

/* What `e` starts from: of an image that is called its arguments. */
static const char *make_bootargs(const struct manifest_config *c)
{
	char *args;

	if (!manifest_config_has_args(c) || !c->arg_count)
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
	fmt_snprintf(text->name, sizeof(text->name), BOOT_RESUME_PREFIX "%s", boot->config->name);
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
