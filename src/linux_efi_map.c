/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * EFI's memory map with what stays ours in it as reserved. A kernel that looks for a random place for itself believes this map
 * more than the other one (arch/x86/boot/compressed/kaslr.c, process_efi_entries). Source: UEFI 2.9, 7.2.
 */
#include <string.h>

#include "linux.h"
#include "log.h"

#define DESCRIPTOR_TYPE 0
#define DESCRIPTOR_START 8
#define DESCRIPTOR_PAGES 24

enum { EFI_RESERVED = 0, EFI_LOADER_CODE = 1, EFI_BOOT_DATA = 4, EFI_CONVENTIONAL = 7 };

/* What the kernel may take for itself, boot services being over. */
static bool is_free(u32 type)
{
	return (type >= EFI_LOADER_CODE && type <= EFI_BOOT_DATA) || type == EFI_CONVENTIONAL;
}

struct out {
	u8 *data;
	u64 used, room;
	u32 desc_size;
	bool failed;
};

/* The descriptor at `from`, for a part of its range. */
static void put(struct out *out, const u8 *from, paddr_t start, paddr_t end, bool reserved)
{
	u8 *to = out->data + out->used;

	if (start >= end || out->failed)
		return;
	if (out->room - out->used < out->desc_size) {
		out->failed = true;
		return;
	}
	memcpy(to, from, out->desc_size);
	handover_put(to, DESCRIPTOR_START, 8, start);
	handover_put(to, DESCRIPTOR_PAGES, 8, (end - start) >> PAGE_SHIFT);
	if (reserved)
		handover_put(to, DESCRIPTOR_TYPE, 4, EFI_RESERVED);
	out->used += out->desc_size;
}

/* A page that is ours in part is ours. */
static void put_split(struct out *out, const u8 *from, paddr_t start, paddr_t end, const struct rangeset *ours)
{
	for (u32 i = 0; i < ours->count && start < end; i++) {
		paddr_t low = max_u64(align_down(ours->items[i].start, PAGE_SIZE), start);
		paddr_t high = min_u64(align_up(ours->items[i].end, PAGE_SIZE), end);

		if (low >= high)
			continue;
		put(out, from, start, low, false);
		put(out, from, low, high, true);
		start = high;
	}
	put(out, from, start, end, false);
}

static void put_one(struct out *out, const u8 *from, const struct rangeset *ours)
{
	paddr_t start = handover_get(from, DESCRIPTOR_START, 8);
	u64 pages = handover_get(from, DESCRIPTOR_PAGES, 8);
	bool sane = !(start & PAGE_MASK) && start < PADDR_LIMIT && pages && pages <= (PADDR_LIMIT - start) >> PAGE_SHIFT;

	if (is_free((u32)handover_get(from, DESCRIPTOR_TYPE, 4)) && sane) {
		put_split(out, from, start, start + (pages << PAGE_SHIFT), ours);
		return;
	}
	if (out->room - out->used < out->desc_size) {
		out->failed = true;
		return;
	}
	memcpy(out->data + out->used, from, out->desc_size);
	out->used += out->desc_size;
}

enum err linux_finish_efi_map(const struct load_request *request, u64 *size)
{
	const struct linux_state *state = linux_state(request);
	const struct boot_blob *map = &request->info->efi_map;
	struct out out = {
		.data = state->efi_map.data, .room = state->efi_map.size, .desc_size = (u32)request->info->efi_desc_size,
	};
	struct rangeset ours;
	enum err err;

	rangeset_init(&ours);
	err = handover_find_ours(request, &ours);
	for (u64 at = 0; !err && map->size - at >= out.desc_size; at += out.desc_size)
		put_one(&out, (const u8 *)map->data + at, &ours);
	rangeset_free(&ours);
	*size = out.used;
	if (err || !out.failed)
		return err;
	log_err("linux", "%s: EFI's memory map, with what is reserved in it, has no room bytes=%llu", request->kernel.blob.name, out.room);
	return ERR_NO_ROOM;
}
