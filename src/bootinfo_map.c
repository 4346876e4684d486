/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The memory map out of what the boot loader gave. */
#include "bootinfo.h"
#include "cursor.h"
#include "log.h"

#define EARLY_MIN MIB(1)
#define EARLY_MAX GIB(4)
#define EFI_PAGE_SHIFT 12

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

/* "Specific purpose": meant for particular programs. Not handed out as ordinary memory. */
#define EFI_MEMORY_SP 0x40000

struct raw_entry {
	u64 start, size;
	u32 type;
};

static struct raw_entry read_mmap_entry(const struct bootinfo *info, u32 number)
{
	struct raw_entry entry;
	struct cursor c;

	cursor_init(&c, (const u8 *)info->mmap.data + (u64)number * info->mmap_entry_size, info->mmap_entry_size);
	entry.start = cursor_u64(&c);
	entry.size = cursor_u64(&c);
	entry.type = cursor_u32(&c);
	return entry;
}

static u32 type_from_efi(u32 type, u64 attribute)
{
	switch (type) {
	case EFI_LOADER_CODE:
	case EFI_LOADER_DATA:
	case EFI_BOOT_CODE:
	case EFI_BOOT_DATA:
	case EFI_CONVENTIONAL:
		return attribute & EFI_MEMORY_SP ? MEM_RESERVED : MEM_USABLE;
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

static struct raw_entry read_efi_entry(const struct bootinfo *info, u32 number)
{
	struct raw_entry entry;
	struct cursor c;
	u32 type;
	u64 pages;

	cursor_init(&c, (const u8 *)info->efi_map.data + (u64)number * info->efi_desc_size, info->efi_desc_size);
	type = cursor_u32(&c);
	cursor_skip(&c, 4);
	entry.start = cursor_u64(&c);
	cursor_skip(&c, 8);
	pages = cursor_u64(&c);
	entry.type = type_from_efi(type, cursor_u64(&c));
	entry.size = pages > PADDR_LIMIT >> EFI_PAGE_SHIFT ? PADDR_LIMIT : pages << EFI_PAGE_SHIFT;
	return entry;
}

static u32 mmap_count(const struct bootinfo *info)
{
	return info->mmap.data ? info->mmap.size / info->mmap_entry_size : 0;
}

static u32 efi_count(const struct bootinfo *info)
{
	return info->efi_map.data ? info->efi_map.size / info->efi_desc_size : 0;
}

static struct raw_entry read_entry(const struct bootinfo *info, u32 number)
{
	u32 first = mmap_count(info);

	return number < first ? read_mmap_entry(info, number) : read_efi_entry(info, number - first);
}

static paddr_t entry_end(const struct raw_entry *entry)
{
	paddr_t end;

	return __builtin_add_overflow(entry->start, entry->size, &end) ? ~0ull : end;
}

/* If [start, end) meets [low, high): the highest end that stays clear of it from below; else `end`. */
static paddr_t lower_end(paddr_t start, paddr_t end, paddr_t low, paddr_t high)
{
	return ranges_overlap(start, end, low, high) ? low : end;
}

/* Move [*end - size, *end) down until nothing but usable memory touches it; false when it falls out of [low, *end). */
static bool settle(const struct bootinfo *info, u64 size, paddr_t low, paddr_t avoid, paddr_t avoid_end, paddr_t *end)
{
	u32 count = mmap_count(info) + efi_count(info);
	paddr_t before;

	do {
		if (*end < low || *end - low < size)
			return false;
		before = *end;
		*end = lower_end(*end - size, *end, avoid, avoid_end);
		*end = lower_end(*end - min_u64(size, *end), *end, info->paddr, info->paddr + info->size);
		for (u32 i = 0; i < info->module_count; i++)
			*end = lower_end(*end - min_u64(size, *end), *end, info->modules[i].start, info->modules[i].end);
		for (u32 i = 0; i < count; i++) {
			struct raw_entry e = read_entry(info, i);

			if (e.type != MEM_USABLE)
				*end = lower_end(*end - min_u64(size, *end), *end, e.start, entry_end(&e));
		}
		*end = align_down(*end, PAGE_SIZE);
	} while (*end != before);
	return true;
}

enum err bootinfo_early_region(const struct bootinfo *info, u64 size, paddr_t avoid, paddr_t avoid_end, paddr_t *out)
{
	u32 count = mmap_count(info) + efi_count(info);
	bool found = false;

	if (!align_up_checked(size, PAGE_SIZE, &size) || !size)
		return ERR_VALUE;
	*out = 0;
	for (u32 i = 0; i < count; i++) {
		struct raw_entry e = read_entry(info, i);
		paddr_t low = align_up(max_u64(min_u64(e.start, EARLY_MAX), EARLY_MIN), PAGE_SIZE);
		paddr_t end = align_down(min_u64(entry_end(&e), EARLY_MAX), PAGE_SIZE);

		if (e.type != MEM_USABLE || !settle(info, size, low, avoid, avoid_end, &end) || end - size < *out)
			continue;
		*out = end - size;
		found = true;
	}
	return found ? ERR_OK : ERR_NO_ROOM;
}

static enum err add_basic(const struct bootinfo *info, struct memmap *map)
{
	enum err err = memmap_add(map, 0, KIB(info->mem_lower_kib), MEM_USABLE);

	log_warn("multiboot2", "no memory map: only basic memory is known");
	return err ? err : memmap_add(map, MIB(1), KIB(info->mem_upper_kib), MEM_USABLE);
}

enum err bootinfo_memory_map(const struct bootinfo *info, struct memmap *map)
{
	u32 count = mmap_count(info) + efi_count(info);
	enum err err = ERR_OK;

	for (u32 i = 0; i < count && !err; i++) {
		struct raw_entry e = read_entry(info, i);

		err = memmap_add(map, e.start, e.size, e.type);
	}
	if (!count && info->has_basic_memory)
		err = add_basic(info, map);
	else if (!count) {
		log_err("multiboot2", "no memory map and no basic memory");
		return ERR_NOT_FOUND;
	}
	return err ? err : memmap_sanitise(map);
}
