/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "mover.h"

#define NO_PAGE UINT64_MAX

enum page_use { USE_NONE, USE_OWNED, USE_WRITTEN };

struct run {
	const struct plan *plan;
	const struct memory *memory;
	struct pagelist list;
	u8 *before, *wanted;		/* all of memory */
	u8 *use;			/* enum page_use, for each page */
	u64 pages, moved, zeroed, words;
	const char *what;
};

static void *get(u64 size)
{
	void *p = calloc(1, (size_t)(size ? size : 1));

	if (!p)
		abort();
	return p;
}

/* Two copies of all of memory, kept from call to call. */
static void get_copies(struct run *r)
{
	static u8 *copies;
	static u64 size;

	if (size != fake_ram_size) {
		free(copies);
		size = fake_ram_size;
		copies = get(2 * size);
	}
	r->before = copies;
	r->wanted = copies + size;
	memcpy(r->before, fake_ram, (size_t)size);
	memcpy(r->wanted, fake_ram, (size_t)size);
}

static bool fail(struct run *r, const char *what)
{
	if (!r->what)
		r->what = what;
	return false;
}

/* --- the naive way --- */

static void write_naively(struct run *r)
{
	for (u32 i = 0; i < r->plan->segment_count; i++) {
		const struct plan_segment *s = &r->plan->segments[i];

		memcpy(r->wanted + s->dest, r->before + s->source, (size_t)s->file_size);
		memset(r->wanted + s->dest + s->file_size, 0, (size_t)s->zero_size);
	}
}

static bool is_same_but_owned(struct run *r, const u8 *wanted, const char *what)
{
	for (u64 i = 0; i < r->pages; i++)
		if (r->use[i] != USE_OWNED && memcmp(fake_ram + i * PAGE_SIZE, wanted + i * PAGE_SIZE, PAGE_SIZE))
			return fail(r, what);
	return true;
}

/* --- what the list owns --- */

static bool touches_image(const struct plan *plan, paddr_t start, paddr_t end)
{
	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *s = &plan->segments[i];
		paddr_t dest = align_down(s->dest, PAGE_SIZE), dest_end = align_up(s->dest + s->mem_size, PAGE_SIZE);

		if (ranges_overlap(start, end, dest, dest_end) ||
		    ranges_overlap(start, end, s->source, s->source + s->file_size))
			return true;
	}
	return false;
}

static bool mark_owned(struct run *r)
{
	for (u32 i = 0; i < r->list.owned_count; i++) {
		const struct mem_claim *claim = memory_find_claim(r->memory, pagelist_owned(&r->list, i), pagelist_owned(&r->list, i) + 1);

		if (!claim || claim->start != pagelist_owned(&r->list, i) || claim->owner != OWNER_STAGE)
			return fail(r, "a block of the list is not claimed");
		if (touches_image(r->plan, claim->start, claim->end))
			return fail(r, "a block of the list lies in a destination or source");
		for (paddr_t at = claim->start; at < claim->end; at += PAGE_SIZE) {
			if (r->use[at / PAGE_SIZE] == USE_OWNED)
				return fail(r, "blocks of the list overlap");
			r->use[at / PAGE_SIZE] = USE_OWNED;
		}
	}
	return true;
}

/* --- the words, read again --- */

static bool write_pages(struct run *r, paddr_t *cursor, u64 count)
{
	for (; count; count--, *cursor += PAGE_SIZE) {
		if (*cursor / PAGE_SIZE >= r->pages)
			return fail(r, "a destination is outside memory");
		if (r->use[*cursor / PAGE_SIZE] != USE_NONE)
			return fail(r, "a page is written twice, or is the list's own");
		if (!memory_is_usable(r->memory, *cursor, *cursor + PAGE_SIZE))
			return fail(r, "a page is written that is not all usable memory");
		if (plan_range_is_clear(r->plan, *cursor, *cursor + PAGE_SIZE))
			return fail(r, "a page is written that is nobody's destination");
		r->use[*cursor / PAGE_SIZE] = USE_WRITTEN;
	}
	return true;
}

static bool read_words(struct run *r)
{
	paddr_t at = r->list.head, cursor = NO_PAGE;
	u64 run = 1, skew = 0, list_pages = 1, runs = 0;

	for (;; r->words++) {
		u64 word = *(const u64 *)(fake_ram + at), number = word >> PAGE_SHIFT;
		bool last = (at & PAGE_MASK) == PAGE_SIZE - sizeof(u64);

		if (r->use[at / PAGE_SIZE] != USE_OWNED)
			return fail(r, "a list page is not the list's own");
		if (last && !(word & (PAGELIST_IND | PAGELIST_DONE)))
			return fail(r, "a list page has no end");
		at += sizeof(u64);
		if (word & PAGELIST_DONE)
			break;
		if (word & PAGELIST_IND) {
			at = word & ~PAGE_MASK;
			list_pages++;
		} else if (word & PAGELIST_DEST) {
			cursor = word & ~PAGE_MASK;
		} else if (word & PAGELIST_RUN) {
			run = number;
		} else if (word & PAGELIST_SKEW) {
			skew = number;
		} else if (word & (PAGELIST_ZERO | PAGELIST_SOURCE)) {
			bool zero = word & PAGELIST_ZERO;
			u64 count = zero ? number : run;

			if (!count || (!zero && skew >= PAGE_SIZE) || !write_pages(r, &cursor, count))
				return fail(r, "a run is empty");
			*(zero ? &r->zeroed : &r->moved) += count;
			run = 1;
			skew = 0;
			runs++;
		} else {
			return fail(r, "a word means nothing");
		}
	}
	if (list_pages != r->list.list_pages || runs != r->list.run_count || r->moved != r->list.moved_pages ||
	    r->zeroed != r->list.zeroed_pages)
		return fail(r, "the list's counts are wrong");
	return true;
}

/* --- what the layout forces --- */

/* The source address of the page, if a run moves all of it: NO_PAGE otherwise. */
static u64 source_of(const struct plan *plan, u64 page)
{
	paddr_t start = page * PAGE_SIZE;

	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *s = &plan->segments[i];

		if (s->dest != s->source && s->dest <= start && s->dest + s->file_size >= start + PAGE_SIZE)
			return s->source + (start - s->dest);
	}
	return NO_PAGE;
}

static bool needs_composing(const struct plan *plan, u64 page)
{
	paddr_t start = page * PAGE_SIZE, end = start + PAGE_SIZE;
	bool needs = false;

	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *s = &plan->segments[i];
		paddr_t file_end = s->dest + s->file_size, zero_end = file_end + s->zero_size;
		bool moved = s->dest != s->source && ranges_overlap(start, end, s->dest, file_end);
		bool zeroed = ranges_overlap(start, end, file_end, zero_end);

		if ((s->dest <= start && file_end >= end) || (file_end <= start && zero_end >= end))
			return false;
		needs |= moved || zeroed;
	}
	return needs;
}

/* Pages that no chain of readers keeps waiting are struck out, until only those in (and behind) circles are left. */
static u64 strike_out(const u64 *source, bool *waits, u64 pages)
{
	u64 left = 0;
	bool struck = true;
	bool *read = get(pages * sizeof(*read));

	while (struck) {
		struck = false;
		left = 0;
		memset(read, 0, (size_t)(pages * sizeof(*read)));
		for (u64 i = 0; i < pages; i++) {
			for (u64 k = 0; waits[i] && k <= (source[i] & PAGE_MASK ? 1 : 0); k++)
				if (source[i] / PAGE_SIZE + k != i)
					read[source[i] / PAGE_SIZE + k] = true;
		}
		for (u64 i = 0; i < pages; i++) {
			struck |= waits[i] && !read[i];
			waits[i] &= read[i];
			left += waits[i];
		}
	}
	free(read);
	return left;
}

void model_count(const struct plan *plan, struct model_need *need)
{
	u64 pages = fake_ram_size / PAGE_SIZE;
	u64 *source = get(pages * sizeof(*source));
	bool *waits = get(pages * sizeof(*waits));

	memset(need, 0, sizeof(*need));
	for (u64 i = 0; i < pages; i++) {
		source[i] = source_of(plan, i);
		waits[i] = source[i] != NO_PAGE;
		need->moved += waits[i];
		need->edges += needs_composing(plan, i);
		need->skewed |= waits[i] && (source[i] & PAGE_MASK);
	}
	need->circular = strike_out(source, waits, pages) != 0;
	/* Without skew what is left is nothing but circles. */
	for (u64 i = 0; i < pages && !need->skewed; i++) {
		need->cycles += waits[i];
		for (u64 at = i; waits[at]; at = source[at] / PAGE_SIZE)
			waits[at] = false;
	}
	free(source);
	free(waits);
}

static bool is_thrifty(struct run *r)
{
	struct model_need need;
	u64 most;

	model_count(r->plan, &need);
	if (r->list.staged_pages < need.edges)
		return fail(r, "an edge is not composed");
	most = need.edges + need.cycles * (1 + need.moved / 1024);
	if (!need.skewed && (r->list.staged_pages < need.edges + need.cycles || r->list.staged_pages > most))
		return fail(r, "more (or less) is staged than edges and cycles need");
	if (!need.circular && r->list.staged_pages != need.edges)
		return fail(r, "something is put aside without need");
	return true;
}

/* --- the whole --- */

static bool check(struct run *r)
{
	volatile u64 progress = 0;
	u64 done;

	write_naively(r);
	if (!mark_owned(r) || !is_same_but_owned(r, r->before, "building the list has changed memory") ||
	    !read_words(r))
		return false;
	done = mover_run((uintptr_t)fake_ram, r->list.head, MOVER_COPY, &progress);
	if (done != r->moved + r->zeroed || progress != r->words)
		return fail(r, "the mover's counts are wrong");
	return is_same_but_owned(r, r->wanted, "memory differs from the naive result") && is_thrifty(r);
}

enum err model_run(const struct plan *plan, struct memory *memory, struct pagelist *counts, const char **what)
{
	struct run r = { .plan = plan, .memory = memory, .pages = fake_ram_size / PAGE_SIZE };
	enum err err;

	get_copies(&r);
	r.use = get(r.pages);
	err = pagelist_build(&r.list, plan, memory);
	if (!err && !check(&r))
		err = ERR_VALUE;
	*counts = r.list;
	*what = r.what;
	pagelist_free(&r.list, memory);
	free(r.use);
	return err;
}
