/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the boot loader said about memory, entry by entry and nothing done about it yet. */
#include "bootinfo_internal.h"

#define EFI_PAGE_SHIFT 12
#define EFI_PAGES_MAX (PADDR_LIMIT >> EFI_PAGE_SHIFT)

/* UEFI 2.9, table 7-6. */
enum efi_type {
	EFI_RESERVED,
	EFI_LOADER_CODE,
	EFI_LOADER_DATA,
	EFI_BOOT_CODE,
	EFI_BOOT_DATA,
	EFI_RUNTIME_CODE,
	EFI_RUNTIME_DATA,
	EFI_CONVENTIONAL,
	EFI_UNUSABLE,
	EFI_ACPI_RECLAIM,
	EFI_ACPI_NVS,
	EFI_MMIO,
	EFI_MMIO_PORT,
	EFI_PAL_CODE,
	EFI_PERSISTENT
};

/* Meant for particular programs: left alone here, and passed on as Linux's own EFI entry does. */
#define EFI_MEMORY_SP 0x40000

u32 bootinfo_mmap_count(const struct bootinfo *info)
{
	return info->mmap.size ? info->mmap.size / info->mmap_entry_size : 0;
}

struct raw_entry bootinfo_mmap_entry(const struct bootinfo *info, u32 number)
{
	struct raw_entry entry;
	struct cursor c;

	cursor_init(&c, info->mmap.data, info->mmap.size);
	cursor_seek(&c, (u64)number * info->mmap_entry_size);
	entry.start = cursor_u64(&c);
	entry.size = cursor_u64(&c);
	entry.type = cursor_u32(&c);
	return entry;
}

/* As Linux and GRUB see them. Memory of the boot services is free once they have ended. */
static u32 type_from_efi(const struct bootinfo *info, u32 type, u64 attribute)
{
	switch (type) {
	case EFI_BOOT_CODE:
	case EFI_BOOT_DATA:
		if (info->efi_boot_services)
			return MEM_RESERVED;
		/* fall through */
	case EFI_LOADER_CODE:
	case EFI_LOADER_DATA:
	case EFI_CONVENTIONAL:
		return attribute & EFI_MEMORY_SP ? MEM_SOFT_RESERVED : MEM_USABLE;
	case EFI_ACPI_RECLAIM:
		return MEM_ACPI;
	case EFI_ACPI_NVS:
		return MEM_NVS;
	case EFI_UNUSABLE:
		return MEM_BAD;
	case EFI_PERSISTENT:
		return MEM_PERSISTENT;
	default:
		return MEM_RESERVED;
	}
}

u32 bootinfo_efi_count(const struct bootinfo *info)
{
	return info->efi_map.size ? info->efi_map.size / info->efi_desc_size : 0;
}

struct raw_entry bootinfo_efi_entry(const struct bootinfo *info, u32 number)
{
	struct raw_entry entry;
	struct cursor c;
	u32 type;

	cursor_init(&c, info->efi_map.data, info->efi_map.size);
	cursor_seek(&c, (u64)number * info->efi_desc_size);
	type = cursor_u32(&c);
	cursor_skip(&c, 4);
	entry.start = cursor_u64(&c);
	cursor_skip(&c, 8);
	entry.size = min_u64(cursor_u64(&c), EFI_PAGES_MAX) << EFI_PAGE_SHIFT;
	entry.type = type_from_efi(info, type, cursor_u64(&c));
	return entry;
}

u32 bootinfo_basic_count(const struct bootinfo *info)
{
	bool has_map = bootinfo_mmap_count(info) || bootinfo_efi_count(info);

	return info->has_basic_memory && !has_map ? 2 : 0;
}

struct raw_entry bootinfo_basic_entry(const struct bootinfo *info, u32 number)
{
	if (number == 0)
		return (struct raw_entry){ .start = 0, .size = KIB(info->mem_lower_kib), .type = MEM_USABLE };
	return (struct raw_entry){ .start = MIB(1), .size = KIB(info->mem_upper_kib), .type = MEM_USABLE };
}

static bool covers(struct raw_entry entry, paddr_t start, paddr_t end)
{
	u64 last;

	if (__builtin_add_overflow(entry.start, entry.size, &last))
		last = PADDR_LIMIT;
	return entry.type == MEM_USABLE && ranges_overlap(entry.start, last, start, end);
}

bool bootinfo_is_memory(const struct bootinfo *info, paddr_t start, paddr_t end)
{
	bool is_memory = false;

	for (u32 i = 0; i < bootinfo_mmap_count(info) && !is_memory; i++)
		is_memory = covers(bootinfo_mmap_entry(info, i), start, end);
	for (u32 i = 0; i < bootinfo_efi_count(info) && !is_memory; i++)
		is_memory = covers(bootinfo_efi_entry(info, i), start, end);
	return is_memory;
}
