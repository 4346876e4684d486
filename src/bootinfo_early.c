/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A place for the first heap. Nothing here allocates: there is nothing to allocate from yet. */
#include "bootinfo_internal.h"

#define EARLY_MIN MIB(1)
#define EARLY_MAX GIB(4)

struct hunt {
	const struct bootinfo *info;
	u64 size;
	const struct early_where *where;
};

static paddr_t entry_end(const struct raw_entry *entry)
{
	paddr_t end;

	return __builtin_add_overflow(entry->start, entry->size, &end) ? ~0ull : end;
}

/* The highest page-aligned end not above `top` of a place in [start, end), or 0: it is too small. */
static paddr_t fit(const struct hunt *h, paddr_t top, paddr_t start, paddr_t end)
{
	start = align_up(max_u64(min_u64(start, EARLY_MAX), EARLY_MIN), PAGE_SIZE);
	end = align_down(min_u64(end, top), PAGE_SIZE);
	return end > start && end - start >= h->size ? end : 0;
}

/* The same of a usable entry. */
static paddr_t offer(const struct hunt *h, paddr_t top, struct raw_entry entry)
{
	paddr_t best = 0;

	if (entry.type != MEM_USABLE)
		return 0;
	if (!h->where->within_count)
		return fit(h, top, entry.start, entry_end(&entry));
	for (u32 i = 0; i < h->where->within_count; i++) {
		const struct range *within = &h->where->within[i];

		best = max_u64(best, fit(h, top, max_u64(entry.start, within->start), min_u64(entry_end(&entry), within->end)));
	}
	return best;
}

/*
 * The highest end that an entry offers. Where the loader gave a map of its own, only what that calls usable is: it can
 * have been told to leave memory alone of which EFI knows no better.
 */
static paddr_t best_offer(const struct hunt *h, paddr_t top)
{
	u32 mmap_count = bootinfo_mmap_count(h->info);
	u32 efi_count = mmap_count ? 0 : bootinfo_efi_count(h->info);
	u32 basic_count = bootinfo_basic_count(h->info);
	paddr_t best = 0;

	for (u32 i = 0; i < mmap_count; i++)
		best = max_u64(best, offer(h, top, bootinfo_mmap_entry(h->info, i)));
	for (u32 i = 0; i < efi_count; i++)
		best = max_u64(best, offer(h, top, bootinfo_efi_entry(h->info, i)));
	for (u32 i = 0; i < basic_count; i++)
		best = max_u64(best, offer(h, top, bootinfo_basic_entry(h->info, i)));
	return best;
}

/* If [start, end) stands in the way of the place that ends at `end_of_place`, lower *top to its start. */
static void lower(const struct hunt *h, paddr_t end_of_place, paddr_t start, paddr_t end, paddr_t *top)
{
	if (ranges_overlap(end_of_place - h->size, end_of_place, start, end))
		*top = min_u64(*top, start);
}

static void lower_by_entry(const struct hunt *h, paddr_t end_of_place, struct raw_entry entry, paddr_t *top)
{
	if (entry.type != MEM_USABLE)
		lower(h, end_of_place, entry.start, entry_end(&entry), top);
}

/* The lowest start of all that stands in the way of the place that ends at `end`; `end` when nothing does. */
static paddr_t lowest_obstacle(const struct hunt *h, paddr_t end)
{
	const struct bootinfo *info = h->info;
	u32 mmap_count = bootinfo_mmap_count(info), efi_count = bootinfo_efi_count(info);
	paddr_t top = end;

	for (u32 i = 0; i < h->where->avoid_count; i++)
		lower(h, end, h->where->avoid[i].start, h->where->avoid[i].end, &top);
	lower(h, end, info->paddr, info->paddr + info->size, &top);
	lower(h, end, info->displaced_copy, info->displaced_copy + (info->displaced_end - info->displaced_start), &top);
	lower(h, end, info->initrd_start, info->initrd_end, &top);
	for (u32 i = 0; i < info->module_count; i++)
		lower(h, end, info->modules[i].start, info->modules[i].end, &top);
	for (u32 i = 0; i < mmap_count; i++)
		lower_by_entry(h, end, bootinfo_mmap_entry(info, i), &top);
	for (u32 i = 0; i < efi_count; i++)
		lower_by_entry(h, end, bootinfo_efi_entry(info, i), &top);
	return top;
}

/*
 * From the highest place on offer down. What stands in the way of a place stands in the way of every one between its
 * own start and there, so the search goes on below it; each obstacle is met once.
 */
enum err bootinfo_early_region(const struct bootinfo *info, u64 size, const struct early_where *where, paddr_t *out)
{
	struct hunt h = { .info = info, .where = where };
	paddr_t top = EARLY_MAX, end;

	if (!size || !align_up_checked(size, PAGE_SIZE, &h.size))
		return ERR_VALUE;
	while ((end = best_offer(&h, top))) {
		top = lowest_obstacle(&h, end);
		if (top == end) {
			*out = end - h.size;
			return ERR_OK;
		}
	}
	return ERR_NO_ROOM;
}
