/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the firmware and the boot loader before us set up and the kernel goes on using: EFI, the screen. */
#include "linux.h"

#include <string.h>

#include "log.h"

/* UEFI 2.9, 7.2: the fields of a descriptor, which firmware may lengthen. */
#define EFI_DESCRIPTOR_MIN 40u

/* Without the memory map, or with boot services still running, the kernel could not use the tables. */
static bool has_efi(const struct bootinfo *info)
{
	return (info->has_efi64_table || info->has_efi32_table) && info->efi_table && info->efi_map.data &&
	       info->efi_map.size && info->efi_desc_size >= EFI_DESCRIPTOR_MIN && !info->efi_boot_services;
}

/*
 * The map lies in the boot information, in memory that the kernel is told is free: it gets a copy in a place of its
 * own.
 */
enum err linux_plan_efi(struct load_request *request)
{
	struct linux_state *state = linux_state(request);
	const struct bootinfo *info = request->info;
	enum err err;

	if (!has_efi(info) || state->mode == ENTRY_REAL)
		return ERR_OK;
	if (state->header.version < 0x208) {
		log_info("linux", "%s: EFI run-time services need boot protocol 2.08", request->kernel.blob.name);
		return ERR_OK;
	}
	err = linux_plan_area(request, &state->efi_map, "EFI map", info->efi_map.size);
	if (!err)
		memcpy(state->efi_map.data, info->efi_map.data, info->efi_map.size);
	return err;
}

void linux_finish_efi(const struct load_request *request, u8 *zero_page)
{
	const struct linux_state *state = linux_state(request);
	const struct bootinfo *info = request->info;
	paddr_t map;

	if (!state->efi_map.size)
		return;
	map = handover_dest(request, &state->efi_map);
	memcpy(zero_page + ZP_EFI_SIGNATURE, info->has_efi64_table ? "EL64" : "EL32", 4);
	handover_put(zero_page, ZP_EFI_SYSTAB, 4, info->efi_table);
	handover_put(zero_page, ZP_EFI_SYSTAB_HI, 4, info->efi_table >> 32);
	handover_put(zero_page, ZP_EFI_DESC_SIZE, 4, info->efi_desc_size);
	handover_put(zero_page, ZP_EFI_DESC_VERSION, 4, info->efi_desc_version);
	handover_put(zero_page, ZP_EFI_MAP, 4, map);
	handover_put(zero_page, ZP_EFI_MAP_HI, 4, map >> 32);
	handover_put(zero_page, ZP_EFI_MAP_SIZE, 4, info->efi_map.size);
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
