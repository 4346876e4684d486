/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "start.h"

#include <heap.h>
#include <stdlib.h>
#include <string.h>

#include "acpi.h"
#include "arch.h"
#include "bios.h"
#include "console.h"
#include "disk_bios.h"
#include "fmt.h"
#include "hpet.h"
#include "kho.h"
#include "log.h"
#include "madt.h"
#include "menu.h"
#include "recorder.h"

#define TREE_ALIGN 8
#define HEAP_SIZE MIB(1)
#define HEAP_GROW MIB(1)
#define INFO_LIMIT MIB(16)		/* no honest information block is larger */

static struct memory *heap_memory;

static bool grow_heap(size_t size)
{
	const struct memory_where where = { .min = MIB(1) };
	u64 want = max_u64(align_up(size, PAGE_SIZE), HEAP_GROW);
	paddr_t start;

	if (memory_alloc(heap_memory, want, &where, OWNER_HEAP, "heap", &start))
		return false;
	heap_add_region(arch_phys(start, want), want);
	return true;
}

/* As soon as there is a console: what was logged so far, too. */
static void show_log(void)
{
	if (console_is_open())
		log_set_console(menu_log_write);
	log_show_hidden();
}

void start_console(struct machine *machine, struct options *options, paddr_t info)
{
	u64 limit = min_u64(INFO_LIMIT, arch_phys_limit() - min_u64(info, arch_phys_limit()));
	const void *data = arch_phys(info, limit);
	enum err err = bootinfo_parse(&machine->info, data, info, limit);
	enum err console;

	options_parse(options, machine->info.command_line);
	if (options->has_log_level)
		log_set_level(options->log_level);
	console = console_open(options->console, &machine->info);
	show_log();
	log_info("start", "Trapeze " TRAPEZE_VERSION " %s loader=\"%s\" command_line=\"%s\"", arch_features.build,
		 machine->info.loader_name, machine->info.command_line);
	if (console)
		log_warn("start", "console: %s", err_text(console));
	if (err)
		log_warn("start", "multiboot2 information: %s; going on with what was understood", err_text(err));
}

static void claim(struct memory *memory, paddr_t start, paddr_t end, enum mem_owner owner, const char *name)
{
	if (memory_claim(memory, start, end, owner, name))
		log_err("start", "cannot claim %s 0x%llx..0x%llx", name, start, end);
}

static void claim_all(struct machine *machine)
{
	struct memory *memory = &machine->memory;
	const struct bootinfo *info = &machine->info;
	paddr_t start, end;

	arch_image_range(&start, &end);
	claim(memory, 0, PAGE_SIZE, OWNER_LOW, "BIOS data");
	claim(memory, start, end, OWNER_SHIM, "code and data");
	claim(memory, info->paddr, info->paddr + info->size, OWNER_INFO, "multiboot2 information");
	for (u32 i = 0; i < info->module_count; i++)
		claim(memory, info->modules[i].start, info->modules[i].end, OWNER_MODULE, info->modules[i].string);
	claim(memory, info->displaced_copy, info->displaced_copy + (info->displaced_end - info->displaced_start),
	      OWNER_INFO, "what lay in the shim's place");
	claim(memory, info->initrd_start, info->initrd_end, OWNER_MODULE, "initrd");
	if (info->elf_sections.size)
		log_debug("start", "ELF sections stay in the information block");
}

/* Where another kernel preserved memory, nothing of it is in scratch. */
static enum err place_heap(struct machine *machine, paddr_t *heap, u64 *size)
{
	struct kho_in *in = &machine->kho_in;
	const struct kho_places *places = &in->places;
	struct range avoid[] = { { 0, 0 }, { places->scratch, places->scratch + places->scratch_size } };
	u64 own = HEAP_SIZE + bootinfo_map_heap(&machine->info);
	struct early_where where;

	arch_image_range(&avoid[0].start, &avoid[0].end);
	if (in->version) {
		*size = align_up(own + kho_in_heap(in), PAGE_SIZE);
		where = (struct early_where){ in->scratch, avoid, in->scratch_count, ARRAY_COUNT(avoid) };
		if (!bootinfo_early_region(&machine->info, *size, &where, heap))
			return ERR_OK;
		log_err("kho", "no room for the heap in scratch bytes=%llu: what the kernel before preserved is lost", *size);
		kho_in_drop(in);
	}
	*size = align_up(own, PAGE_SIZE);
	where = (struct early_where){ .avoid = avoid, .avoid_count = 1 };
	return bootinfo_early_region(&machine->info, *size, &where, heap);
}

static enum err start_heap(struct machine *machine)
{
	const struct bootinfo *info = &machine->info;
	u64 size;
	paddr_t heap;
	enum err err = place_heap(machine, &heap, &size);

	if (err) {
		log_err("start", "no room for the heap bytes=%llu", size);
		return err;
	}
	heap_add_region(arch_phys(heap, size), size);
	memory_init(&machine->memory);
	err = bootinfo_memory_map(info, &machine->memory.map);
	if (!err)
		err = memory_claim(&machine->memory, heap, heap + size, OWNER_HEAP, "heap");
	/* Before anything is allocated; without it Trapeze is as any other. */
	if (!err && kho_in_claim(&machine->kho_in, &machine->memory))
		log_debug("kho", "going on without what was handed over");
	return err;
}

/* Nothing is said where firmware does not tell: it only matters to who calls an image. */
static void find_timer(const struct bootinfo *info)
{
	struct arch_timer_wire wire;
	struct boot_blob table;
	struct acpi_why why;

	if (!acpi_find_table(info, "APIC", &table, &why) && madt_find_timer(&table, &wire))
		arch_timer_is_wired(&wire);
	arch_hpet_is_at(hpet_find(info));
}

enum err start_memory(struct machine *machine)
{
	struct memory *memory = &machine->memory;
	enum err err;
	char size[16];

	recorder_step(FLIGHT_MEMORY_MAP);
	if (kho_in_find(&machine->kho_in, &machine->info))
		log_debug("kho", "going on without what was handed over");
	err = start_heap(machine);
	if (err)
		return err;
	claim_all(machine);
	err = arch_paging_start(memory);
	if (err)
		return err;
	heap_memory = memory;
	heap_set_grow(grow_heap);
	machine->rsdp = bootinfo_find_rsdp(&machine->info);
	bootinfo_keep_rsdp(&machine->info, machine->rsdp);
	bios_start(memory, bootinfo_is_efi(&machine->info));
	arch_paging_seal_low();
	find_timer(&machine->info);
	log_info("memory", "%s usable ranges=%u acpi=%llu nvs=%llu rsdp=0x%llx",
		 fmt_size(size, sizeof(size), memmap_total(&memory->map, MEM_USABLE)), memory->map.count,
		 memmap_total(&memory->map, MEM_ACPI), memmap_total(&memory->map, MEM_NVS), machine->rsdp);
	return ERR_OK;
}

static void apply_settings(struct machine *machine, const struct options *options)
{
	const struct manifest *m = &machine->manifest;

	if (m->has_log_level && !options->has_log_level)
		log_set_level(m->log_level);
	if (m->console && !options->console && console_open(m->console, &machine->info))
		log_warn("manifest", "trapeze,console=\"%s\" not taken", m->console);
	show_log();
}

/*
 * Anything can be where it stands in the initrd, but a tree (Devicetree Specification 0.4, 5.1): that one is copied,
 * with all that lies behind it.
 */
static enum err align_tree(struct memory *memory, struct blob *tree)
{
	const struct memory_where where = { 0 };
	const void *from = tree->data;
	paddr_t at;
	enum err err;

	if (tree->paddr % TREE_ALIGN == 0)
		return ERR_OK;
	err = memory_alloc(memory, tree->size, &where, OWNER_MODULE, "manifest", &at);
	if (err) {
		log_err("start", "no room for the manifest at an address that is a multiple of %u bytes=%llu",
			TREE_ALIGN, tree->size);
		return err;
	}
	tree->paddr = at;
	tree->data = memcpy(arch_phys(at, tree->size), from, (size_t)tree->size);
	return ERR_OK;
}

/* What came along comes first, GRUB's modules or an initrd; then, where there is a BIOS, files on disks. */
static enum err find_manifest(struct machine *machine, const char *option, struct blob *tree)
{
	const char *name = option ? option : "manifest", *why;
	enum err err;

	source_init_modules(&machine->modules, &machine->info);
	source_add(&machine->sources, &machine->modules);
	if (cargo_init(&machine->cargo, &machine->info, name))
		source_add(&machine->sources, &machine->cargo.source);
	err = source_try(&machine->sources, name, tree);
	if (bios_present(&why)) {
		media_init(&machine->media, &machine->memory, disk_bios_open, &machine->info);
		source_add(&machine->sources, &machine->media.source);
		if (err == ERR_NOT_FOUND)
			err = source_try(&machine->sources, option ? option : MEDIA_MANIFEST, tree);
	} else {
		log_debug("media", "no disks: %s", why);
	}
	if (err == ERR_NOT_FOUND)
		source_log_missing(&machine->sources, name);
	if (!err)
		err = source_load(tree, NULL, NULL);
	return err ? err : align_tree(&machine->memory, tree);
}

void start_manifest(struct machine *machine, const struct options *options)
{
	struct blob tree;

	recorder_step(FLIGHT_MANIFEST);
	if (find_manifest(machine, options->manifest, &tree))
		return;
	if (manifest_parse(&machine->manifest, tree.data, tree.size))
		return;
	machine->has_manifest = true;
	machine->manifest_at = tree.paddr;
	kho_claim_memory(&machine->memory, &machine->manifest);
	apply_settings(machine, options);
	log_info("manifest", "\"%s\" images=%u configurations=%u default=%s", machine->manifest.description,
		 machine->manifest.image_count, machine->manifest.config_count,
		 machine->manifest.configs[machine->manifest.default_config].name);
}
