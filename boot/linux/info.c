/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The multiboot2 information (Multiboot2 Specification 2.0, 3.6) out of what a Linux loader hands over. */
#include <string.h>

#include "arch.h"
#include "fmt.h"
#include "linux.h"
#include "linuxtag.h"
#include "log.h"
#include "stub.h"

#define TAG_ALIGN 8
#define TAG_HEADER 8
#define MMAP_ENTRY 24
#define TEXT_AT 0xb8000
#define HDR_EXT_LOADER_TYPE 0x227
#define LOADER_EXTENDED 0xe
#define EFI_DESC_MIN 40
#define EFI_DESC_MAX 4096

enum {
	TAG_END = 0,
	TAG_COMMAND_LINE = 1,
	TAG_LOADER = 2,
	TAG_BASIC_MEMORY = 4,
	TAG_MMAP = 6,
	TAG_FRAMEBUFFER = 8,
	TAG_EFI32 = 11,
	TAG_EFI64 = 12,
	TAG_EFI_MAP = 17
};

struct info {
	u8 *data;
	u32 size, capacity;
	u32 tag;			/* where the open one begins */
	bool full;
	paddr_t paddr;
};

static void put(struct info *info, const void *bytes, u32 size)
{
	if (info->capacity - info->size < size) {
		info->full = true;
		return;
	}
	memcpy(info->data + info->size, bytes, size);
	info->size += size;
}

static void put_number(struct info *info, u64 value, u32 size)
{
	put(info, &value, size);
}

static void align(struct info *info)
{
	static const u8 zeroes[TAG_ALIGN];

	put(info, zeroes, -info->size % TAG_ALIGN);
}

/* At an offset where something has been put already. */
static void change(struct info *info, u32 at, u64 value, u32 size)
{
	if (!info->full)
		memcpy(info->data + at, &value, size);
}

static void begin(struct info *info, u32 type)
{
	align(info);
	info->tag = info->size;
	put_number(info, type, 4);
	put_number(info, 0, 4);
}

static void end(struct info *info)
{
	change(info, info->tag + 4, info->size - info->tag, 4);
}

static void put_blob(struct info *info, u32 type, const void *bytes, u32 size)
{
	begin(info, type);
	put(info, bytes, size);
	end(info);
}

static void put_text(struct info *info, u32 type, const char *text)
{
	put_blob(info, type, text, (u32)strlen(text) + 1);
}

/* boot.rst, "type_of_loader". */
static void put_loader(struct info *info, const struct params *params)
{
	static const char names[][12] = {
		"LILO", "Loadlin", "bootsect", "SYSLINUX", "iPXE", "ELILO", "", "GRUB", "U-Boot", "Xen", "Gujin",
		"QEMU", "Arcturus", "kexec",
	};
	u8 type = params->zero_page[HDR_TYPE_OF_LOADER], kind = type >> 4;
	char text[48];

	if (kind < ARRAY_COUNT(names) && *names[kind])
		fmt_snprintf(text, sizeof(text), "%s (Linux boot protocol)", names[kind]);
	else
		fmt_snprintf(text, sizeof(text), "loader 0x%x (Linux boot protocol)",
			     kind == LOADER_EXTENDED ? 0x10 + params->zero_page[HDR_EXT_LOADER_TYPE] : kind);
	put_text(info, TAG_LOADER, text);
}

static void put_memory(struct info *info, const struct params *params)
{
	struct params_walk walk = { .node = params->setup_data };
	paddr_t lower = 0, upper = MIB(1);
	struct params_e820 e;

	begin(info, TAG_MMAP);
	put_number(info, MMAP_ENTRY, 4);
	put_number(info, 0, 4);
	while (params_next_e820(params, &walk, &e)) {
		put_number(info, e.start, 8);
		put_number(info, e.end - e.start, 8);
		put_number(info, e.type, 8);
		if (e.type == MEM_USABLE && !e.start)
			lower = min_u64(e.end, KIB(640));
		if (e.type == MEM_USABLE && e.start <= MIB(1))
			upper = max_u64(upper, e.end);
	}
	end(info);
	begin(info, TAG_BASIC_MEMORY);
	put_number(info, lower >> 10, 4);
	put_number(info, min_u64(upper - MIB(1), GIB(4) - MIB(1)) >> 10, 4);
	end(info);
}

static void put_framebuffer(struct info *info, u64 addr, u32 pitch, u32 width, u32 height, u32 depth_and_type)
{
	begin(info, TAG_FRAMEBUFFER);
	put_number(info, addr, 8);
	put_number(info, pitch, 4);
	put_number(info, width, 4);
	put_number(info, height, 4);
	put_number(info, depth_and_type, 4);
}

/* Linear modes with colours of their own, and text; nothing else has a form in multiboot2. */
static void put_screen(struct info *info, const struct params *params)
{
	const u8 *zp = params->zero_page;
	u32 columns = zp[ZP_SCREEN_COLUMNS], lines = zp[ZP_SCREEN_LINES], depth = zp[ZP_LFB_DEPTH];
	u8 type = zp[ZP_SCREEN_TYPE];
	u64 base = params_u32(params, ZP_LFB_BASE);

	if (type == SCREEN_TYPE_TEXT && columns && lines) {
		put_framebuffer(info, TEXT_AT, 2 * columns, columns, lines, 2 << 8 | 16);
		end(info);
	}
	if ((type != SCREEN_TYPE_VLFB && type != SCREEN_TYPE_EFI) || depth < 15)
		return;
	if (zp[ZP_LFB_CAPABILITIES] & SCREEN_64BIT_BASE)
		base |= (u64)params_u32(params, ZP_LFB_EXT_BASE) << 32;
	put_framebuffer(info, base, params_u32(params, ZP_LFB_PITCH) & 0xffff,
			params_u32(params, ZP_LFB_WIDTH) & 0xffff, params_u32(params, ZP_LFB_HEIGHT) & 0xffff,
			1 << 8 | depth);
	/* Size and position of red, green, blue; multiboot2 has them the other way round. */
	for (u32 i = 0; i < 6; i++)
		put(info, zp + ZP_LFB_RED + (i ^ 1), 1);
	end(info);
}

static bool has_efi(const struct params *params, const char *signature)
{
	return !memcmp(params->zero_page + ZP_EFI_SIGNATURE, signature, 4);
}

/*
 * After a Linux that set virtual addresses EFI's table leads to those: no kernel can be given it as firmware left it.
 */
static void put_efi(struct info *info, const struct params *params)
{
	u32 desc_size = params_u32(params, ZP_EFI_DESC_SIZE), size = params_u32(params, ZP_EFI_MAP_SIZE);
	paddr_t map = params_halves(params, ZP_EFI_MAP, ZP_EFI_MAP_HI);
	bool is_wide = has_efi(params, "EL64");
	const void *bytes = size ? arch_phys(map, size) : NULL;

	if ((!is_wide && !has_efi(params, "EL32")) || params->efi_is_virtual)
		return;
	if (!bytes || desc_size < EFI_DESC_MIN || desc_size > EFI_DESC_MAX || desc_size % 8) {
		log_warn("linux", "EFI memory map at=0x%llx size=%u desc_size=%u cannot be read: EFI is not handed on",
			 map, size, desc_size);
		return;
	}
	begin(info, is_wide ? TAG_EFI64 : TAG_EFI32);
	put_number(info, params_halves(params, ZP_EFI_SYSTAB, ZP_EFI_SYSTAB_HI), is_wide ? 8 : 4);
	end(info);
	begin(info, TAG_EFI_MAP);
	put_number(info, desc_size, 4);
	put_number(info, params_u32(params, ZP_EFI_DESC_VERSION), 4);
	put(info, bytes, size);
	end(info);
}

/* A copy of each node, linked at the place `link` and on from there. E820's entries stand in the map already. */
static void put_nodes(struct info *info, const struct params *params, u32 link)
{
	struct params_node node;

	change(info, link, 0, 8);
	for (paddr_t at = params->setup_data; at; at = node.next) {
		node = params_node(at);
		if (node.type == SETUP_E820_EXT)
			continue;
		if (node.size > SETUP_NODE_MAX) {
			log_warn("linux", "setup_data: node at=0x%llx type=%u is not handed on: size=%u, limit %u",
				 at, node.type, node.size, SETUP_NODE_MAX);
			continue;
		}
		align(info);
		change(info, link, info->paddr + info->size, 8);
		link = info->size;
		put_number(info, 0, 8);
		put(info, node.data - 8, 8 + node.size);
	}
}

/* The RSDP is not looked at: a 64-bit loader need not have mapped it. The shim finds it where the tag says. */
static void put_linux(struct info *info, const struct params *params, const struct info_saved *saved)
{
	struct linux_tag tag = {
		.displaced_start = saved->start,
		.displaced_end = saved->end,
		.displaced_copy = saved->copy,
		.initrd_start = params->initrd_start,
		.initrd_end = params->initrd_end,
		.rsdp = params_u64(params, ZP_ACPI_RSDP),
	};
	u32 copy;

	if (has_efi(params, "EL64") || has_efi(params, "EL32"))
		tag.flags |= LINUX_TAG_EFI;
	begin(info, TAG_LINUX);
	tag.boot_params = info->paddr + info->size + sizeof(tag);
	put(info, &tag, sizeof(tag));
	copy = info->size;
	put(info, params->zero_page, ZP_SIZE);
	put_nodes(info, params, copy + HDR_SETUP_DATA);
	end(info);
}

enum err info_build(const struct params *params, const struct info_saved *saved, u8 *data, u32 capacity, paddr_t paddr)
{
	struct info info = { .data = data, .capacity = capacity, .paddr = paddr };

	put_number(&info, 0, 8);
	put_text(&info, TAG_COMMAND_LINE, params->command_line);
	put_loader(&info, params);
	put_memory(&info, params);
	put_screen(&info, params);
	put_efi(&info, params);
	put_linux(&info, params, saved);
	begin(&info, TAG_END);
	end(&info);
	change(&info, 0, info.size, 4);
	if (info.full) {
		log_err("linux", "what the loader hands over does not fit in %u bytes", capacity);
		return ERR_NO_ROOM;
	}
	return ERR_OK;
}
