/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The information of format 2 (3.6): tags, each on a multiple of 8. What the boot loader before us gave is passed on as
 * it stands; ours are the strings, the modules, the memory map, the sections and the load base.
 */
#include <string.h>

#include "multiboot.h"

#define HEAD_SIZE 8u
#define TAG_HEAD 8u
#define MAP_ENTRY_SIZE 24u

enum tag_type {
	TAG_END = 0, TAG_CMDLINE = 1, TAG_LOADER = 2, TAG_MODULE = 3, TAG_MEMORY = 4, TAG_BOOT_DEVICE = 5,
	TAG_MAP = 6, TAG_VBE = 7, TAG_FRAMEBUFFER = 8, TAG_SECTIONS = 9, TAG_APM = 10, TAG_EFI32 = 11,
	TAG_EFI64 = 12, TAG_SMBIOS = 13, TAG_RSDP_1 = 14, TAG_RSDP_2 = 15, TAG_NETWORK = 16, TAG_EFI32_IMAGE = 19,
	TAG_EFI64_IMAGE = 20, TAG_LOAD_BASE = 21
};

/* A tag with room for `size` bytes: those, or NULL while the block is measured. */
static u8 *put_tag(struct multiboot_tray *tray, u32 type, u64 size)
{
	u8 *tag = multiboot_reserve(tray, TAG_HEAD + size, 8);

	multiboot_put(tag, 0, 4, type);
	multiboot_put(tag, 4, 4, TAG_HEAD + size);
	return tag ? tag + TAG_HEAD : NULL;
}

static void put_bytes(struct multiboot_tray *tray, u32 type, const void *data, u64 size)
{
	u8 *to = put_tag(tray, type, size);

	if (to)
		memcpy(to, data, (size_t)size);
}

static void put_blob(struct multiboot_tray *tray, u32 type, const struct boot_blob *blob)
{
	if (blob->data)
		put_bytes(tray, type, blob->data, blob->size);
}

static void put_modules(const struct load_request *request, struct multiboot_tray *tray)
{
	for (u32 i = 0; i < request->module_count; i++) {
		const char *text = multiboot_module_text(request, i);
		u8 *tag = put_tag(tray, TAG_MODULE, 8 + strlen(text) + 1);

		if (!tag)
			continue;
		multiboot_put(tag, 0, 4, multiboot_module(request, i)->dest);
		multiboot_put(tag, 4, 4, multiboot_module(request, i)->dest + multiboot_module(request, i)->file_size);
		memcpy(tag + 8, text, strlen(text) + 1);
	}
}

static void put_sections(const struct load_request *request, struct multiboot_tray *tray)
{
	const struct multiboot_sections *s = &multiboot_state(request)->sections;
	u8 *tag;

	if (!s->count)
		return;
	tag = put_tag(tray, TAG_SECTIONS, 12 + (u64)s->count * s->entry_size);
	multiboot_put(tag, 0, 4, s->count);
	multiboot_put(tag, 4, 4, s->entry_size);
	multiboot_put(tag, 8, 4, s->names);
	if (tag)
		multiboot_put_sections(request, tag + 12);
}

static void put_map(struct multiboot_tray *tray)
{
	const struct memmap *map = tray->map;
	u32 lower, upper;
	u8 *tag = put_tag(tray, TAG_MEMORY, 8);

	multiboot_memory_sizes(map, &lower, &upper);
	multiboot_put(tag, 0, 4, lower);
	multiboot_put(tag, 4, 4, upper);
	tag = put_tag(tray, TAG_MAP, 8 + (u64)map->count * MAP_ENTRY_SIZE);
	multiboot_put(tag, 0, 4, MAP_ENTRY_SIZE);
	for (u32 i = 0; tag && i < map->count; i++) {
		u8 *entry = tag + 8 + (size_t)i * MAP_ENTRY_SIZE;

		multiboot_put(entry, 0, 8, map->ranges[i].start);
		multiboot_put(entry, 8, 8, map->ranges[i].end - map->ranges[i].start);
		multiboot_put(entry, 16, 4, multiboot_memory_type(map->ranges[i].type));
	}
}

static void put_boot_device(const struct bootinfo *info, struct multiboot_tray *tray)
{
	u8 *tag;

	if (!info->has_boot_device)
		return;
	tag = put_tag(tray, TAG_BOOT_DEVICE, 12);
	multiboot_put(tag, 0, 4, info->boot_device);
	multiboot_put(tag, 4, 4, info->boot_partition);
	multiboot_put(tag, 8, 4, info->boot_sub_partition);
}

/* The colours of type 0 are counted with 32 bits here, as the specification has it. */
static void put_framebuffer(const struct boot_framebuffer *fb, struct multiboot_tray *tray)
{
	const u8 colours[] = { fb->red_pos, fb->red_size, fb->green_pos, fb->green_size, fb->blue_pos, fb->blue_size };
	u64 palette = 3ull * fb->palette_count;
	u8 *tag;

	if (!fb->present)
		return;
	tag = put_tag(tray, TAG_FRAMEBUFFER, 24 + (fb->type == 0 ? 4 + palette : fb->type == 1 ? sizeof(colours) : 0));
	multiboot_put(tag, 0, 8, fb->addr);
	multiboot_put(tag, 8, 4, fb->pitch);
	multiboot_put(tag, 12, 4, fb->width);
	multiboot_put(tag, 16, 4, fb->height);
	multiboot_put(tag, 20, 1, fb->bpp);
	multiboot_put(tag, 21, 1, fb->type);
	if (tag && fb->type == 0) {
		multiboot_put(tag, 24, 4, fb->palette_count);
		if (palette)
			memcpy(tag + 28, fb->palette, (size_t)palette);
	}
	if (tag && fb->type == 1)
		memcpy(tag + 24, colours, sizeof(colours));
}

static void put_efi(const struct load_request *request, struct multiboot_tray *tray)
{
	const struct bootinfo *info = request->info;

	if (info->has_efi32_table)
		multiboot_put(put_tag(tray, TAG_EFI32, 4), 0, 4, info->efi_table);
	if (info->has_efi64_table)
		multiboot_put(put_tag(tray, TAG_EFI64, 8), 0, 8, info->efi_table);
	if (info->has_efi_image && info->has_efi64_table)
		multiboot_put(put_tag(tray, TAG_EFI64_IMAGE, 8), 0, 8, info->efi_image);
	else if (info->has_efi_image)
		multiboot_put(put_tag(tray, TAG_EFI32_IMAGE, 4), 0, 4, info->efi_image);
	multiboot2_write_efi_map(request, tray);
}

static void put_smbios(const struct bootinfo *info, struct multiboot_tray *tray)
{
	u8 *tag;

	if (!info->smbios.data)
		return;
	tag = put_tag(tray, TAG_SMBIOS, 8 + (u64)info->smbios.size);
	multiboot_put(tag, 0, 1, info->smbios_major);
	multiboot_put(tag, 1, 1, info->smbios_minor);
	if (tag)
		memcpy(tag + 8, info->smbios.data, info->smbios.size);
}

static paddr_t load_base(const struct load_request *request)
{
	return multiboot_state(request)->link_start + multiboot_delta(request);
}

void multiboot2_write(const struct load_request *request, struct multiboot_tray *tray)
{
	const struct bootinfo *info = request->info;
	u8 *head = multiboot_reserve(tray, HEAD_SIZE, 8), *tag = put_tag(tray, TAG_LOAD_BASE, 4);

	if (tag)
		multiboot_put(tag, 0, 4, load_base(request));
	put_bytes(tray, TAG_CMDLINE, request->bootargs, strlen(request->bootargs) + 1);
	put_bytes(tray, TAG_LOADER, MULTIBOOT_LOADER_NAME, sizeof(MULTIBOOT_LOADER_NAME));
	put_modules(request, tray);
	put_sections(request, tray);
	put_map(tray);
	put_boot_device(info, tray);
	put_blob(tray, TAG_APM, &info->apm);
	put_blob(tray, TAG_VBE, &info->vbe);
	put_framebuffer(&info->framebuffer, tray);
	put_blob(tray, TAG_RSDP_1, &info->rsdp_v1);
	put_blob(tray, TAG_RSDP_2, &info->rsdp_v2);
	put_smbios(info, tray);
	put_blob(tray, TAG_NETWORK, &info->network);
	put_efi(request, tray);
	put_tag(tray, TAG_END, 0);
	multiboot_put(head, 0, 4, tray->at);
}

static void record_map(const struct multiboot_record *r, const u8 *tag, u32 size)
{
	for (u32 at = 16; at + MAP_ENTRY_SIZE <= size; at += MAP_ENTRY_SIZE)
		record_line(&r->to, "mmap: 0x%llx 0x%llx %llu", handover_get(tag, at, 8),
			       handover_get(tag, at, 8) + handover_get(tag, at + 8, 8), handover_get(tag, at + 16, 4));
}

static void record_framebuffer(const struct multiboot_record *r, const u8 *tag)
{
	u64 type = handover_get(tag, 29, 1);

	record_line(&r->to, "framebuffer: addr=0x%llx pitch=%llu width=%llu height=%llu bpp=%llu type=%llu",
		       handover_get(tag, 8, 8), handover_get(tag, 16, 4), handover_get(tag, 20, 4),
		       handover_get(tag, 24, 4), handover_get(tag, 28, 1), type);
	if (type == 1)
		record_line(&r->to, "framebuffer: colours=0x%llx", handover_get(tag, 32, 6));
}

static void record_tag(const struct multiboot_record *r, const u8 *tag, u32 *module)
{
	u32 type = (u32)handover_get(tag, 0, 4), size = (u32)handover_get(tag, 4, 4);

	record_line(&r->to, "tag: %u size=%u crc32=0x%08x", type, size, record_crc32(tag, size));
	if (type == TAG_CMDLINE || type == TAG_LOADER) {
		record_text(&r->to, type == TAG_CMDLINE ? "cmdline" : "loader", (const char *)tag + 8);
	} else if (type == TAG_MODULE) {
		multiboot_record_module(r, (*module)++);
		record_text(&r->to, "module", (const char *)tag + 16);
	} else if (type == TAG_MEMORY) {
		record_line(&r->to, "memory: lower=%llu upper=%llu", handover_get(tag, 8, 4),
			       handover_get(tag, 12, 4));
	} else if (type == TAG_BOOT_DEVICE) {
		record_line(&r->to, "boot device: 0x%llx 0x%llx 0x%llx", handover_get(tag, 8, 4),
			       handover_get(tag, 12, 4), handover_get(tag, 16, 4));
	} else if (type == TAG_MAP) {
		record_map(r, tag, size);
	} else if (type == TAG_FRAMEBUFFER) {
		record_framebuffer(r, tag);
	} else if (type == TAG_SECTIONS) {
		record_line(&r->to, "sections: count=%llu size=%llu names=%llu", handover_get(tag, 8, 4),
			       handover_get(tag, 12, 4), handover_get(tag, 16, 4));
	} else if (type == TAG_LOAD_BASE) {
		record_line(&r->to, "load base: 0x%llx", handover_get(tag, 8, 4));
	}
}

void multiboot2_record(const struct load_request *request, const struct record *to)
{
	const struct multiboot_record r = { *to, request };
	const u8 *info = multiboot_state(request)->info;
	u32 size = (u32)handover_get(info, 0, 4), module = 0;

	record_line(&r.to, "multiboot2: size=%u reserved=0x%llx", size, handover_get(info, 4, 4));
	record_regs(&r.to, &request->plan->entry);
	for (u32 at = HEAD_SIZE; at < size; at += (u32)align_up(handover_get(info, at + 4, 4), 8))
		record_tag(&r, info + at, &module);
	record_line(to, "end");
}
