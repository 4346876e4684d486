/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the firmware and the boot loader before us set up and the kernel goes on using: EFI, the screen. */
#include "linux.h"

#include <string.h>

#include "log.h"

/* UEFI 2.9, 7.2 EFI_MEMORY_DESCRIPTOR: its fields, which firmware may lengthen. */
#define EFI_DESCRIPTOR_MIN 40u
#define DESCRIPTOR_START 8
#define DESCRIPTOR_VIRTUAL 16
#define DESCRIPTOR_PAGES 24
#define DESCRIPTOR_ATTRIBUTES 32
#define EFI_BOOT_SERVICES_CODE 3u
#define EFI_BOOT_SERVICES_DATA 4u
#define EFI_MEMORY_RUNTIME (1ull << 63)

/* Without the memory map, or with boot services still running, the kernel could not use the tables. */
static bool has_efi(const struct bootinfo *info)
{
	return (info->has_efi64_table || info->has_efi32_table) && info->efi_table && info->efi_map.data &&
	       info->efi_map.size && info->efi_desc_size >= EFI_DESCRIPTOR_MIN && !info->efi_boot_services;
}

/* Something lies in memory that the kernel must not take, wherever it looks. */
static bool has_lodgers(const struct load_request *request)
{
	return request->comes_back || (request->config->keep_recorder && !request->config->kho);
}

/*
 * The map lies in the boot information, in memory that the kernel is told is free: it gets a copy in a place of its
 * own.
 */
enum err linux_plan_efi(struct load_request *request)
{
	struct linux_state *state = linux_state(request);
	const struct bootinfo *info = request->info;
	u64 more = has_lodgers(request) ? handover_map_growth(request) : 2ull * state->kho.preserved_max;

	if (!has_efi(info) || state->mode == ENTRY_REAL)
		return ERR_OK;
	if (state->header.version < 0x208) {
		log_info("linux", "%s: EFI run-time services need boot protocol 2.08", request->kernel.blob.name);
		return ERR_OK;
	}
	return linux_plan_area(request, &state->efi_map, "EFI map", info->efi_map.size + more * info->efi_desc_size);
}

/* The lowest of what is preserved that [start, end) meets, or NULL. */
static const struct kept_range *first_preserved(const struct kho *kho, paddr_t start, paddr_t end)
{
	const struct kept_range *first = NULL;

	for (u32 i = 0; i < kho->preserved_count; i++) {
		const struct kept_range *range = &kho->preserved[i];

		if (ranges_overlap(start, end, range->start, range->end) && (!first || range->start < first->start))
			first = range;
	}
	return first;
}

/* A part of the descriptor at `from`. Returns what is behind it. */
static u8 *put_piece(u8 *to, const u8 *from, u32 size, paddr_t start, paddr_t end, u64 attributes)
{
	u64 virtual = handover_get(from, DESCRIPTOR_VIRTUAL, 8);

	memcpy(to, from, size);
	handover_put(to, DESCRIPTOR_VIRTUAL, 8, virtual ? virtual + (start - handover_get(from, DESCRIPTOR_START, 8)) : 0);
	handover_put(to, DESCRIPTOR_START, 8, start);
	handover_put(to, DESCRIPTOR_PAGES, 8, (end - start) >> PAGE_SHIFT);
	handover_put(to, DESCRIPTOR_ATTRIBUTES, 8, handover_get(from, DESCRIPTOR_ATTRIBUTES, 8) | attributes);
	return to + size;
}

/*
 * Linux takes memory of boot services for itself once it runs, whatever a handover says of it. It leaves alone what is marked
 * as in use at run time, which is how it keeps such memory itself (arch/x86/platform/efi/quirks.c, efi_arch_mem_reserve).
 */
static u8 *put_descriptor(const struct kho *kho, u8 *to, const u8 *from, u32 size)
{
	u32 type = (u32)handover_get(from, 0, 4);
	paddr_t start = handover_get(from, DESCRIPTOR_START, 8), end;
	u64 pages = handover_get(from, DESCRIPTOR_PAGES, 8);
	const struct kept_range *kept;

	if ((type != EFI_BOOT_SERVICES_CODE && type != EFI_BOOT_SERVICES_DATA) || pages > PADDR_LIMIT >> PAGE_SHIFT ||
	    __builtin_add_overflow(start, pages << PAGE_SHIFT, &end) || !first_preserved(kho, start, end)) {
		memcpy(to, from, size);
		return to + size;
	}
	while ((kept = first_preserved(kho, start, end))) {
		paddr_t kept_start = max_u64(kept->start, start), kept_end = min_u64(kept->end, end);

		if (start < kept_start)
			to = put_piece(to, from, size, start, kept_start, 0);
		to = put_piece(to, from, size, kept_start, kept_end, EFI_MEMORY_RUNTIME);
		start = kept_end;
	}
	return start < end ? put_piece(to, from, size, start, end, 0) : to;
}

/* Returns its size. */
static u32 put_efi_map(const struct load_request *request)
{
	const struct linux_state *state = linux_state(request);
	const struct boot_blob *map = &request->info->efi_map;
	u32 size = request->info->efi_desc_size;
	u8 *to = state->efi_map.data;

	for (u32 at = 0; map->size - at >= size; at += size)
		to = put_descriptor(&state->kho, to, (const u8 *)map->data + at, size);
	return (u32)(to - state->efi_map.data);
}

enum err linux_finish_efi(const struct load_request *request, u8 *zero_page)
{
	const struct linux_state *state = linux_state(request);
	const struct bootinfo *info = request->info;
	enum err err = ERR_OK;
	paddr_t map;
	u64 size;

	if (!state->efi_map.size)
		return ERR_OK;
	if (has_lodgers(request))
		err = linux_finish_efi_map(request, &size);
	else
		size = put_efi_map(request);
	map = handover_dest(request, &state->efi_map);
	memcpy(zero_page + ZP_EFI_SIGNATURE, info->has_efi64_table ? "EL64" : "EL32", 4);
	handover_put(zero_page, ZP_EFI_SYSTAB, 4, info->efi_table);
	handover_put(zero_page, ZP_EFI_SYSTAB_HI, 4, info->efi_table >> 32);
	handover_put(zero_page, ZP_EFI_DESC_SIZE, 4, info->efi_desc_size);
	handover_put(zero_page, ZP_EFI_DESC_VERSION, 4, info->efi_desc_version);
	handover_put(zero_page, ZP_EFI_MAP, 4, map);
	handover_put(zero_page, ZP_EFI_MAP_HI, 4, map >> 32);
	handover_put(zero_page, ZP_EFI_MAP_SIZE, 4, size);
	return err;
}

static void put_text_screen(const struct boot_framebuffer *fb, u8 *zero_page)
{
	handover_put(zero_page, ZP_SCREEN_TYPE, 1, SCREEN_TYPE_TEXT);
	handover_put(zero_page, ZP_SCREEN_MODE, 1, 3);
	handover_put(zero_page, ZP_SCREEN_COLUMNS, 1, fb->width);
	handover_put(zero_page, ZP_SCREEN_LINES, 1, fb->height);
	handover_put(zero_page, ZP_SCREEN_POINTS, 2, 16);	/* the height of VGA's own font */
}

/* The bits of a pixel that no colour uses: their number, and the lowest of them. */
static void unused_bits(const struct boot_framebuffer *fb, u8 *size, u8 *position)
{
	u64 used = ((1ull << fb->red_size) - 1) << fb->red_pos | ((1ull << fb->green_size) - 1) << fb->green_pos |
		   ((1ull << fb->blue_size) - 1) << fb->blue_pos;

	*size = *position = 0;
	for (u8 bit = 0; bit < fb->bpp; bit++) {
		if (used >> bit & 1)
			continue;
		if (!*size)
			*position = bit;
		++*size;
	}
}

static void put_colours(const struct boot_framebuffer *fb, u8 *zero_page)
{
	u8 colours[8] = { fb->red_size, fb->red_pos, fb->green_size, fb->green_pos, fb->blue_size, fb->blue_pos };
	/* A palette: vesafb takes the width of the DAC from here, and VGA's has six bits. */
	static const u8 palette[8] = { 6, 0, 6, 0, 6, 0 };

	unused_bits(fb, &colours[6], &colours[7]);
	memcpy(zero_page + ZP_LFB_RED, fb->type == 1 ? colours : palette, sizeof(colours));
}

static void put_linear_screen(const struct boot_framebuffer *fb, bool efi, u8 *zero_page)
{
	u64 size = align_up((u64)fb->pitch * fb->height, KIB(64));

	handover_put(zero_page, ZP_SCREEN_TYPE, 1, efi ? SCREEN_TYPE_EFI : SCREEN_TYPE_VLFB);
	handover_put(zero_page, ZP_LFB_WIDTH, 2, fb->width);
	handover_put(zero_page, ZP_LFB_HEIGHT, 2, fb->height);
	handover_put(zero_page, ZP_LFB_DEPTH, 2, fb->bpp);
	handover_put(zero_page, ZP_LFB_PITCH, 2, fb->pitch);
	handover_put(zero_page, ZP_LFB_BASE, 4, fb->addr);
	handover_put(zero_page, ZP_LFB_SIZE, 4, efi ? size : size >> 16);
	put_colours(fb, zero_page);
	if (fb->addr >> 32) {
		handover_put(zero_page, ZP_LFB_EXT_BASE, 4, fb->addr >> 32);
		handover_put(zero_page, ZP_LFB_CAPABILITIES, 4, SCREEN_64BIT_BASE);
	}
}

/* Do the numbers fit screen_info's fields, and do the colours lie within a pixel? */
static bool linear_screen_is_sane(const struct boot_framebuffer *fb)
{
	return fb->addr && fb->width <= 0xffff && fb->height <= 0xffff && fb->pitch <= 0xffff && fb->bpp &&
	       fb->bpp <= 32 && fb->red_size + fb->red_pos <= fb->bpp && fb->green_size + fb->green_pos <= fb->bpp &&
	       fb->blue_size + fb->blue_pos <= fb->bpp;
}

void linux_finish_screen(const struct load_request *request, u8 *zero_page)
{
	const struct boot_framebuffer *fb = &request->info->framebuffer;
	bool efi = request->info->has_efi64_table || request->info->has_efi32_table;

	if (!fb->present)
		return;
	if (fb->type == 2 && fb->width <= 0xff && fb->height <= 0xff)
		put_text_screen(fb, zero_page);
	else if (fb->type < 2 && linear_screen_is_sane(fb))
		put_linear_screen(fb, efi, zero_page);
	else
		log_warn("linux", "the screen is not handed over: type=%u %ux%u pitch=%u depth=%u addr=0x%llx",
			 fb->type, fb->width, fb->height, fb->pitch, fb->bpp, fb->addr);
}
