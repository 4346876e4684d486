/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The EFI memory map as a tag (3.6.13). Kernels may take it for the truth, so the pages that stay ours must not appear as free
 * in it: the descriptor that holds them is split, and the middle part becomes reserved (UEFI 2.9, 7.2).
 */
#include "multiboot.h"

#include <string.h>

#define TAG_EFI_MAP 17u
#define TAG_HEAD 16u			/* type, size, descriptor size, descriptor version */
#define EFI_DESCRIPTOR_MIN 40u
#define EFI_RESERVED 0
#define AT_START 8u
#define AT_VIRTUAL 16u
#define AT_PAGES 24u

static bool has_map(const struct bootinfo *info)
{
	return info->efi_map.data && info->efi_desc_size >= EFI_DESCRIPTOR_MIN;
}

u64 multiboot2_efi_slack(const struct bootinfo *info)
{
	return has_map(info) ? 2ull * LOADER_KEPT_MAX * info->efi_desc_size : 0;
}

/* A copy of `from`, cut down to [start, end). */
static void put_part(const struct bootinfo *info, struct multiboot_tray *tray, const u8 *from, paddr_t start,
		     paddr_t end, bool reserve)
{
	u64 virtual = handover_get(from, AT_VIRTUAL, 8);
	u8 *to = start < end ? multiboot_reserve(tray, info->efi_desc_size, 1) : NULL;

	if (!to)
		return;
	memcpy(to, from, info->efi_desc_size);
	if (virtual)
		multiboot_put(to, AT_VIRTUAL, 8, virtual + (start - handover_get(from, AT_START, 8)));
	multiboot_put(to, AT_START, 8, start);
	multiboot_put(to, AT_PAGES, 8, (end - start) >> PAGE_SHIFT);
	if (reserve)
		multiboot_put(to, 0, 4, EFI_RESERVED);
}

/* The lowest of what stays ours that [start, end) meets, or NULL. */
static const struct kept_range *first_kept(const struct load_request *request, paddr_t start, paddr_t end)
{
	const struct kept_range *first = NULL;

	for (u32 i = 0; i < request->kept_count; i++) {
		const struct kept_range *k = &request->kept[i];

		if (ranges_overlap(start, end, k->start, k->end) && (!first || k->start < first->start))
			first = k;
	}
	return first;
}

static void put_descriptor(const struct load_request *request, struct multiboot_tray *tray, const u8 *from)
{
	const struct bootinfo *info = request->info;
	paddr_t start = handover_get(from, AT_START, 8), first = start;
	u64 pages = handover_get(from, AT_PAGES, 8), end;
	const struct kept_range *kept;

	if (pages > PADDR_LIMIT >> PAGE_SHIFT || __builtin_add_overflow(start, pages << PAGE_SHIFT, &end) ||
	    !first_kept(request, start, end)) {
		multiboot_append(tray, from, info->efi_desc_size, 1);
		return;
	}
	while ((kept = first_kept(request, first, end))) {
		paddr_t kept_start = max_u64(kept->start, first), kept_end = min_u64(kept->end, end);

		put_part(info, tray, from, first, kept_start, false);
		put_part(info, tray, from, kept_start, kept_end, true);
		first = kept_end;
	}
	put_part(info, tray, from, first, end, false);
}

void multiboot2_write_efi_map(const struct load_request *request, struct multiboot_tray *tray)
{
	const struct bootinfo *info = request->info;
	const u8 *map = info->efi_map.data;
	u64 tag_at;
	u8 *tag;

	if (!has_map(info))
		return;
	tag = multiboot_reserve(tray, TAG_HEAD, 8);
	tag_at = tray->at - TAG_HEAD;
	for (u32 i = 0; i < info->efi_map.size / info->efi_desc_size; i++)
		put_descriptor(request, tray, map + (size_t)i * info->efi_desc_size);
	multiboot_put(tag, 0, 4, TAG_EFI_MAP);
	multiboot_put(tag, 4, 4, tray->at - tag_at);
	multiboot_put(tag, 8, 4, info->efi_desc_size);
	multiboot_put(tag, 12, 4, info->efi_desc_version);
}
