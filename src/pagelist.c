/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * From a placed plan to the mover's words: what is to be moved is collected (whole pages as runs, the pages at the
 * edges of segments composed in staging pages), put in an order in which nothing is overwritten that is still needed,
 * and written.
 */
#include "pagelist.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "log.h"
#include "pagelist_build.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u64))

/* --- collect --- */

static bool lies_in_place(const struct plan_segment *s)
{
	return s->dest == s->source;
}

/* The whole pages of [start, end), from `source` (or zero). */
static enum err collect_run(struct pagelist_builder *b, paddr_t start, paddr_t end, paddr_t source, bool zero)
{
	paddr_t first = align_up(start, PAGE_SIZE), last = align_down(end, PAGE_SIZE);
	struct move m = { .dest = first, .source = zero ? 0 : source + (first - start), .zero = zero };

	if (first >= last)
		return ERR_OK;
	m.pages = (last - first) / PAGE_SIZE;
	return move_list_add(zero ? &b->late : &b->runs, &m);
}

static enum err collect_segment(struct pagelist_builder *b, const struct plan_segment *s)
{
	paddr_t file_end = s->dest + s->file_size;
	enum err err = ERR_OK;

	if (!lies_in_place(s))
		err = collect_run(b, s->dest, file_end, s->source, false);
	else if (align_up(s->dest, PAGE_SIZE) < file_end)
		b->list->kept_pages += (file_end - align_up(s->dest, PAGE_SIZE)) / PAGE_SIZE;
	return err ? err : collect_run(b, file_end, file_end + s->zero_size, 0, true);
}

static enum err note_edge(struct rangeset *edges, paddr_t boundary)
{
	if (!(boundary & PAGE_MASK))
		return ERR_OK;
	return rangeset_add(edges, align_down(boundary, PAGE_SIZE), align_up(boundary, PAGE_SIZE));
}

/* The pages that a segment covers in part: where its bytes begin, where they become zeros, where these end. */
static enum err note_edges(struct rangeset *edges, const struct plan_segment *s)
{
	paddr_t file_end = s->dest + s->file_size;
	enum err err = ERR_OK;

	if (s->file_size + s->zero_size)
		err = note_edge(edges, s->dest);
	if (!err && s->file_size)
		err = note_edge(edges, file_end);
	if (!err && s->zero_size)
		err = note_edge(edges, file_end + s->zero_size);
	return err;
}

/* Does all that segments want in this page lie there already? */
static bool page_is_in_place(const struct plan *plan, paddr_t page)
{
	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *s = &plan->segments[i];
		paddr_t file_end = s->dest + s->file_size;

		if (ranges_overlap(file_end, file_end + s->zero_size, page, page + PAGE_SIZE) ||
		    (!lies_in_place(s) && ranges_overlap(s->dest, file_end, page, page + PAGE_SIZE)))
			return false;
	}
	return true;
}

static enum err collect_edges(struct pagelist_builder *b, const struct rangeset *edges)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < edges->count; i++) {
		for (paddr_t page = edges->items[i].start; page < edges->items[i].end && !err; page += PAGE_SIZE) {
			if (page_is_in_place(b->plan, page))
				b->list->kept_pages++;
			else
				err = stage_edge(b, page);
		}
	}
	return err;
}

static enum err collect(struct pagelist_builder *b)
{
	struct rangeset edges;
	enum err err = ERR_OK;

	rangeset_init(&edges);
	for (u32 i = 0; i < b->plan->segment_count && !err; i++) {
		err = collect_segment(b, &b->plan->segments[i]);
		if (!err)
			err = note_edges(&edges, &b->plan->segments[i]);
	}
	if (!err)
		err = collect_edges(b, &edges);
	rangeset_free(&edges);
	return err;
}

/* What can come last: it comes from staging pages or from nowhere, and all other sources have been read. */
static enum err append_late(struct pagelist_builder *b)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < b->late.count && !err; i++)
		err = move_list_join(&b->steps, &b->late.items[i]);
	return err;
}

/* --- write --- */

struct writer {
	struct pagelist_builder *b;
	u64 *words;			/* the newest list page */
	u32 used;
	paddr_t cursor;			/* where the mover's is; 0 is no destination that needs no DEST word */
};

static enum err add_page(struct writer *w)
{
	paddr_t page;
	enum err err = stage_page(w->b, &page);
	u64 *words = err ? NULL : arch_phys(page, PAGE_SIZE);

	if (err)
		return err;
	if (!words) {
		log_err("place", "list page 0x%llx is out of reach", page);
		return ERR_RESERVED;
	}
	memset(words, 0, PAGE_SIZE);
	if (w->words)
		w->words[w->used] = page | PAGELIST_IND;
	else
		w->b->list->head = page;
	w->words = words;
	w->used = 0;
	w->b->list->list_pages++;
	return ERR_OK;
}

/* The last word of a page is kept for what follows: IND or DONE. */
static enum err put(struct writer *w, u64 word)
{
	enum err err = ERR_OK;

	if (!w->words || w->used == WORDS_PER_PAGE - 1)
		err = add_page(w);
	if (!err)
		w->words[w->used++] = word;
	return err;
}

static bool goes_backward(const struct move *m)
{
	return m->dest > m->source && m->dest < move_source_end(m);
}

static enum err put_source(struct writer *w, const struct move *m)
{
	bool backward = goes_backward(m);
	u64 skew = m->source & PAGE_MASK;
	enum err err = ERR_OK;

	if (m->pages > 1 || backward)
		err = put(w, m->pages << PAGE_SHIFT | PAGELIST_RUN | (backward ? PAGELIST_BACKWARD : 0));
	if (!err && skew)
		err = put(w, skew << PAGE_SHIFT | PAGELIST_SKEW);
	if (!err)
		err = put(w, (m->source - skew) | PAGELIST_SOURCE);
	w->b->list->moved_pages += m->pages;
	return err;
}

static enum err put_move(struct writer *w, const struct move *m)
{
	enum err err = ERR_OK;

	if (!w->cursor || w->cursor != m->dest)
		err = put(w, m->dest | PAGELIST_DEST);
	w->cursor = move_dest_end(m);
	w->b->list->run_count++;
	if (err || !m->zero)
		return err ? err : put_source(w, m);
	w->b->list->zeroed_pages += m->pages;
	return put(w, m->pages << PAGE_SHIFT | PAGELIST_ZERO);
}

static enum err write_list(struct pagelist_builder *b)
{
	struct writer w = { .b = b };
	enum err err = add_page(&w);

	for (u32 i = 0; i < b->steps.count && !err; i++)
		err = put_move(&w, &b->steps.items[i]);
	if (!err)
		w.words[w.used] = PAGELIST_DONE;
	return err;
}

/* --- the whole --- */

enum err pagelist_build(struct pagelist *list, const struct plan *plan, struct memory *memory)
{
	struct pagelist_builder b = { .plan = plan, .memory = memory, .list = list };
	enum err err;

	memset(list, 0, sizeof(*list));
	err = stage_init(&b);
	if (!err)
		err = collect(&b);
	if (!err)
		err = order_runs(&b);
	if (!err)
		err = append_late(&b);
	if (!err)
		err = write_list(&b);
	free(b.runs.items);
	free(b.late.items);
	free(b.steps.items);
	rangeset_free(&b.room);
	if (err)
		pagelist_free(list, memory);
	return err;
}

enum err pagelist_own(struct pagelist *list, paddr_t start)
{
	u32 few = ARRAY_COUNT(list->few), capacity = list->more_capacity ? 2 * list->more_capacity : 16;
	paddr_t *more;

	if (list->owned_count < few) {
		list->few[list->owned_count++] = start;
		return ERR_OK;
	}
	if (list->owned_count - few == list->more_capacity) {
		more = realloc(list->more, (size_t)capacity * sizeof(*more));
		if (!more)
			return ERR_MEMORY;
		list->more = more;
		list->more_capacity = capacity;
	}
	list->more[list->owned_count++ - few] = start;
	return ERR_OK;
}

void pagelist_free(struct pagelist *list, struct memory *memory)
{
	for (u32 i = 0; i < list->owned_count; i++)
		memory_release(memory, pagelist_owned(list, i));
	free(list->more);
	memset(list, 0, sizeof(*list));
}
