/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * One function for each kind of tag (Multiboot2 3.6.3 to 3.6.17). Payloads are as long as the table at the end
 * demands.
 */
#include "bootinfo_internal.h"
#include "log.h"

#define COLOUR_SIZE 3

/* Takes the payload; false (logged): damaged, nothing is changed. */
typedef bool tag_function(struct bootinfo *info, struct cursor *c);

static struct boot_blob rest(struct cursor *c)
{
	struct boot_blob blob = { .size = (u32)cursor_left(c) };

	blob.data = cursor_bytes(c, blob.size);
	return blob;
}

/* A string that must end within the tag. */
static const char *take_string(struct cursor *c, const char *what)
{
	u64 size = cursor_left(c);
	const char *text = cursor_string(c);

	if (!text)
		log_err("multiboot2", "%s does not end within its %llu bytes", what, size);
	return text;
}

static bool take_command_line(struct bootinfo *info, struct cursor *c)
{
	const char *text = take_string(c, "command line");

	if (!text)
		return false;
	info->command_line = text;
	log_debug("multiboot2", "command line text=\"%s\"", text);
	return true;
}

static bool take_loader_name(struct bootinfo *info, struct cursor *c)
{
	const char *text = take_string(c, "loader name");

	if (!text)
		return false;
	info->loader_name = text;
	log_debug("multiboot2", "loader name text=\"%s\"", text);
	return true;
}

static bool take_module(struct bootinfo *info, struct cursor *c)
{
	struct boot_module module;

	module.start = cursor_u32(c);
	module.end = cursor_u32(c);
	module.string = take_string(c, "module string");
	if (!module.string)
		return false;
	if (module.start > module.end) {
		log_err("multiboot2", "module \"%s\" starts at 0x%llx and ends before, at 0x%llx", module.string,
			module.start, module.end);
		return false;
	}
	info->modules[info->module_count++] = module;
	log_debug("multiboot2", "module start=0x%llx end=0x%llx string=\"%s\"", module.start, module.end,
		  module.string);
	return true;
}

static bool take_basic_memory(struct bootinfo *info, struct cursor *c)
{
	info->has_basic_memory = true;
	info->mem_lower_kib = cursor_u32(c);
	info->mem_upper_kib = cursor_u32(c);
	log_debug("multiboot2", "basic memory lower_kib=%u upper_kib=%u", info->mem_lower_kib, info->mem_upper_kib);
	return true;
}

static bool take_boot_device(struct bootinfo *info, struct cursor *c)
{
	info->has_boot_device = true;
	info->boot_device = cursor_u32(c);
	info->boot_partition = cursor_u32(c);
	info->boot_sub_partition = cursor_u32(c);
	log_debug("multiboot2", "BIOS boot device=0x%x partition=0x%x sub_partition=0x%x", info->boot_device,
		  info->boot_partition, info->boot_sub_partition);
	return true;
}

/* Whole entries of the size that the tag names, at least `min` bytes each; false (logged): none can be read. */
static bool take_entries(struct cursor *c, const char *what, u32 size, u32 min, struct boot_blob *blob)
{
	u32 over;

	if (size < min || size % 8) {
		log_err("multiboot2", "%s has entry size=%u: at least %u and a multiple of 8 expected", what, size,
			min);
		return false;
	}
	*blob = rest(c);
	over = blob->size % size;
	if (over)
		log_warn("multiboot2", "%s ends inside an entry: the last %u of %u bytes are ignored", what, over,
			 blob->size);
	blob->size -= over;
	return true;
}

static bool take_mmap(struct bootinfo *info, struct cursor *c)
{
	u32 size = cursor_u32(c);
	u32 version = cursor_u32(c);

	if (!take_entries(c, "memory map", size, 24, &info->mmap))
		return false;
	info->mmap_entry_size = size;
	info->mmap_version = version;
	log_debug("multiboot2", "memory map entries=%u entry_size=%u version=%u", info->mmap.size / size, size,
		  version);
	return true;
}

/* UEFI 2.9, 7.2: an EFI_MEMORY_DESCRIPTOR is 40 bytes, firmware may make it longer. */
static bool take_efi_map(struct bootinfo *info, struct cursor *c)
{
	u32 size = cursor_u32(c);
	u32 version = cursor_u32(c);

	if (!take_entries(c, "EFI memory map", size, 40, &info->efi_map))
		return false;
	info->efi_desc_size = size;
	info->efi_desc_version = version;
	log_debug("multiboot2", "EFI memory map entries=%u entry_size=%u version=%u", info->efi_map.size / size, size,
		  version);
	return true;
}

static bool take_vbe(struct bootinfo *info, struct cursor *c)
{
	info->vbe = rest(c);
	log_debug("multiboot2", "VBE bytes=%u", info->vbe.size);
	return true;
}

/* The specification gives the number of colours 32 bits, GRUB writes 16: the size of the tag tells them apart. */
static void read_palette(struct boot_framebuffer *fb, struct cursor *c)
{
	bool is_short = cursor_left(c) % COLOUR_SIZE == sizeof(u16);

	fb->palette_count = is_short ? cursor_u16(c) : cursor_u32(c);
	fb->palette = cursor_bytes(c, COLOUR_SIZE * (u64)fb->palette_count);
}

static void read_colour_fields(struct boot_framebuffer *fb, struct cursor *c)
{
	fb->red_pos = cursor_u8(c);
	fb->red_size = cursor_u8(c);
	fb->green_pos = cursor_u8(c);
	fb->green_size = cursor_u8(c);
	fb->blue_pos = cursor_u8(c);
	fb->blue_size = cursor_u8(c);
}

static bool take_framebuffer(struct bootinfo *info, struct cursor *c)
{
	struct boot_framebuffer fb = { .present = true };
	u64 left;

	fb.addr = cursor_u64(c);
	fb.pitch = cursor_u32(c);
	fb.width = cursor_u32(c);
	fb.height = cursor_u32(c);
	fb.bpp = cursor_u8(c);
	fb.type = cursor_u8(c);
	cursor_skip(c, 2);
	left = cursor_left(c);
	if (fb.type == 0)
		read_palette(&fb, c);
	else if (fb.type == 1)
		read_colour_fields(&fb, c);
	if (c->failed) {
		log_err("multiboot2", "framebuffer of type %u: its colours do not fit in %llu bytes count=%u", fb.type,
			left, fb.palette_count);
		return false;
	}
	info->framebuffer = fb;
	log_debug("multiboot2", "framebuffer addr=0x%llx width=%u height=%u bpp=%u pitch=%u type=%u", fb.addr, fb.width,
		  fb.height, fb.bpp, fb.pitch, fb.type);
	return true;
}

/* The specification's three numbers of 16 bits are 32 bits wide in its own example header and in what GRUB writes. */
static bool take_elf_sections(struct bootinfo *info, struct cursor *c)
{
	u32 count = cursor_u32(c);
	u32 size = cursor_u32(c);
	u32 names = cursor_u32(c);

	if ((u64)count * size > cursor_left(c)) {
		log_err("multiboot2", "%u ELF sections of %u bytes do not fit in %llu bytes", count, size,
			cursor_left(c));
		return false;
	}
	info->elf_section_count = count;
	info->elf_section_size = size;
	info->elf_section_names = names;
	info->elf_sections = rest(c);
	log_debug("multiboot2", "ELF sections count=%u size=%u names=%u", count, size, names);
	return true;
}

static bool take_apm(struct bootinfo *info, struct cursor *c)
{
	info->apm = rest(c);
	log_debug("multiboot2", "APM bytes=%u", info->apm.size);
	return true;
}

/* Where both are given the 64-bit one is the machine's own. */
static bool take_efi32(struct bootinfo *info, struct cursor *c)
{
	u32 table = cursor_u32(c);

	info->has_efi32_table = true;
	if (!info->has_efi64_table)
		info->efi_table = table;
	log_debug("multiboot2", "EFI32 system table=0x%x", table);
	return true;
}

static bool take_efi64(struct bootinfo *info, struct cursor *c)
{
	info->has_efi64_table = true;
	info->efi_table = cursor_u64(c);
	log_debug("multiboot2", "EFI64 system table=0x%llx", info->efi_table);
	return true;
}

static bool take_smbios(struct bootinfo *info, struct cursor *c)
{
	info->smbios_major = cursor_u8(c);
	info->smbios_minor = cursor_u8(c);
	cursor_skip(c, 6);
	info->smbios = rest(c);
	log_debug("multiboot2", "SMBIOS major=%u minor=%u bytes=%u", info->smbios_major, info->smbios_minor,
		  info->smbios.size);
	return true;
}

static bool take_rsdp_v1(struct bootinfo *info, struct cursor *c)
{
	info->rsdp_v1 = rest(c);
	log_debug("multiboot2", "ACPI 1.0 RSDP bytes=%u", info->rsdp_v1.size);
	return true;
}

static bool take_rsdp_v2(struct bootinfo *info, struct cursor *c)
{
	info->rsdp_v2 = rest(c);
	log_debug("multiboot2", "ACPI 2.0 RSDP bytes=%u", info->rsdp_v2.size);
	return true;
}

static bool take_network(struct bootinfo *info, struct cursor *c)
{
	info->network = rest(c);
	log_debug("multiboot2", "network DHCP bytes=%u", info->network.size);
	return true;
}

static bool take_boot_services(struct bootinfo *info, struct cursor *c)
{
	(void)c;
	info->efi_boot_services = true;
	log_debug("multiboot2", "EFI boot services have not ended");
	return true;
}

static bool take_efi32_image(struct bootinfo *info, struct cursor *c)
{
	info->has_efi_image = true;
	info->efi_image = cursor_u32(c);
	log_debug("multiboot2", "EFI32 image handle=0x%llx", info->efi_image);
	return true;
}

static bool take_efi64_image(struct bootinfo *info, struct cursor *c)
{
	info->has_efi_image = true;
	info->efi_image = cursor_u64(c);
	log_debug("multiboot2", "EFI64 image handle=0x%llx", info->efi_image);
	return true;
}

static bool take_load_base(struct bootinfo *info, struct cursor *c)
{
	info->has_load_base = true;
	info->load_base = cursor_u32(c);
	log_debug("multiboot2", "load base=0x%x", info->load_base);
	return true;
}

/* By tag type; `min` is the least size of the payload, so that the numbers in front can be read. */
static const struct tag_kind {
	tag_function *take;
	u32 min;
	const char *name;
} tag_kinds[] = {
	[1] = { take_command_line, 1, "command line" },
	[2] = { take_loader_name, 1, "loader name" },
	[TAG_MODULE] = { take_module, 9, "module" },
	[4] = { take_basic_memory, 8, "basic memory" },
	[5] = { take_boot_device, 12, "BIOS boot device" },
	[6] = { take_mmap, 8, "memory map" },
	[7] = { take_vbe, 784 - 8, "VBE" },
	[8] = { take_framebuffer, 24, "framebuffer" },
	[9] = { take_elf_sections, 12, "ELF sections" },
	[10] = { take_apm, 20, "APM" },
	[11] = { take_efi32, 4, "EFI32 system table" },
	[12] = { take_efi64, 8, "EFI64 system table" },
	[13] = { take_smbios, 8, "SMBIOS" },
	[14] = { take_rsdp_v1, 20, "ACPI 1.0 RSDP" },
	[15] = { take_rsdp_v2, 36, "ACPI 2.0 RSDP" },
	[16] = { take_network, 0, "network" },
	[17] = { take_efi_map, 8, "EFI memory map" },
	[18] = { take_boot_services, 0, "EFI boot services" },
	[19] = { take_efi32_image, 4, "EFI32 image handle" },
	[20] = { take_efi64_image, 8, "EFI64 image handle" },
	[21] = { take_load_base, 4, "load base" },
};

static const struct tag_kind linux_kind = { bootinfo_take_linux, sizeof(struct linux_tag), "Linux" };

/* The private one stands behind the others where kinds are counted. */
static const struct tag_kind *find_kind(u32 type, u32 *number)
{
	*number = type == TAG_LINUX ? ARRAY_COUNT(tag_kinds) : type;
	if (type == TAG_LINUX)
		return &linux_kind;
	return type < ARRAY_COUNT(tag_kinds) && tag_kinds[type].take ? &tag_kinds[type] : NULL;
}

enum err bootinfo_take_tag(struct bootinfo *info, u32 type, struct cursor *payload, u32 *seen)
{
	u32 number;
	const struct tag_kind *kind = find_kind(type, &number);
	u64 size = cursor_left(payload);

	if (!kind) {
		info->unknown_tags++;
		log_info("multiboot2", "tag %u is not known and skipped bytes=%llu", type, size);
		return ERR_OK;
	}
	if (type != TAG_MODULE && (*seen >> number & 1)) {
		log_warn("multiboot2", "%s (tag %u) is given twice: the second is ignored", kind->name, type);
		return ERR_OK;
	}
	if (size < kind->min) {
		log_err("multiboot2", "%s (tag %u) has %llu bytes: at least %u needed", kind->name, type, size,
			kind->min);
		return ERR_VALUE;
	}
	if (!kind->take(info, payload))
		return ERR_VALUE;
	*seen |= 1u << number;
	return ERR_OK;
}
