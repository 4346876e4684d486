/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Any bytes as multiboot2 information: what comes out lies within it, and the memory map made of it keeps its
 * promises.
 */
#include <stdlib.h>
#include <string.h>

#include "bootinfo_internal.h"
#include "fake.h"

#define AT 0x200000
#define RAM KIB(64)
#define COPY_AT 0x1000
#define EARLY_SIZE 0x3000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const u8 *block;
static size_t block_size;

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_inside(struct boot_blob blob)
{
	const u8 *at = blob.data;

	if (blob.data)
		require(at >= block && at <= block + block_size && blob.size <= (size_t)(block + block_size - at));
	else
		require(!blob.size);
}

static void require_text(const char *text)
{
	if (*text)
		require_inside((struct boot_blob){ text, (u32)strlen(text) + 1 });
}

static void require_info(const struct bootinfo *info)
{
	const struct boot_blob blobs[] = {
		info->mmap, info->vbe, info->elf_sections, info->apm, info->efi_map, info->smbios, info->rsdp_v1,
		info->rsdp_v2, info->network, { info->framebuffer.palette, 3 * info->framebuffer.palette_count },
	};

	for (size_t i = 0; i < ARRAY_COUNT(blobs); i++)
		require_inside(blobs[i]);
	require_text(info->command_line);
	require_text(info->loader_name);
	for (u32 i = 0; i < info->module_count; i++) {
		require_text(info->modules[i].string);
		require(info->modules[i].start <= info->modules[i].end);
	}
	if (info->has_linux) {
		require(info->boot_params >= AT && info->boot_params - AT <= block_size - PAGE_SIZE);
		require(info->displaced_start <= info->displaced_end && info->initrd_start <= info->initrd_end);
	}
	require((u64)info->elf_section_count * info->elf_section_size <= info->elf_sections.size);
}

static void require_sanitised(const struct memmap *map)
{
	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *r = &map->ranges[i];

		require(r->start < r->end && r->end <= PADDR_LIMIT);
		require(!i || r[-1].end < r->start || (r[-1].end == r->start && r[-1].type != r->type));
	}
}

static bool is_usable_anywhere(const struct memmap *map, struct raw_entry e)
{
	paddr_t end = e.size > PADDR_LIMIT || e.start > PADDR_LIMIT ? PADDR_LIMIT : e.start + e.size;

	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *r = &map->ranges[i];

		if (r->type == MEM_USABLE && ranges_overlap(r->start, r->end, e.start, end))
			return true;
	}
	return false;
}

/* Nothing is usable that anybody called something else. */
static void require_cautious(const struct bootinfo *info, const struct memmap *map)
{
	for (u32 i = 0; i < bootinfo_mmap_count(info); i++) {
		struct raw_entry e = bootinfo_mmap_entry(info, i);

		require(e.type == MEM_USABLE || !is_usable_anywhere(map, e));
	}
	for (u32 i = 0; i < bootinfo_efi_count(info); i++) {
		struct raw_entry e = bootinfo_efi_entry(info, i);

		require(e.type == MEM_USABLE || !is_usable_anywhere(map, e));
	}
}

static void require_sanitising_again_changes_nothing(const struct memmap *map)
{
	struct memmap again;

	require(!memmap_copy(&again, map) && !memmap_sanitise(&again));
	require(again.count == map->count);
	for (u32 i = 0; i < map->count; i++) {
		require(again.ranges[i].start == map->ranges[i].start && again.ranges[i].end == map->ranges[i].end);
		require(again.ranges[i].type == map->ranges[i].type);
	}
	memmap_free(&again);
}

static bool is_clear_of_modules(const struct bootinfo *info, paddr_t at)
{
	for (u32 i = 0; i < info->module_count; i++) {
		if (ranges_overlap(at, at + EARLY_SIZE, info->modules[i].start, info->modules[i].end))
			return false;
	}
	return true;
}

/* The early heap's place is free by the map too, and pages taken are usable and nobody's. */
static void require_places(const struct bootinfo *info, struct memory *memory)
{
	const struct range avoid = { AT, AT + KIB(512) };
	const struct early_where where = { .avoid = &avoid, .avoid_count = 1 };
	paddr_t early, at;

	if (!bootinfo_early_region(info, EARLY_SIZE, &where, &early)) {
		require(early >= MIB(1) && early <= GIB(4) - EARLY_SIZE && early % PAGE_SIZE == 0);
		require(!ranges_overlap(early, early + EARLY_SIZE, AT, AT + KIB(512)));
		require(memory_is_usable(memory, early, early + EARLY_SIZE));
		require(is_clear_of_modules(info, early));
	}
	for (u32 i = 0; i < info->module_count; i++)
		require(!memory_claim(memory, info->modules[i].start, info->modules[i].end, OWNER_MODULE, "module"));
	for (u32 i = 0; i < 4; i++) {
		struct memory_where wish = { .lowest_first = i & 1, .align = i & 2 ? MIB(2) : 0 };

		if (!memory_alloc(memory, EARLY_SIZE, &wish, OWNER_STAGE, "stage", &at)) {
			require(at && memory_is_usable(memory, at, at + EARLY_SIZE));
			require(is_clear_of_modules(info, at));
		}
	}
}

static void use_map(const struct bootinfo *info)
{
	struct memory memory;

	memory_init(&memory);
	if (!bootinfo_memory_map(info, &memory.map)) {
		require_sanitised(&memory.map);
		require_cautious(info, &memory.map);
		require_sanitising_again_changes_nothing(&memory.map);
		require_places(info, &memory);
	} else {
		require(!memory.map.count);
	}
	memory_free(&memory);
}

/* The EFI tables are searched for in a copy, where the input's own numbers can lead. */
static void use_tables(const struct bootinfo *info)
{
	if (!fake_ram)
		fake_ram_init(RAM);
	memset(fake_ram, 0, RAM);
	memcpy(fake_ram + COPY_AT, block, min_u64(block_size, RAM - COPY_AT));
	require(bootinfo_find_rsdp(info) < RAM);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bootinfo info;
	enum err err;

	block = data;
	block_size = size;
	fake_phys_limit = GIB(64);
	err = bootinfo_parse(&info, data, AT, size);
	require(err == ERR_OK || err == ERR_VALUE || err == ERR_TRUNCATED);
	require(info.size <= size);
	require_info(&info);
	use_map(&info);
	use_tables(&info);
	free(cmdline_get(info.command_line, "console"));
	bootinfo_free(&info);
	return 0;
}
