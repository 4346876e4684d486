/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Staging pages: what cannot be moved in whole pages from where it lies is composed in them beforehand. */
#include "pagelist_build.h"

#include <string.h>

#include "arch.h"
#include "compose.h"
#include "log.h"

#define STAGE_BLOCK_PAGES 8u		/* taken at once, so that they are neighbours and leave as one run */

static enum err shut(struct rangeset *room, paddr_t start, u64 size)
{
	return rangeset_remove(room, align_down(start, PAGE_SIZE), align_up(start + size, PAGE_SIZE));
}

enum err stage_init(struct pagelist_builder *b)
{
	enum err err = rangeset_add(&b->room, PAGE_SIZE, arch_phys_limit());

	b->stage_block = STAGE_BLOCK_PAGES;
	for (u32 i = 0; i < b->plan->segment_count && !err; i++) {
		const struct plan_segment *s = &b->plan->segments[i];

		err = shut(&b->room, s->dest, s->mem_size);
		if (!err && s->file_size)
			err = shut(&b->room, s->source, s->file_size);
	}
	return err;
}

static enum err own(struct pagelist *list, paddr_t start)
{
	enum err err = pagelist_own(list, start);

	if (err)
		log_err("place", "the heap has no room to note %u staging blocks", list->owned_count + 1);
	return err;
}

/* The highest block that is free. What is found to have not even a page left is not looked at again. */
static enum err take_block(struct pagelist_builder *b, u64 size)
{
	for (u32 i = b->room.count; i-- > 0;) {
		struct range range = b->room.items[i];
		const struct memory_where where = { .min = range.start, .max = range.end };
		paddr_t start = range.start;
		enum err err = ERR_NO_ROOM;

		if (range.end - range.start >= size)
			err = memory_alloc(b->memory, size, &where, OWNER_STAGE, "page list", &start);
		if (!err) {
			b->stage_next = start;
			b->stage_end = start + size;
			err = own(b->list, start);
			if (err)
				memory_release(b->memory, start);
			return err;
		}
		if (err == ERR_NO_ROOM && size == PAGE_SIZE)
			err = rangeset_remove(&b->room, start, range.end);
		if (err && err != ERR_NO_ROOM)
			return err;
	}
	return ERR_NO_ROOM;
}

/* Blocks grow with what was used, as long as there is memory for larger ones. */
static enum err next_block(struct pagelist_builder *b)
{
	u64 used = b->list->staged_pages + b->list->list_pages;
	enum err err;

	if (!b->stage_is_short && used >= 4 * b->stage_block)
		b->stage_block *= 2;
	while ((err = take_block(b, b->stage_block * PAGE_SIZE)) == ERR_NO_ROOM && b->stage_block > 1) {
		b->stage_block /= 2;
		b->stage_is_short = true;
	}
	if (err == ERR_NO_ROOM)
		log_err("place", "no memory outside the image for another staging page: staged=%llu list=%llu pages",
			b->list->staged_pages, b->list->list_pages);
	return err;
}

enum err stage_page(struct pagelist_builder *b, paddr_t *out)
{
	if (b->stage_next == b->stage_end) {
		enum err err = next_block(b);

		if (err)
			return err;
	}
	*out = b->stage_next;
	b->stage_next += PAGE_SIZE;
	return ERR_OK;
}

/* A staging page at *data, for the caller to fill, that the mover will take to `dest`. */
static enum err stage_for(struct pagelist_builder *b, paddr_t dest, void **data)
{
	struct move m = { .dest = dest, .pages = 1 };
	enum err err = stage_page(b, &m.source);

	if (err)
		return err;
	*data = arch_phys(m.source, PAGE_SIZE);
	if (!*data) {
		log_err("place", "staging page 0x%llx is out of reach", m.source);
		return ERR_RESERVED;
	}
	b->list->staged_pages++;
	return move_list_add(&b->late, &m);
}

enum err stage_aside(struct pagelist_builder *b, paddr_t dest, paddr_t source)
{
	const void *from = arch_phys(source, PAGE_SIZE);
	void *data;
	enum err err;

	if (!from) {
		log_err("place", "source 0x%llx of 0x%llx is out of reach", source, dest);
		return ERR_RESERVED;
	}
	err = stage_for(b, dest, &data);
	if (!err)
		memcpy(data, from, PAGE_SIZE);
	return err;
}

/* The shim's own memory is not all mapped (guard pages), and holds nothing that is of use to others. */
static enum err copy_present(const struct memory *memory, paddr_t page, void *data)
{
	const struct mem_claim *claim = memory_find_claim(memory, page, page + PAGE_SIZE);

	if (compose_present(page, data, PAGE_SIZE))
		return ERR_OK;
	if (claim && claim->owner == OWNER_SHIM) {
		memset(data, 0, PAGE_SIZE);
		return ERR_OK;
	}
	log_err("place", "page 0x%llx cannot be read, and the image has bytes in a part of it", page);
	return ERR_RESERVED;
}

enum err stage_edge(struct pagelist_builder *b, paddr_t page)
{
	void *data;
	enum err err = stage_for(b, page, &data);

	if (!err)
		err = copy_present(b->memory, page, data);
	return err ? err : compose_segments(b->plan, page, data, PAGE_SIZE, false);
}
