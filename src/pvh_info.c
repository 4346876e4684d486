/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The start information of a PVH kernel: composed in one block, read back for the record. */
#include "pvh.h"

#include <string.h>

#include "log.h"
#include "record.h"

/*
 * Linux reads the block through its first page tables: those of a 32-bit kernel map up to a little behind itself, those of
 * a 64-bit one 1 GiB (arch/x86/platform/pvh/head.S). So it goes below the kernel, or where the kernel leaves no room there,
 * as low as possible.
 */
#define INFO_MAX GIB(1)

static const char *module_text(const struct load_request *request, u32 index)
{
	const struct manifest_image *image = request->modules[index].image;

	return image && image->bootargs ? image->bootargs : "";
}

static u32 map_at(const struct load_request *request)
{
	return PVH_MODULES_AT + pvh_module_count(request) * PVH_MODULE_SIZE;
}

static u64 text_at(const struct load_request *request)
{
	return map_at(request) + (u64)(request->memory->map.count + HANDOVER_MAP_EXTRA) * PVH_MAP_SIZE;
}

/* Is there a usable piece of `size` bytes in [PAGE_SIZE, max)? */
static bool has_room(const struct memmap *map, paddr_t max, u64 size)
{
	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *range = &map->ranges[i];
		paddr_t start = max_u64(range->start, PAGE_SIZE), end = min_u64(range->end, max);

		if (range->type == MEM_USABLE && start < end && end - start >= size)
			return true;
	}
	return false;
}

enum err pvh_plan_info(struct load_request *request, paddr_t kernel_start)
{
	u64 size = text_at(request) + strlen(request->bootargs) + 1;
	struct plan_segment segment = { .name = "start information", .where = PLAN_BOTTOM, .min = PAGE_SIZE };

	for (u32 i = 0; i < request->module_count; i++)
		size += strlen(module_text(request, i)) + 1;
	segment.max = min_u64(INFO_MAX, kernel_start);
	/* Twice the room: control pages of real mode and the like may be there as well. */
	if (!has_room(&request->memory->map, segment.max, 2 * align_up(size, PAGE_SIZE)))
		segment.max = INFO_MAX;
	return handover_plan(request, &pvh_state(request)->info, segment, size);
}

/* The address at which the string will lie; 0, which the format knows as "none", for an empty one. */
static paddr_t put_text(const struct load_request *request, u64 *at, const char *text)
{
	const struct handover_area *info = &pvh_state(request)->info;
	size_t size = strlen(text) + 1;
	paddr_t dest = handover_dest(request, info) + *at;

	memcpy(info->data + *at, text, size);
	*at += size;
	return size > 1 ? dest : 0;
}

static void put_module(u8 *entry, paddr_t start, u64 size, paddr_t text)
{
	handover_put(entry, PVH_MODULE_START, 8, start);
	handover_put(entry, PVH_MODULE_LENGTH, 8, size);
	handover_put(entry, PVH_MODULE_CMDLINE, 8, text);
}

static void put_modules(const struct load_request *request, u64 *at)
{
	const struct pvh_state *state = pvh_state(request);
	u8 *entry = state->info.data + PVH_MODULES_AT;
	paddr_t start;
	u64 size;

	handover_find_ramdisks(request, state->first_ramdisk, &start, &size);
	if (size) {
		put_module(entry, start, size, 0);
		entry += PVH_MODULE_SIZE;
	}
	for (u32 i = 0; i < request->module_count; i++, entry += PVH_MODULE_SIZE) {
		const struct plan_segment *segment = &request->plan->segments[state->first_module + i];

		put_module(entry, segment->dest, segment->file_size, put_text(request, at, module_text(request, i)));
	}
}

/* The types are E820's; others than it knows are reserved. */
static u32 put_map(const struct load_request *request, const struct memmap *map)
{
	u8 *entry = pvh_state(request)->info.data + map_at(request);

	for (u32 i = 0; i < map->count; i++, entry += PVH_MAP_SIZE) {
		const struct mem_range *range = &map->ranges[i];
		bool known = range->type >= MEM_USABLE && range->type <= MEM_PERSISTENT;

		handover_put(entry, PVH_MAP_START, 8, range->start);
		handover_put(entry, PVH_MAP_LENGTH, 8, range->end - range->start);
		handover_put(entry, PVH_MAP_TYPE, 4, known ? range->type : MEM_RESERVED);
	}
	return map->count;
}

enum err pvh_finish_info(struct load_request *request)
{
	const struct pvh_state *state = pvh_state(request);
	paddr_t dest = handover_dest(request, &state->info);
	u8 *info = state->info.data;
	u64 at = text_at(request);
	struct memmap map;
	enum err err;

	memmap_init(&map);
	err = handover_copy_map(request, &map);
	if (!err) {
		handover_put(info, PVH_INFO_MAGIC, 4, PVH_MAGIC);
		handover_put(info, PVH_INFO_VERSION, 4, PVH_VERSION);
		handover_put(info, PVH_INFO_MODULE_COUNT, 4, pvh_module_count(request));
		handover_put(info, PVH_INFO_MODULES, 8, pvh_module_count(request) ? dest + PVH_MODULES_AT : 0);
		handover_put(info, PVH_INFO_CMDLINE, 8, put_text(request, &at, request->bootargs));
		handover_put(info, PVH_INFO_RSDP, 8, request->rsdp);
		handover_put(info, PVH_INFO_MAP, 8, dest + map_at(request));
		handover_put(info, PVH_INFO_MAP_COUNT, 4, put_map(request, &map));
		put_modules(request, &at);
	}
	memmap_free(&map);
	return err;
}

static const char *text_of(const struct load_request *request, u64 address)
{
	const struct handover_area *info = &pvh_state(request)->info;

	return address ? (const char *)info->data + (address - handover_dest(request, info)) : "";
}

/* The sum over a large module takes longer than all the rest: only for who looks closely. */
static void record_module(const struct record *r, const struct load_request *request, u32 index)
{
	const u8 *entry = pvh_state(request)->info.data + PVH_MODULES_AT + index * PVH_MODULE_SIZE;
	u64 start = handover_get(entry, PVH_MODULE_START, 8), size = handover_get(entry, PVH_MODULE_LENGTH, 8);
	bool is_ramdisk = request->ramdisk_count && !index;
	const struct blob *blob = is_ramdisk ? NULL : &request->modules[index - (request->ramdisk_count ? 1 : 0)].blob;

	if (log_level() >= LOG_DEBUG)
		record_line(r, "module: 0x%llx 0x%llx crc32=0x%08x", start, start + size,
			    blob ? record_crc32(blob->data, blob->size) : handover_ramdisk_crc(request));
	else
		record_line(r, "module: 0x%llx 0x%llx", start, start + size);
	record_text(r, "module", text_of(request, handover_get(entry, PVH_MODULE_CMDLINE, 8)));
}

void pvh_record(const struct load_request *request, const struct record *to)
{
	const struct entry_state *entry = &request->plan->entry;
	const u8 *info = pvh_state(request)->info.data, *map = info + map_at(request);

	record_line(to, "pvh: version=%llu entry=0x%llx flags=0x%llx crc32=0x%08x",
		    handover_get(info, PVH_INFO_VERSION, 4), entry->ip, handover_get(info, PVH_INFO_FLAGS, 4),
		    record_crc32(info, PVH_INFO_SIZE));
	record_regs(to, entry);
	record_text(to, "cmdline", text_of(request, handover_get(info, PVH_INFO_CMDLINE, 8)));
	record_line(to, "modules: count=%u at=0x%llx", pvh_module_count(request), handover_get(info, PVH_INFO_MODULES, 8));
	for (u32 i = 0; i < pvh_module_count(request); i++)
		record_module(to, request, i);
	record_line(to, "rsdp: 0x%llx", handover_get(info, PVH_INFO_RSDP, 8));
	record_line(to, "memmap: count=%llu at=0x%llx", handover_get(info, PVH_INFO_MAP_COUNT, 4),
		    handover_get(info, PVH_INFO_MAP, 8));
	for (u64 i = 0; i < handover_get(info, PVH_INFO_MAP_COUNT, 4); i++, map += PVH_MAP_SIZE) {
		u64 start = handover_get(map, PVH_MAP_START, 8);

		record_line(to, "memmap: 0x%llx 0x%llx %llu", start, start + handover_get(map, PVH_MAP_LENGTH, 8),
			    handover_get(map, PVH_MAP_TYPE, 4));
	}
	record_line(to, "end");
}
