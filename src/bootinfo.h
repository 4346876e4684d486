/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What the boot loader in front of us handed over, understood: the multiboot2 information as one plain struct.
 * Pointers lead into the information block, which is claimed (OWNER_INFO) and stays as it is until execute. Source:
 * Multiboot2 Specification 2.0, section 3.6.
 */
#ifndef TRAPEZE_BOOTINFO_H
#define TRAPEZE_BOOTINFO_H

#include "error.h"
#include "memory.h"
#include "rangeset.h"
#include "types.h"

#define MULTIBOOT2_BOOTLOADER_MAGIC 0x36d76289u

struct boot_module {
	paddr_t start, end;
	const char *string;		/* as given; never NULL */
};

struct boot_framebuffer {
	bool present;
	paddr_t addr;
	u32 pitch, width, height;
	u8 bpp, type;			/* type: 0 indexed, 1 RGB, 2 EGA text */
	u8 red_pos, red_size, green_pos, green_size, blue_pos, blue_size;	/* type 1 */
	const u8 *palette;		/* type 0: palette_count x {red, green, blue} */
	u32 palette_count;
};

/* A part of the information block as it stands; data NULL: not given. */
struct boot_blob {
	const void *data;
	u32 size;
};

struct bootinfo {
	paddr_t paddr;			/* the block itself */
	u32 size;
	const char *command_line;	/* never NULL; "" when not given */
	const char *loader_name;	/* likewise */
	struct boot_module *modules;	/* malloc'd, in the order given */
	u32 module_count;
	bool has_basic_memory;
	u32 mem_lower_kib, mem_upper_kib;
	bool has_boot_device;
	u32 boot_device, boot_partition, boot_sub_partition;
	struct boot_blob mmap;		/* entries of mmap_entry_size bytes: u64 base, u64 length, u32 type, u32 0 */
	u32 mmap_entry_size, mmap_version;
	struct boot_framebuffer framebuffer;
	struct boot_blob vbe;		/* the tag's payload, 784 - 8 bytes */
	struct boot_blob elf_sections;	/* section headers */
	u32 elf_section_count, elf_section_size, elf_section_names;
	struct boot_blob apm;
	bool has_efi32_table, has_efi64_table;
	paddr_t efi_table;		/* the EFI system table */
	struct boot_blob efi_map;	/* descriptors of efi_desc_size bytes (UEFI 2.9, 7.2 EFI_MEMORY_DESCRIPTOR) */
	u32 efi_desc_size, efi_desc_version;
	bool efi_boot_services;		/* not exited: tag 18 */
	bool has_efi_image;
	paddr_t efi_image;		/* image handle */
	struct boot_blob smbios;	/* the tables; version beside */
	u8 smbios_major, smbios_minor;
	struct boot_blob rsdp_v1, rsdp_v2;	/* copies of the RSDP */
	struct boot_blob network;	/* DHCP acknowledgement */
	bool has_load_base;
	u32 load_base;
	/* Of a loader that speaks the Linux boot protocol; ranges as in linuxtag.h, which see. */
	bool has_linux;
	paddr_t boot_params;		/* a copy of the zero page, in the block, as are its setup_data nodes */
	paddr_t displaced_start, displaced_end, displaced_copy;
	paddr_t initrd_start, initrd_end;
	bool linux_is_efi;
	paddr_t linux_rsdp;
	u32 unknown_tags;
};

/* Is the firmware UEFI? Its tables need not have been handed over. */
static inline bool bootinfo_is_efi(const struct bootinfo *info)
{
	return info->has_efi32_table || info->has_efi64_table || info->linux_is_efi;
}

/*
 * Parse the block at `data`, of which `limit` bytes can be read; its own total_size is checked against that. Each tag
 * known is logged at debug level, an unknown one is skipped and logged. A second tag of a kind that can stand once is
 * ignored with a warning. What is wrong gets an error line, and what was understood is kept in any case: the caller
 * decides. ERR_VALUE: tags damaged in themselves, and ignored; ERR_TRUNCATED: the walk ended at a tag that does not fit
 * or without an end tag, or total_size is impossible.
 */
enum err bootinfo_parse(struct bootinfo *info, const void *data, paddr_t paddr, u64 limit) MUST_CHECK;
void bootinfo_free(struct bootinfo *info);

/* Where the first heap may be: within one of these ranges (none: anywhere), and clear of those. */
struct early_where {
	const struct range *within, *avoid;
	u32 within_count, avoid_count;
};

/*
 * A place for the first heap, before there is a sanitised map: `size` bytes (rounded up to pages) below 4 GiB and
 * above 1 MiB that a usable entry of the raw map covers and nothing else touches: no entry of another type, no
 * module, not the information block, not what TAG_LINUX names, and nothing that is to be avoided. The highest such place.
 * ERR_NO_ROOM is returned without a log line.
 */
enum err bootinfo_early_region(const struct bootinfo *info, u64 size, const struct early_where *where, paddr_t *out) MUST_CHECK;

/*
 * The memory map of the multiboot map, refined by the EFI map where there is one (EFI knows persistent memory and
 * memory for specific purposes; memory of the boot services is usable once they have ended). What the loader does not
 * call usable never is. Without a multiboot map: EFI's alone; without either: the basic memory tag; without that:
 * ERR_NOT_FOUND. `map` is written anew: sanitised, or empty on an error.
 */
enum err bootinfo_memory_map(const struct bootinfo *info, struct memmap *map) MUST_CHECK;
/* Bytes of heap that it takes at most, but for a few KiB; they grow with the number of entries. */
u64 bootinfo_map_heap(const struct bootinfo *info);

/* Does the loader call any byte of [start, end) memory that may be used? For decisions before there is a map. */
bool bootinfo_is_memory(const struct bootinfo *info, paddr_t start, paddr_t end);

/*
 * The physical address of the machine's own RSDP: where TAG_LINUX says, from the EFI configuration table, else by search
 * of the EBDA and 0xe0000..0xfffff (ACPI 6.4, 5.2.5.1) through arch_phys; it must equal the copy in the tag when there is
 * one. 0: none.
 */
paddr_t bootinfo_find_rsdp(const struct bootinfo *info);

/* Without a copy from the loader, let the RSDP at `rsdp` (0: none) be it: multiboot2 kernels are given a copy. */
void bootinfo_keep_rsdp(struct bootinfo *info, paddr_t rsdp);

/*
 * The next of the blank-separated words of a command line as a malloc'd string, *at moved behind it; NULL at the end, or
 * without memory (logged). "Double quotes" keep blanks together, around a part of the word or around all of it, and are
 * left out; \" \' \\ stand for the second character (GRUB writes both).
 */
char *cmdline_word(const char **at);
/*
 * Find `name=value` or a lone `name` among the words. Returns the value ("" for a lone word) as a malloc'd string, or
 * NULL. The last one wins.
 */
char *cmdline_get(const char *command_line, const char *name);

#endif
