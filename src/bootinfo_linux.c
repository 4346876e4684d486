/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The private tag that trapeze.bzimage's stub adds (linuxtag.h). */
#include "bootinfo_internal.h"
#include "log.h"

#define ZERO_PAGE_SIZE PAGE_SIZE

/* Are `size` bytes at `paddr` in the information block? */
static bool is_in_block(const struct bootinfo *info, paddr_t paddr, u64 size)
{
	return paddr >= info->paddr && paddr - info->paddr <= info->size && info->size - (paddr - info->paddr) >= size;
}

static bool is_range(paddr_t start, paddr_t end)
{
	return start <= end && end <= PADDR_LIMIT;
}

/* Whole pages, saved at a place apart; or nothing at all. */
static bool is_saved(const struct linux_tag *tag)
{
	u64 size = tag->displaced_end - tag->displaced_start;

	if (!tag->displaced_start && !tag->displaced_end && !tag->displaced_copy)
		return true;
	return is_range(tag->displaced_start, tag->displaced_end) && size && tag->displaced_copy &&
	       !((tag->displaced_start | tag->displaced_end | tag->displaced_copy) & PAGE_MASK) &&
	       tag->displaced_copy <= PADDR_LIMIT - size &&
	       !ranges_overlap(tag->displaced_start, tag->displaced_end, tag->displaced_copy,
			       tag->displaced_copy + size);
}

static bool is_sound(const struct bootinfo *info, const struct linux_tag *tag)
{
	if (!is_in_block(info, tag->boot_params, ZERO_PAGE_SIZE))
		log_err("multiboot2", "Linux boot_params=0x%llx size=%u not in the information block at=0x%llx size=%u",
			tag->boot_params, ZERO_PAGE_SIZE, info->paddr, info->size);
	else if (!is_saved(tag))
		log_err("multiboot2", "Linux displaced=0x%llx..0x%llx copy=0x%llx: pages below 0x%llx, apart, wanted",
			tag->displaced_start, tag->displaced_end, tag->displaced_copy, PADDR_LIMIT);
	else if (!is_range(tag->initrd_start, tag->initrd_end))
		log_err("multiboot2", "Linux initrd=0x%llx..0x%llx: a range below 0x%llx wanted", tag->initrd_start,
			tag->initrd_end, PADDR_LIMIT);
	else
		return true;
	return false;
}

bool bootinfo_take_linux(struct bootinfo *info, struct cursor *c)
{
	struct linux_tag tag;

	tag.boot_params = cursor_u64(c);
	tag.displaced_start = cursor_u64(c);
	tag.displaced_end = cursor_u64(c);
	tag.displaced_copy = cursor_u64(c);
	tag.initrd_start = cursor_u64(c);
	tag.initrd_end = cursor_u64(c);
	tag.flags = cursor_u64(c);
	tag.rsdp = cursor_u64(c);
	if (!is_sound(info, &tag))
		return false;
	info->has_linux = true;
	info->boot_params = tag.boot_params;
	info->displaced_start = tag.displaced_start;
	info->displaced_end = tag.displaced_end;
	info->displaced_copy = tag.displaced_copy;
	info->initrd_start = tag.initrd_start;
	info->initrd_end = tag.initrd_end;
	info->linux_is_efi = tag.flags & LINUX_TAG_EFI;
	info->linux_rsdp = tag.rsdp;
	log_debug("multiboot2", "Linux boot_params=0x%llx displaced=0x%llx..0x%llx copy=0x%llx initrd=0x%llx..0x%llx "
		  "flags=0x%llx rsdp=0x%llx", tag.boot_params, tag.displaced_start, tag.displaced_end,
		  tag.displaced_copy, tag.initrd_start, tag.initrd_end, tag.flags, tag.rsdp);
	return true;
}
