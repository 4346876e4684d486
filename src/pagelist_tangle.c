/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Tangled runs: each has a page that another one still has to read. They are taken page by page. A page may be moved
 * when none that waits reads its destination (Kahn's order). When all that wait are read by others that wait, there
 * is a cycle: one of its pages is put aside, which frees the next. Without skew a page reads one page only, so cycles
 * are disjoint and one page of each is the least possible; with skew (each page reads two) the choice is a good one,
 * not always the best.
 *
 * Pages have numbers: those of the run with the lowest destination first.
 */
#include "pagelist_build.h"

#include <stdlib.h>

#include "log.h"

#define NO_PAGE UINT32_MAX		/* also in readers[]: the page has gone */
#define FINE_PAGES 1024u		/* see break_cycle */
#define BACK_STEPS 64u			/* against the arrows, to come from a page behind a cycle onto it */

struct tangled_run {
	struct move move;
	u32 first;			/* number of its first page */
	u32 gone;			/* this many pages at its start have gone, at least */
};

struct tangle {
	struct pagelist_builder *b;
	struct tangled_run *runs;	/* sorted by destination */
	u32 run_count;
	u32 page_count, left;
	u32 *readers;			/* for each page: how many others that wait read its destination */
	u32 *queue;			/* pages without readers, each once; some may have gone out of turn */
	u32 queue_head, queue_tail;
	u32 last;			/* the page that went last, or NO_PAGE */
	u32 aside;			/* the page that was put aside last, or NO_PAGE */
	bool skewed;
};

/* --- pages and their numbers --- */

/* Both searches end at the last run that starts at or before what is looked for. */
static const struct tangled_run *run_of_page(const struct tangle *t, u32 page)
{
	u32 low = 0, high = t->run_count;

	while (high - low > 1) {
		u32 middle = low + (high - low) / 2;

		if (t->runs[middle].first <= page)
			low = middle;
		else
			high = middle;
	}
	return &t->runs[low];
}

static u32 page_at(const struct tangle *t, paddr_t dest)
{
	u32 low = 0, high = t->run_count;
	const struct move *m;

	while (high - low > 1) {
		u32 middle = low + (high - low) / 2;

		if (t->runs[middle].move.dest <= dest)
			low = middle;
		else
			high = middle;
	}
	m = &t->runs[low].move;
	if (dest < m->dest || dest >= move_dest_end(m))
		return NO_PAGE;
	return t->runs[low].first + (u32)((dest - m->dest) / PAGE_SIZE);
}

static struct move move_of_page(const struct tangle *t, u32 page)
{
	const struct tangled_run *run = run_of_page(t, page);
	u64 offset = (u64)(page - run->first) * PAGE_SIZE;

	return (struct move){ .dest = run->move.dest + offset, .source = run->move.source + offset, .pages = 1 };
}

/* The pages of the tangle, but itself, whose destinations `page` reads: none, one or two. */
static u32 pages_read(const struct tangle *t, u32 page, u32 read[2])
{
	struct move m = move_of_page(t, page);
	u32 count = 0;

	for (paddr_t at = align_down(m.source, PAGE_SIZE); at < move_source_end(&m); at += PAGE_SIZE) {
		u32 other = page_at(t, at);

		if (other != NO_PAGE && other != page)
			read[count++] = other;
	}
	return count;
}

/* --- Kahn's order --- */

static void leave(struct tangle *t, u32 page)
{
	u32 read[2], count = pages_read(t, page, read);

	t->readers[page] = NO_PAGE;
	t->left--;
	for (u32 i = 0; i < count; i++)
		if (t->readers[read[i]] != NO_PAGE && !--t->readers[read[i]])
			t->queue[t->queue_tail++] = read[i];
}

static bool is_ready(const struct tangle *t, u32 page)
{
	return page < t->page_count && !t->readers[page];
}

/* Runs are to stay runs: the last page's neighbour goes first. */
static u32 next_ready(struct tangle *t)
{
	if (t->last != NO_PAGE) {
		if (is_ready(t, t->last + 1))
			return t->last + 1;
		if (t->last && is_ready(t, t->last - 1))
			return t->last - 1;
	}
	while (t->queue_head < t->queue_tail) {
		u32 page = t->queue[t->queue_head++];

		if (is_ready(t, page))
			return page;
	}
	return NO_PAGE;
}

/* --- cycles --- */

static bool is_waiting(const struct tangle *t, u32 page)
{
	return page < t->page_count && t->readers[page] && t->readers[page] != NO_PAGE;
}

/* A page that waits and reads the destination of `page`. There is one when nothing is ready. */
static u32 reader_of(const struct tangle *t, u32 page)
{
	paddr_t dest = move_of_page(t, page).dest;

	for (u32 i = 0; i < t->run_count; i++) {
		const struct tangled_run *run = &t->runs[i];
		u64 offset;
		u32 reader;

		if (!move_reads(&run->move, dest, dest + PAGE_SIZE))
			continue;
		offset = dest > run->move.source ? dest - run->move.source : 0;
		reader = run->first + (u32)(offset / PAGE_SIZE);
		if (reader != page && t->readers[reader] != NO_PAGE)
			return reader;
		/* With skew the page behind reads it too, if it belongs to the run and starts early enough. */
		offset = align_up(offset + 1, PAGE_SIZE);
		reader++;
		if (offset < run->move.pages * PAGE_SIZE && run->move.source + offset < dest + PAGE_SIZE &&
		    reader != page && t->readers[reader] != NO_PAGE)
			return reader;
	}
	return NO_PAGE;
}

/* Fewer pages of a shorter run are likely to do; but there should be as many as are put aside at once. */
static bool is_better(const struct tangled_run *run, const struct tangled_run *best, u32 count)
{
	if (!best)
		return true;
	if (run->move.pages < count)
		return run->move.pages > best->move.pages;
	return best->move.pages < count || run->move.pages < best->move.pages;
}

static const struct tangled_run *best_waiting_run(struct tangle *t, u32 count)
{
	const struct tangled_run *best = NULL;

	for (u32 i = 0; i < t->run_count; i++) {
		struct tangled_run *run = &t->runs[i];

		while (run->gone < run->move.pages && t->readers[run->first + run->gone] == NO_PAGE)
			run->gone++;
		if (run->gone < run->move.pages && is_better(run, best, count))
			best = run;
	}
	return best;
}

/* The neighbour of the one before, so that what is put aside makes runs; else from another run. */
static u32 choose_aside(struct tangle *t, u32 count)
{
	const struct tangled_run *run;
	u32 page = t->aside + 1;

	if (t->aside != NO_PAGE && is_waiting(t, page) && run_of_page(t, page) == run_of_page(t, t->aside))
		return page;
	run = best_waiting_run(t, count);
	page = run->first + run->gone;
	for (u32 i = 0; t->skewed && i < BACK_STEPS; i++) {
		u32 reader = reader_of(t, page);

		if (reader == NO_PAGE)
			break;
		page = reader;
	}
	return page;
}

/*
 * One page is enough, but a long circle would then go round in single pages, each with words of its own. In a large
 * tangle some neighbours are put aside together, and all goes round in runs of as many: far less list for a little
 * more staging.
 */
static enum err break_cycle(struct tangle *t)
{
	u32 count = 1 + t->page_count / FINE_PAGES, page = choose_aside(t, count);
	const struct tangled_run *run = run_of_page(t, page);
	enum err err = ERR_OK;

	for (; count && !err && is_waiting(t, page) && page - run->first < run->move.pages; page++, count--) {
		struct move m = move_of_page(t, page);

		err = stage_aside(t->b, m.dest, m.source);
		t->aside = page;
		leave(t, page);
	}
	return err;
}

static enum err untangle(struct tangle *t)
{
	enum err err = ERR_OK;

	while (t->left && !err) {
		u32 page = next_ready(t);
		struct move m;

		if (page == NO_PAGE) {
			err = break_cycle(t);
			continue;
		}
		m = move_of_page(t, page);
		err = move_list_join(&t->b->steps, &m);
		t->last = page;
		leave(t, page);
	}
	return err;
}

/* --- setting up --- */

static enum err number_pages(struct tangle *t, const struct move_list *runs)
{
	u64 pages = 0;

	for (u32 i = 0; i < runs->count; i++) {
		u32 at = i;

		for (; at && t->runs[at - 1].move.dest > runs->items[i].dest; at--)
			t->runs[at] = t->runs[at - 1];
		t->runs[at] = (struct tangled_run){ .move = runs->items[i] };
		t->skewed |= (runs->items[i].source & PAGE_MASK) != 0;
	}
	t->run_count = runs->count;
	for (u32 i = 0; i < t->run_count; i++) {
		t->runs[i].first = (u32)pages;
		pages += t->runs[i].move.pages;
		if (pages >= NO_PAGE) {
			log_err("place", "%llu pages and more move in circles, limit=%u", pages, NO_PAGE);
			return ERR_UNSUPPORTED;
		}
	}
	t->page_count = t->left = (u32)pages;
	return ERR_OK;
}

static enum err count_readers(struct tangle *t)
{
	t->readers = calloc(t->page_count, sizeof(*t->readers));
	t->queue = calloc(t->page_count, sizeof(*t->queue));
	if (!t->readers || !t->queue) {
		log_err("place", "the heap has no room to order %u pages that move in circles", t->page_count);
		return ERR_MEMORY;
	}
	for (u32 page = 0; page < t->page_count; page++) {
		u32 read[2], count = pages_read(t, page, read);

		for (u32 i = 0; i < count; i++)
			t->readers[read[i]]++;
	}
	for (u32 page = 0; page < t->page_count; page++)
		if (!t->readers[page])
			t->queue[t->queue_tail++] = page;
	return ERR_OK;
}

enum err order_tangle(struct pagelist_builder *b)
{
	struct tangle t = { .b = b, .last = NO_PAGE, .aside = NO_PAGE };
	enum err err;

	t.runs = calloc(b->runs.count, sizeof(*t.runs));
	if (!t.runs) {
		log_err("place", "the heap has no room to order %u runs", b->runs.count);
		return ERR_MEMORY;
	}
	err = number_pages(&t, &b->runs);
	if (!err)
		err = count_readers(&t);
	if (!err)
		err = untangle(&t);
	free(t.runs);
	free(t.readers);
	free(t.queue);
	return err;
}
