/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "bootinfo.h"

#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "log.h"

#define HEADER_SIZE 8
#define TAG_HEADER_SIZE 8
#define TAG_ALIGN 8
#define TAG_END 0
#define MMAP_ENTRY_MIN 24
#define EFI_DESC_MIN 40
#define RSDP_V1_SIZE 20
#define RSDP_V2_SIZE 36

/* A tag's payload is in `c`; false: it does not fit its kind. */
typedef bool tag_function(struct bootinfo *info, struct cursor *c);

static struct boot_blob rest(struct cursor *c)
{
	struct boot_blob blob = { .size = (u32)cursor_left(c) };

	blob.data = cursor_bytes(c, blob.size);
	return blob;
}

static bool tag_command_line(struct bootinfo *info, struct cursor *c)
{
	const char *text = cursor_string(c);

	if (text)
		info->command_line = text;
	log_debug("multiboot2", "command line \"%s\"", info->command_line);
	return text;
}

static bool tag_loader_name(struct bootinfo *info, struct cursor *c)
{
	const char *text = cursor_string(c);

	if (text)
		info->loader_name = text;
	log_debug("multiboot2", "loader name \"%s\"", info->loader_name);
	return text;
}

static bool tag_module(struct bootinfo *info, struct cursor *c)
{
	struct boot_module module;

	module.start = cursor_u32(c);
	module.end = cursor_u32(c);
	module.string = cursor_string(c);
	if (c->failed)
		return false;
	log_debug("multiboot2", "module 0x%llx..0x%llx \"%s\"", module.start, module.end, module.string);
	info->modules[info->module_count++] = module;
	return true;
}

static bool tag_basic_memory(struct bootinfo *info, struct cursor *c)
{
	info->mem_lower_kib = cursor_u32(c);
	info->mem_upper_kib = cursor_u32(c);
	info->has_basic_memory = !c->failed;
	log_debug("multiboot2", "basic memory lower=%u upper=%u unit=KiB", info->mem_lower_kib, info->mem_upper_kib);
	return !c->failed;
}

static bool tag_boot_device(struct bootinfo *info, struct cursor *c)
{
	info->boot_device = cursor_u32(c);
	info->boot_partition = cursor_u32(c);
	info->boot_sub_partition = cursor_u32(c);
	info->has_boot_device = !c->failed;
	log_debug("multiboot2", "BIOS boot device 0x%x partition=0x%x sub=0x%x", info->boot_device, info->boot_partition,
		  info->boot_sub_partition);
	return !c->failed;
}

static bool tag_mmap(struct bootinfo *info, struct cursor *c)
{
	u32 entry_size = cursor_u32(c);
	u32 version = cursor_u32(c);

	if (c->failed || entry_size < MMAP_ENTRY_MIN || entry_size % TAG_ALIGN) {
		log_err("multiboot2", "memory map entry_size=%u: at least %u and a multiple of %u expected", entry_size,
			MMAP_ENTRY_MIN, TAG_ALIGN);
		return false;
	}
	info->mmap_entry_size = entry_size;
	info->mmap_version = version;
	info->mmap = rest(c);
	log_debug("multiboot2", "memory map entries=%u entry_size=%u version=%u", info->mmap.size / entry_size, entry_size, version);
	return true;
}

static bool tag_vbe(struct bootinfo *info, struct cursor *c)
{
	info->vbe = rest(c);
	log_debug("multiboot2", "VBE bytes=%u", info->vbe.size);
	return true;
}

static void read_colours(struct boot_framebuffer *fb, struct cursor *c)
{
	if (fb->type == 0) {
		fb->palette_count = cursor_u32(c);
		if (fb->palette_count > cursor_left(c) / 3)
			c->failed = true;
		else
			fb->palette = cursor_bytes(c, 3 * (u64)fb->palette_count);
	} else if (fb->type == 1) {
		fb->red_pos = cursor_u8(c);
		fb->red_size = cursor_u8(c);
		fb->green_pos = cursor_u8(c);
		fb->green_size = cursor_u8(c);
		fb->blue_pos = cursor_u8(c);
		fb->blue_size = cursor_u8(c);
	}
}

static bool tag_framebuffer(struct bootinfo *info, struct cursor *c)
{
	struct boot_framebuffer fb = { 0 };

	fb.addr = cursor_u64(c);
	fb.pitch = cursor_u32(c);
	fb.width = cursor_u32(c);
	fb.height = cursor_u32(c);
	fb.bpp = cursor_u8(c);
	fb.type = cursor_u8(c);
	cursor_skip(c, 2);
	if (!c->failed)
		read_colours(&fb, c);
	if (c->failed)
		return false;
	fb.present = true;
	info->framebuffer = fb;
	log_debug("multiboot2", "framebuffer 0x%llx %ux%ux%u pitch=%u type=%u", fb.addr, fb.width, fb.height, fb.bpp, fb.pitch, fb.type);
	return true;
}

static bool tag_elf_sections(struct bootinfo *info, struct cursor *c)
{
	info->elf_section_count = cursor_u32(c);
	info->elf_section_size = cursor_u32(c);
	info->elf_section_names = cursor_u32(c);
	if (c->failed || (u64)info->elf_section_count * info->elf_section_size > cursor_left(c)) {
		info->elf_section_count = 0;
		return false;
	}
	info->elf_sections = rest(c);
	log_debug("multiboot2", "ELF sections count=%u size=%u names=%u", info->elf_section_count, info->elf_section_size,
		  info->elf_section_names);
	return true;
}

static bool tag_apm(struct bootinfo *info, struct cursor *c)
{
	info->apm = rest(c);
	log_debug("multiboot2", "APM bytes=%u", info->apm.size);
	return info->apm.size >= 20;
}

static bool tag_efi32(struct bootinfo *info, struct cursor *c)
{
	u32 table = cursor_u32(c);

	if (c->failed)
		return false;
	info->has_efi32_table = true;
	if (!info->has_efi64_table)
		info->efi_table = table;
	log_debug("multiboot2", "EFI32 system table 0x%x", table);
	return true;
}

static bool tag_efi64(struct bootinfo *info, struct cursor *c)
{
	u64 table = cursor_u64(c);

	if (c->failed)
		return false;
	info->has_efi64_table = true;
	info->efi_table = table;
	log_debug("multiboot2", "EFI64 system table 0x%llx", table);
	return true;
}

static bool tag_smbios(struct bootinfo *info, struct cursor *c)
{
	info->smbios_major = cursor_u8(c);
	info->smbios_minor = cursor_u8(c);
	cursor_skip(c, 6);
	if (c->failed)
		return false;
	info->smbios = rest(c);
	log_debug("multiboot2", "SMBIOS %u.%u bytes=%u", info->smbios_major, info->smbios_minor, info->smbios.size);
	return true;
}

static bool tag_rsdp_v1(struct bootinfo *info, struct cursor *c)
{
	if (cursor_left(c) < RSDP_V1_SIZE)
		return false;
	info->rsdp_v1 = rest(c);
	log_debug("multiboot2", "ACPI 1.0 RSDP bytes=%u", info->rsdp_v1.size);
	return true;
}

static bool tag_rsdp_v2(struct bootinfo *info, struct cursor *c)
{
	if (cursor_left(c) < RSDP_V2_SIZE)
		return false;
	info->rsdp_v2 = rest(c);
	log_debug("multiboot2", "ACPI 2.0 RSDP bytes=%u", info->rsdp_v2.size);
	return true;
}

static bool tag_network(struct bootinfo *info, struct cursor *c)
{
	info->network = rest(c);
	log_debug("multiboot2", "network DHCP bytes=%u", info->network.size);
	return true;
}

static bool tag_efi_map(struct bootinfo *info, struct cursor *c)
{
	u32 size = cursor_u32(c);
	u32 version = cursor_u32(c);

	if (c->failed || size < EFI_DESC_MIN || size % TAG_ALIGN) {
		log_err("multiboot2", "EFI memory map descriptor size=%u: at least %u and a multiple of %u expected", size, EFI_DESC_MIN,
			TAG_ALIGN);
		return false;
	}
	info->efi_desc_size = size;
	info->efi_desc_version = version;
	info->efi_map = rest(c);
	log_debug("multiboot2", "EFI memory map descriptors=%u size=%u version=%u", info->efi_map.size / size, size, version);
	return true;
}

static bool tag_boot_services(struct bootinfo *info, struct cursor *c)
{
	(void)c;
	info->efi_boot_services = true;
	log_debug("multiboot2", "EFI boot services are still on");
	return true;
}

static bool tag_efi32_image(struct bootinfo *info, struct cursor *c)
{
	info->efi_image = cursor_u32(c);
	info->has_efi_image = !c->failed;
	log_debug("multiboot2", "EFI32 image handle 0x%llx", info->efi_image);
	return !c->failed;
}

static bool tag_efi64_image(struct bootinfo *info, struct cursor *c)
{
	info->efi_image = cursor_u64(c);
	info->has_efi_image = !c->failed;
	log_debug("multiboot2", "EFI64 image handle 0x%llx", info->efi_image);
	return !c->failed;
}

static bool tag_load_base(struct bootinfo *info, struct cursor *c)
{
	info->load_base = cursor_u32(c);
	info->has_load_base = !c->failed;
	log_debug("multiboot2", "load base 0x%x", info->load_base);
	return !c->failed;
}

#define TAG_MODULE 3

/* By tag type (Multiboot2 3.6.3 to 3.6.17). */
static tag_function *const tag_functions[] = {
	[1] = tag_command_line,
	[2] = tag_loader_name,
	[TAG_MODULE] = tag_module,
	[4] = tag_basic_memory,
	[5] = tag_boot_device,
	[6] = tag_mmap,
	[7] = tag_vbe,
	[8] = tag_framebuffer,
	[9] = tag_elf_sections,
	[10] = tag_apm,
	[11] = tag_efi32,
	[12] = tag_efi64,
	[13] = tag_smbios,
	[14] = tag_rsdp_v1,
	[15] = tag_rsdp_v2,
	[16] = tag_network,
	[17] = tag_efi_map,
	[18] = tag_boot_services,
	[19] = tag_efi32_image,
	[20] = tag_efi64_image,
	[21] = tag_load_base,
};

static void take_tag(struct bootinfo *info, u32 type, struct cursor *payload, u32 *seen)
{
	u32 size = (u32)cursor_left(payload);

	if (type >= ARRAY_COUNT(tag_functions) || !tag_functions[type]) {
		info->unknown_tags++;
		log_info("multiboot2", "tag %u is not known, skipped bytes=%u", type, size);
		return;
	}
	if (type != TAG_MODULE && (*seen >> type & 1)) {
		log_warn("multiboot2", "tag %u given twice: the second is ignored", type);
		return;
	}
	*seen |= 1u << type;
	if (!tag_functions[type](info, payload))
		log_warn("multiboot2", "tag %u is damaged, ignored bytes=%u", type, size);
}

struct tag {
	u32 type;
	struct cursor payload;
};

/* The next tag; false at the end tag (*err OK) or where the block is damaged (*err set, logged). */
static bool next_tag(struct cursor *c, struct tag *tag, enum err *err)
{
	u64 at = c->at;
	u32 size;

	tag->type = cursor_u32(c);
	size = cursor_u32(c);
	*err = ERR_OK;
	if (c->failed) {
		log_err("multiboot2", "no end tag: the block ends at offset %llu", c->size);
		*err = ERR_TRUNCATED;
		return false;
	}
	if (tag->type == TAG_END)
		return false;
	if (size < TAG_HEADER_SIZE || size - TAG_HEADER_SIZE > cursor_left(c)) {
		log_err("multiboot2", "tag %u at offset %llu has size %u; 8 to %llu possible", tag->type, at, size, c->size - at);
		*err = ERR_TRUNCATED;
		return false;
	}
	tag->payload = cursor_sub(c, size - TAG_HEADER_SIZE);
	cursor_skip(c, min_u64(align_up(size, TAG_ALIGN) - size, cursor_left(c)));
	return true;
}

static u32 count_modules(struct cursor c)
{
	u32 count = 0;

	for (;;) {
		u32 type = cursor_u32(&c);
		u32 size = cursor_u32(&c);

		if (c.failed || type == TAG_END || size < TAG_HEADER_SIZE || size - TAG_HEADER_SIZE > cursor_left(&c))
			return count;
		count += type == TAG_MODULE;
		cursor_skip(&c, size - TAG_HEADER_SIZE);
		cursor_skip(&c, min_u64(align_up(size, TAG_ALIGN) - size, cursor_left(&c)));
	}
}

enum err bootinfo_parse(struct bootinfo *info, const void *data, paddr_t paddr, u64 limit)
{
	struct cursor c;
	struct tag tag;
	u32 total, seen = 0;
	enum err err;

	*info = (struct bootinfo){ .paddr = paddr, .command_line = "", .loader_name = "" };
	if (!data || limit < HEADER_SIZE)
		return ERR_TRUNCATED;
	memcpy(&total, data, sizeof(total));
	if (total < HEADER_SIZE || total > limit) {
		log_err("multiboot2", "total_size=%u: 8 to %llu possible", total, limit);
		total = (u32)min_u64(max_u64(total, HEADER_SIZE), limit);
	}
	info->size = total;
	cursor_init(&c, data, total);
	cursor_skip(&c, HEADER_SIZE);
	info->modules = calloc(count_modules(c) + 1, sizeof(*info->modules));
	if (!info->modules) {
		log_err("multiboot2", "heap is full modules=%u", count_modules(c));
		return ERR_MEMORY;
	}
	while (next_tag(&c, &tag, &err))
		take_tag(info, tag.type, &tag.payload, &seen);
	return err;
}

void bootinfo_free(struct bootinfo *info)
{
	free(info->modules);
	info->modules = NULL;
	info->module_count = 0;
}
