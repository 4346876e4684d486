/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "handover.h"

#include <string.h>

#include "arch.h"
#include "jumpback.h"
#include "log.h"
#include "record.h"

void handover_put(u8 *at, u32 offset, u32 bytes, u64 value)
{
	for (u32 i = 0; i < bytes; i++)
		at[offset + i] = (u8)(value >> (8 * i));
}

u64 handover_get(const u8 *at, u32 offset, u32 bytes)
{
	u64 value = 0;

	for (u32 i = 0; i < bytes; i++)
		value |= (u64)at[offset + i] << (8 * i);
	return value;
}

/* Where it can be, at an address at which the area may stay. */
static enum err stage(struct load_request *request, struct handover_area *area, const struct plan_segment *segment,
		      u64 size)
{
	struct memory_where where = { .max = min_u64(plan_segment_max(segment), arch_phys_limit()) };
	enum err err;

	if (segment->where == PLAN_FIXED || segment->max < MIB(1))
		where.max = min_u64(GIB(4), arch_phys_limit());
	err = memory_alloc(request->memory, size, &where, OWNER_STAGE, segment->name, &area->stage);
	if (err) {
		log_err("plan", "no memory to compose the %s in: size=%llu below 0x%llx", segment->name, size, where.max);
		return err;
	}
	area->size = size;
	area->data = arch_phys(area->stage, size);
	if (!area->data) {
		log_err("plan", "the %s would be composed at 0x%llx, out of this build's reach", segment->name,
			area->stage);
		return ERR_NO_ROOM;
	}
	memset(area->data, 0, (size_t)size);
	return ERR_OK;
}

enum err handover_plan(struct load_request *request, struct handover_area *area, struct plan_segment segment, u64 size)
{
	enum err err = stage(request, area, &segment, size);

	segment.source = area->stage;
	segment.file_size = size;
	segment.mem_size = segment.where == PLAN_FIXED ? size : align_up(size, PAGE_SIZE);
	segment.align = segment.where == PLAN_FIXED ? 1 : PAGE_SIZE;
	return err ? err : plan_add(request->plan, &segment, &area->segment);
}

paddr_t handover_dest(const struct load_request *request, const struct handover_area *area)
{
	return request->plan->segments[area->segment].dest;
}

void handover_release(struct load_request *request, const struct handover_area *area)
{
	if (area->size)
		memory_release(request->memory, area->stage);
}

enum err handover_plan_ramdisks(struct load_request *request, paddr_t max, u32 *first)
{
	paddr_t min = MIB(1);
	enum err err;

	if (!request->ramdisk_count)
		return ERR_OK;
	if ((err = handover_ramdisk_window(request, &min, &max)))
		return err;
	for (u32 i = 0; i < request->ramdisk_count; i++) {
		const struct blob *blob = &request->ramdisks[i].blob;
		bool last = i + 1 == request->ramdisk_count;
		struct plan_segment segment = {
			.name = blob->name, .source = blob->paddr, .file_size = blob->size,
			.where = i ? PLAN_FOLLOW : PLAN_TOP, .min = min, .max = max, .align = PAGE_SIZE,
		};

		if (!blob->size || !align_up_checked(blob->size, PAGE_SIZE, &segment.mem_size)) {
			log_err("plan", "%s: a ramdisk of %llu bytes", blob->name, blob->size);
			return ERR_VALUE;
		}
		segment.zero_size = last ? 0 : segment.mem_size - segment.file_size;
		err = plan_add(request->plan, &segment, i ? NULL : first);
		if (err)
			return err;
	}
	return ERR_OK;
}

void handover_find_ramdisks(const struct load_request *request, u32 first, paddr_t *start, u64 *size)
{
	const struct plan_segment *segments = request->plan->segments + first, *last;

	*start = *size = 0;
	if (!request->ramdisk_count)
		return;
	last = segments + request->ramdisk_count - 1;
	*start = segments->dest;
	*size = last->dest + last->file_size - *start;
}

u32 handover_ramdisk_crc(const struct load_request *request)
{
	u32 crc = 0;

	for (u32 i = 0; i < request->ramdisk_count; i++) {
		const struct blob *blob = &request->ramdisks[i].blob;
		bool last = i + 1 == request->ramdisk_count;

		crc = record_crc32_join(crc, record_crc32(blob->data, blob->size), blob->size);
		if (!last)
			crc = record_crc32_zeros(crc, align_up(blob->size, PAGE_SIZE) - blob->size);
	}
	return crc;
}

/* Claims that are still to come when a loader plans: staging, control pages, lists, more heap. */
#define LATER_CLAIMS 32u

u32 handover_map_growth(const struct load_request *request)
{
	u32 claims = request->memory->claim_count + LATER_CLAIMS;

	return HANDOVER_MAP_EXTRA + (request->comes_back ? 2 * claims : 0);
}

enum err handover_find_ours(const struct load_request *request, struct rangeset *ours)
{
	enum err err = request->comes_back ? jumpback_find_ours(request->memory, ours) : ERR_OK;

	for (u32 i = 0; i < request->kept_count && !err; i++)
		err = rangeset_add(ours, request->kept[i].start, request->kept[i].end);
	return err;
}

enum err handover_copy_map(const struct load_request *request, struct memmap *map)
{
	enum err err = memmap_copy(map, &request->memory->map);
	struct rangeset ours;

	rangeset_init(&ours);
	if (!err)
		err = handover_find_ours(request, &ours);
	for (u32 i = 0; i < ours.count && !err; i++)
		err = memmap_mark(map, ours.items[i].start, ours.items[i].end, MEM_RESERVED);
	/* Linux maps memory of this type in the tables with which it jumps (machine_kexec_64.c, map_acpi_tables), reserved memory not. */
	if (!err && request->comes_back)
		err = memmap_mark(map, request->way_back.start, request->way_back.end, MEM_NVS);
	rangeset_free(&ours);
	return err;
}
