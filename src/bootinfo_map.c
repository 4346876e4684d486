/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The memory map out of what the boot loader said. */
#include <stdlib.h>

#include "bootinfo_internal.h"
#include "log.h"

/*
 * Of one map: the entries as they are, twice as many ranges, a number for each. Of two: both as ranges, then of what each
 * says at each end of a range the doubling array, which is sanitised like a map of its own.
 */
#define HEAP_PER_ENTRY 128
#define HEAP_PER_COMBINED_ENTRY 448

typedef struct raw_entry entry_function(const struct bootinfo *info, u32 number);

/* One map of its own, sanitised, out of `count` raw entries. The scratch array is no longer than needed. */
static enum err collect(const struct bootinfo *info, u32 count, entry_function *entry_at, struct memmap *map)
{
	struct mem_range *ranges;
	enum err err = ERR_OK;

	memmap_init(map);
	if (!count)
		return ERR_OK;
	ranges = calloc(count, sizeof(*ranges));
	if (!ranges) {
		log_err("multiboot2", "heap is full: no room for memory map entries=%u", count);
		return ERR_MEMORY;
	}
	memmap_init_static(map, ranges, count);
	for (u32 i = 0; i < count && !err; i++) {
		struct raw_entry e = entry_at(info, i);

		err = memmap_add(map, e.start, e.size, e.type);
	}
	if (!err)
		err = memmap_sanitise(map);
	/* A sanitised map is malloc'd; after an error nothing may point to the array any more. */
	if (err)
		memmap_free(map);
	free(ranges);
	return err;
}

/* A sanitised map being read from below. */
struct lane {
	const struct memmap *map;
	u32 next;
};

/* What the map says of the byte at `at` (which only grows), or NULL. Lowers *end to where it says something else. */
static const struct mem_range *look(struct lane *lane, paddr_t at, paddr_t *end)
{
	const struct mem_range *range;

	while (lane->next < lane->map->count && lane->map->ranges[lane->next].end <= at)
		lane->next++;
	if (lane->next == lane->map->count)
		return NULL;
	range = &lane->map->ranges[lane->next];
	*end = min_u64(*end, range->start > at ? range->start : range->end);
	return range->start > at ? NULL : range;
}

/*
 * The loader's map comes from EFI's, so they agree nearly everywhere. Where not:
 * - what only EFI calls usable is not: the loader was told to leave it alone;
 * - where the loader says no more than "reserved" (GRUB does of persistent memory) EFI's own kind is the truth;
 * - else the stricter word counts, as in memmap_sanitise.
 */
static enum err add_both(struct memmap *map, const struct mem_range *loader, const struct mem_range *efi, paddr_t at,
			 paddr_t end)
{
	bool efi_is_vague = !efi || efi->type == MEM_USABLE || efi->type == MEM_RESERVED;
	bool take_loader = loader && (loader->type != MEM_RESERVED || efi_is_vague);
	bool take_efi = efi && efi->type != MEM_USABLE;
	enum err err = ERR_OK;

	if (take_loader)
		err = memmap_add(map, at, end - at, loader->type);
	if (take_efi && !err)
		err = memmap_add(map, at, end - at, efi->type);
	return err;
}

static enum err combine(struct memmap *map, const struct memmap *loader, const struct memmap *efi)
{
	struct lane loader_lane = { .map = loader }, efi_lane = { .map = efi };
	enum err err = ERR_OK;
	paddr_t end;

	for (paddr_t at = 0; at < PADDR_LIMIT && !err; at = end) {
		const struct mem_range *a, *b;

		end = PADDR_LIMIT;
		a = look(&loader_lane, at, &end);
		b = look(&efi_lane, at, &end);
		err = add_both(map, a, b, at, end);
	}
	return err;
}

static enum err combine_entries(const struct bootinfo *info, struct memmap *map)
{
	struct memmap loader, efi;
	enum err err;

	memmap_init(&efi);
	err = collect(info, bootinfo_mmap_count(info), bootinfo_mmap_entry, &loader);
	if (!err)
		err = collect(info, bootinfo_efi_count(info), bootinfo_efi_entry, &efi);
	if (!err)
		err = combine(map, &loader, &efi);
	/* Before the map is sanitised, which takes memory too. */
	memmap_free(&loader);
	memmap_free(&efi);
	return err ? err : memmap_sanitise(map);
}

u64 bootinfo_map_heap(const struct bootinfo *info)
{
	u64 mmap_count = bootinfo_mmap_count(info), efi_count = bootinfo_efi_count(info);

	return (mmap_count + efi_count) * (mmap_count && efi_count ? HEAP_PER_COMBINED_ENTRY : HEAP_PER_ENTRY);
}

enum err bootinfo_memory_map(const struct bootinfo *info, struct memmap *map)
{
	u32 mmap_count = bootinfo_mmap_count(info), efi_count = bootinfo_efi_count(info);
	u32 basic_count = bootinfo_basic_count(info);
	enum err err;

	memmap_init(map);
	if (mmap_count && efi_count) {
		err = combine_entries(info, map);
	} else if (mmap_count) {
		err = collect(info, mmap_count, bootinfo_mmap_entry, map);
	} else if (efi_count) {
		err = collect(info, efi_count, bootinfo_efi_entry, map);
	} else if (basic_count) {
		log_warn("multiboot2", "no memory map: going by basic memory lower_kib=%u upper_kib=%u",
			 info->mem_lower_kib, info->mem_upper_kib);
		err = collect(info, basic_count, bootinfo_basic_entry, map);
	} else {
		log_err("multiboot2", "no memory map and no basic memory");
		return ERR_NOT_FOUND;
	}
	if (err)
		memmap_free(map);
	else
		log_debug("multiboot2", "memory map taken mmap=%u efi=%u ranges=%u", mmap_count, efi_count, map->count);
	return err;
}
