/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "swaplist.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "log.h"
#include "memory.h"
#include "rangeset.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u64))

struct swap_builder {
	struct pagelist *list;
	const struct plan *plan;
	struct memory *memory;
	u64 *words;			/* the newest list page */
	u32 used;
};

static bool clear_of_plan(const void *plan, paddr_t start, paddr_t end)
{
	return plan_range_is_clear(plan, start, end);
}

static enum err own(struct pagelist *list, paddr_t start)
{
	u32 capacity = list->owned_capacity ? 2 * list->owned_capacity : 16;
	paddr_t *owned = list->owned;

	if (list->owned_count == list->owned_capacity) {
		owned = realloc(list->owned, capacity * sizeof(*owned));
		if (!owned)
			return ERR_MEMORY;
		list->owned = owned;
		list->owned_capacity = capacity;
	}
	owned[list->owned_count++] = start;
	return ERR_OK;
}

/* `*pages` neighbouring pages outside every destination, or fewer when so many are not to be had. */
static enum err take(struct swap_builder *b, u64 *pages, paddr_t *start)
{
	const struct memory_where where = { .min = MIB(1), .is_clear = clear_of_plan, .ctx = b->plan };
	enum err err = ERR_NO_ROOM;

	for (; *pages; *pages /= 2) {
		err = memory_alloc(b->memory, *pages * PAGE_SIZE, &where, OWNER_STAGE, "swapped pages", start);
		if (err != ERR_NO_ROOM)
			break;
	}
	if (!err && (err = own(b->list, *start)))
		memory_release(b->memory, *start);
	if (err)
		log_err("prepare", "no memory left for the pages that wait while the image runs");
	return err;
}

static enum err new_list_page(struct swap_builder *b)
{
	u64 one = 1;
	paddr_t page;
	enum err err = take(b, &one, &page);

	if (err)
		return err;
	if (b->words)
		b->words[b->used] = page | PAGELIST_IND;
	else
		b->list->head = page;
	b->words = arch_phys(page, PAGE_SIZE);
	b->used = 0;
	b->list->list_pages++;
	return b->words ? ERR_OK : ERR_RESERVED;
}

/* The last word of a page is kept for IND or DONE. */
static enum err put(struct swap_builder *b, u64 word)
{
	enum err err = ERR_OK;

	if (b->used == WORDS_PER_PAGE - 1)
		err = new_list_page(b);
	if (!err)
		b->words[b->used++] = word;
	return err;
}

/* What the image is to find in [dest, dest + size), into `stage`: the present bytes where a segment does not cover them. */
static enum err compose(const struct swap_builder *b, paddr_t dest, u8 *stage, u64 size)
{
	const u8 *now = arch_phys(dest, size);

	if (now)
		memcpy(stage, now, size);
	else
		memset(stage, 0, size);	/* page 0 of a machine without a BIOS */
	for (u32 i = 0; i < b->plan->segment_count; i++) {
		const struct plan_segment *s = &b->plan->segments[i];
		paddr_t start = max_u64(s->dest, dest), end = min_u64(s->dest + s->mem_size, dest + size);
		paddr_t file_end = min_u64(s->dest + s->file_size, end);
		const u8 *bytes;

		if (start >= end)
			continue;
		memset(stage + (start - dest), 0, end - start);
		if (start >= file_end)
			continue;
		bytes = arch_phys(s->source + (start - s->dest), file_end - start);
		if (!bytes) {
			log_err("prepare", "%s: source 0x%llx is out of reach", s->name, s->source);
			return ERR_RESERVED;
		}
		memcpy(stage + (start - dest), bytes, file_end - start);
	}
	return ERR_OK;
}

/* Pages with bytes: composed aside and exchanged. */
static enum err swap_run(struct swap_builder *b, paddr_t dest, u64 pages, paddr_t stage)
{
	u8 *bytes = arch_phys(stage, pages * PAGE_SIZE);
	enum err err = bytes ? compose(b, dest, bytes, pages * PAGE_SIZE) : ERR_RESERVED;

	if (!err)
		err = put(b, pages << PAGE_SHIFT | PAGELIST_RUN);
	if (!err)
		err = put(b, stage | PAGELIST_SOURCE);
	b->list->moved_pages += pages;
	return err;
}

/* Pages of zeros: only the old contents need a place. */
static enum err zero_run(struct swap_builder *b, u64 pages, paddr_t keep)
{
	enum err err = put(b, pages << PAGE_SHIFT | PAGELIST_ZERO);

	if (!err)
		err = put(b, keep | PAGELIST_SOURCE);
	b->list->zeroed_pages += pages;
	return err;
}

static enum err put_range(struct swap_builder *b, paddr_t start, paddr_t end, bool zero)
{
	enum err err = ERR_OK;

	while (start < end && !err) {
		u64 pages = (end - start) / PAGE_SIZE;
		paddr_t stage;

		err = take(b, &pages, &stage);
		if (!err)
			err = put(b, start | PAGELIST_DEST);
		if (!err)
			err = zero ? zero_run(b, pages, stage) : swap_run(b, start, pages, stage);
		b->list->run_count++;
		start += pages * PAGE_SIZE;
	}
	return err;
}

static enum err put_set(struct swap_builder *b, const struct rangeset *set, bool zero)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < set->count && !err; i++)
		err = put_range(b, set->items[i].start, set->items[i].end, zero);
	return err;
}

/* Pages in which a segment has file bytes, or which it covers in part. */
static enum err add_filled(struct rangeset *filled, const struct plan_segment *s)
{
	paddr_t end = s->dest + s->mem_size;
	enum err err = ERR_OK;

	if (s->file_size)
		err = rangeset_add(filled, align_down(s->dest, PAGE_SIZE), align_up(s->dest + s->file_size, PAGE_SIZE));
	if (!err && (s->dest & PAGE_MASK))
		err = rangeset_add(filled, align_down(s->dest, PAGE_SIZE), align_up(s->dest, PAGE_SIZE));
	if (!err && (end & PAGE_MASK))
		err = rangeset_add(filled, align_down(end, PAGE_SIZE), align_up(end, PAGE_SIZE));
	return err;
}

static enum err split(const struct plan *plan, struct rangeset *filled, struct rangeset *zeros)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < plan->segment_count && !err; i++) {
		const struct plan_segment *s = &plan->segments[i];

		err = add_filled(filled, s);
		if (!err)
			err = rangeset_add(zeros, align_down(s->dest, PAGE_SIZE), align_up(s->dest + s->mem_size, PAGE_SIZE));
	}
	for (u32 i = 0; i < filled->count && !err; i++)
		err = rangeset_remove(zeros, filled->items[i].start, filled->items[i].end);
	return err;
}

enum err swaplist_build(struct pagelist *list, const struct plan *plan, struct memory *memory)
{
	struct swap_builder b = { .list = list, .plan = plan, .memory = memory };
	struct rangeset filled, zeros;
	enum err err;

	memset(list, 0, sizeof(*list));
	rangeset_init(&filled);
	rangeset_init(&zeros);
	err = new_list_page(&b);
	if (!err)
		err = split(plan, &filled, &zeros);
	if (!err)
		err = put_set(&b, &filled, false);
	if (!err)
		err = put_set(&b, &zeros, true);
	if (!err)
		b.words[b.used] = PAGELIST_DONE;
	rangeset_free(&filled);
	rangeset_free(&zeros);
	if (err)
		pagelist_free(list, memory);
	return err;
}
