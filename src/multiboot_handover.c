/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Modules, the block of information and the entry state: what both formats hand over in the same way. */
#include "multiboot.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "log.h"
#include "video.h"

/* Entries have 24 bytes. */
#define MAP_SLACK (24u * HANDOVER_MAP_EXTRA)
#define LOWER_MAX_KIB 640u

u8 *multiboot_reserve(struct multiboot_tray *tray, u64 size, u32 align)
{
	u64 at = align_up(tray->at, align);

	tray->at = at + size;
	return tray->data && tray->at <= tray->size ? tray->data + at : NULL;
}

void multiboot_put(u8 *at, u32 offset, u32 bytes, u64 value)
{
	for (u32 i = 0; at && i < bytes; i++)
		at[offset + i] = (u8)(value >> (8 * i));
}

paddr_t multiboot_next(const struct multiboot_tray *tray, u32 align)
{
	return tray->base + align_up(tray->at, align);
}

paddr_t multiboot_append(struct multiboot_tray *tray, const void *data, u64 size, u32 align)
{
	paddr_t dest = multiboot_next(tray, align);
	u8 *to = multiboot_reserve(tray, size, align);

	if (to && size)
		memcpy(to, data, (size_t)size);
	return dest;
}

paddr_t multiboot_append_text(struct multiboot_tray *tray, const char *text)
{
	return multiboot_append(tray, text, strlen(text) + 1, 1);
}

/* Multiboot kernels are entered in flat protected mode without paging, whatever they are (3.2; format 2: 3.3). */
static enum err check_mode(const struct load_request *request)
{
	const struct manifest_config *config = request->config;
	const char *area = multiboot_state(request)->area, *why = "";

	if (config->has_mode && config->mode != ENTRY_PROTECTED) {
		log_err(area, "%s: trapeze,mode=%s: multiboot kernels are entered in protected mode",
			request->kernel.blob.name, plan_mode_name(config->mode));
		return ERR_UNSUPPORTED;
	}
	if (arch_can_enter(ENTRY_PROTECTED, &why))
		return ERR_OK;
	log_err(area, "%s: %s", request->kernel.blob.name, why);
	return ERR_PROCESSOR;
}

enum err multiboot_open(struct load_request *request, const char *area)
{
	struct multiboot_state *state = calloc(1, sizeof(*state));

	request->state = state;
	if (!state) {
		log_err(area, "%s: no heap for the loader's state", request->kernel.blob.name);
		return ERR_MEMORY;
	}
	state->area = area;
	if (request->ramdisk_count)
		log_warn(area, "%s: multiboot has no ramdisks, the %u are left out; trapeze,modules gives modules",
			 request->kernel.blob.name, request->ramdisk_count);
	return check_mode(request);
}

/*
 * Kernels map their own neighbourhood first, so what they are given follows them where there is room, as with GRUB;
 * with little memory behind the kernel it goes to wherever there is some.
 */
static paddr_t lowest_place(const struct load_request *request)
{
	const struct multiboot_state *state = multiboot_state(request);
	paddr_t min = max_u64(MIB(1), align_up(state->link_end, PAGE_SIZE));
	u64 wanted = MIB(1), found = 0;

	if (state->header.relocatable)
		return MIB(1);
	for (u32 i = 0; i < request->module_count; i++)
		wanted += align_up(request->modules[i].blob.size, PAGE_SIZE);
	for (u32 i = 0; i < request->memory->map.count; i++) {
		const struct mem_range *range = &request->memory->map.ranges[i];
		paddr_t start = max_u64(range->start, min), end = min_u64(range->end, GIB(4));

		if (range->type == MEM_USABLE && start < end)
			found = max_u64(found, end - start);
	}
	return found >= wanted ? min : MIB(1);
}

static enum err plan_modules(struct load_request *request, paddr_t min)
{
	multiboot_state(request)->first_module = request->plan->segment_count;
	for (u32 i = 0; i < request->module_count; i++) {
		const struct blob *blob = &request->modules[i].blob;
		u64 size = align_up(blob->size, PAGE_SIZE);
		const struct plan_segment segment = {
			.name = blob->name,
			.source = blob->paddr,
			.file_size = blob->size,
			.zero_size = size - blob->size,
			.mem_size = size,
			.where = PLAN_BOTTOM,
			.min = min,
			.max = GIB(4),
			.align = PAGE_SIZE,
			.preferred = blob->paddr & PAGE_MASK || blob->paddr < min ? 0 : blob->paddr,
		};
		enum err err = plan_add(request->plan, &segment, NULL);

		if (err)
			return err;
	}
	return ERR_OK;
}

static enum err plan_info(struct load_request *request, multiboot_writer *write, paddr_t min)
{
	struct multiboot_state *state = multiboot_state(request);
	struct multiboot_tray tray = { .map = &request->memory->map };
	struct memory_where where = { .max = min_u64(GIB(4), arch_phys_limit()) };
	struct plan_segment segment = {
		.name = "boot information", .where = PLAN_BOTTOM, .min = min, .max = GIB(4), .align = PAGE_SIZE,
	};
	enum err err;

	write(request, &tray);
	state->info_size = tray.at + MAP_SLACK + multiboot2_efi_slack(request->info);
	err = memory_alloc(request->memory, state->info_size, &where, OWNER_STAGE, "boot information",
			   &state->info_stage);
	state->info = err ? NULL : arch_phys(state->info_stage, state->info_size);
	if (!state->info) {
		log_err(state->area, "%s: no memory to compose the information in: size=%llu below 0x%llx",
			request->kernel.blob.name, state->info_size, where.max);
		return err ? err : ERR_NO_ROOM;
	}
	segment.source = state->info_stage;
	segment.file_size = state->info_size;
	segment.mem_size = align_up(state->info_size, PAGE_SIZE);
	return plan_add(request->plan, &segment, &state->info_segment);
}

enum err multiboot_plan_handover(struct load_request *request, multiboot_writer *write)
{
	paddr_t min = lowest_place(request);
	enum err err = multiboot_plan_sections(request);

	if (!err)
		err = plan_modules(request, min);
	return err ? err : plan_info(request, write, min);
}

static enum err write_block(struct load_request *request, multiboot_writer *write, struct memmap *map)
{
	struct multiboot_state *state = multiboot_state(request);
	struct multiboot_tray tray = {
		.data = state->info,
		.size = state->info_size,
		.base = request->plan->segments[state->info_segment].dest,
		.map = map,
	};
	enum err err = handover_copy_map(request, map);

	if (err)
		return err;
	memset(state->info, 0, (size_t)state->info_size);
	write(request, &tray);
	if (tray.at <= tray.size)
		return ERR_OK;
	log_err(state->area, "%s: the information takes %llu bytes, %llu were planned", request->kernel.blob.name,
		tray.at,
		tray.size);
	return ERR_NO_ROOM;
}

enum err multiboot_finish(struct load_request *request, multiboot_writer *write, u32 magic)
{
	const struct multiboot_state *state = multiboot_state(request);
	struct memmap map;
	enum err err;

	memmap_init(&map);
	err = write_block(request, write, &map);
	memmap_free(&map);
	request->plan->entry = (struct entry_state){
		.mode = ENTRY_PROTECTED,
		.ip = state->entry + multiboot_delta(request),
		.ax = magic,
		.bx = request->plan->segments[state->info_segment].dest,
	};
	return err;
}

void multiboot_release(struct load_request *request)
{
	struct multiboot_state *state = multiboot_state(request);

	if (!state)
		return;
	if (state->image_stage)
		memory_release(request->memory, state->image_stage);
	if (state->info_stage)
		memory_release(request->memory, state->info_stage);
	free(state->pieces);
	free(state);
	request->state = NULL;
}

const char *multiboot_module_text(const struct load_request *request, u32 index)
{
	const struct manifest_image *image = request->modules[index].image;

	return image && image->bootargs ? image->bootargs : "";
}

const struct plan_segment *multiboot_module(const struct load_request *request, u32 index)
{
	return &request->plan->segments[multiboot_state(request)->first_module + index];
}

void multiboot_memory_sizes(const struct memmap *map, u32 *lower, u32 *upper)
{
	*lower = *upper = 0;
	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *range = &map->ranges[i];

		if (range->type != MEM_USABLE)
			continue;
		if (!range->start)
			*lower = (u32)min_u64(range->end >> 10, LOWER_MAX_KIB);
		if (range->start <= MIB(1) && range->end > MIB(1))
			*upper = (u32)min_u64((range->end - MIB(1)) >> 10, UINT32_MAX);
	}
}

u32 multiboot_memory_type(u32 type)
{
	return type >= MEM_USABLE && type <= MEM_BAD ? type : MEM_RESERVED;
}

enum err multiboot_check_screen(struct load_request *request)
{
	const struct multiboot_header *h = &multiboot_state(request)->header;
	const struct boot_framebuffer *fb;
	const char *area = multiboot_state(request)->area, *name = request->kernel.blob.name;
	bool is_text;

	if (h->wants_screen && !h->wants_text)
		video_wish(request, name, &(struct video_wish){ .width = h->width, .height = h->height, .depth = h->depth });
	fb = &request->info->framebuffer;
	is_text = fb->type == 2;
	if (h->needs_console && !fb->present) {
		log_err(area, "%s: requires a console, and the boot loader before us gave no screen", name);
		return ERR_UNSUPPORTED;
	}
	if (!h->wants_screen || (fb->present && is_text == h->wants_text && (!h->width || h->width == fb->width) &&
				 (!h->height || h->height == fb->height) &&
				 (!h->depth || is_text || h->depth == fb->bpp)))
		return ERR_OK;
	log_info(area, "%s: prefers a %s screen of %ux%u, %u bits; it stays as it is: %s %ux%u, %u bits", name,
		 h->wants_text ? "text" : "graphics", h->width, h->height, h->depth,
		 !fb->present ? "none" : is_text ? "text" : "graphics", fb->width, fb->height, fb->bpp);
	return ERR_OK;
}
