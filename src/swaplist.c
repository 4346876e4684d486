/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "swaplist.h"

#include <string.h>

#include "arch.h"
#include "compose.h"
#include "log.h"
#include "memory.h"
#include "rangeset.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u64))

/* Over a list's words in their order, so that words that change places are seen. */
struct sum {
	u64 a, b;
};

static void sum_add(struct sum *sum, u64 word)
{
	sum->a += word;
	sum->b += sum->a;
}

static u64 sum_end(const struct sum *sum)
{
	return sum->a ^ sum->b << 7 ^ sum->b >> 57;
}

struct swap_builder {
	struct pagelist *list;
	const struct plan *plan;
	struct memory *memory;
	u64 *words;			/* the newest list page */
	u32 used;
	struct sum sum;
};

static bool clear_of_plan(const void *plan, paddr_t start, paddr_t end)
{
	return plan_range_is_clear(plan, start, end);
}

/* Neighbouring pages outside every destination, which go back with the list. */
static enum err allocate(struct swap_builder *b, u64 pages, paddr_t *start)
{
	const struct memory_where where = { .min = MIB(1), .is_clear = clear_of_plan, .ctx = b->plan };
	enum err err = memory_alloc(b->memory, pages * PAGE_SIZE, &where, OWNER_STAGE, "swapped pages", start);

	if (!err && (err = pagelist_own(b->list, *start)))
		memory_release(b->memory, *start);
	return err;
}

static enum err log_full(enum err err)
{
	if (err)
		log_err("prepare", "no memory left for the pages that wait while the image runs");
	return err;
}

static void put_word(struct swap_builder *b, u64 word)
{
	b->words[b->used++] = word;
	sum_add(&b->sum, word);
}

static enum err begin_list_page(struct swap_builder *b, paddr_t page)
{
	if (b->words)
		put_word(b, page | PAGELIST_IND);
	else
		b->list->head = page;
	b->words = arch_phys(page, PAGE_SIZE);
	b->used = 0;
	b->list->list_pages++;
	return b->words ? ERR_OK : ERR_RESERVED;
}

static enum err new_list_page(struct swap_builder *b)
{
	paddr_t page;
	enum err err = log_full(allocate(b, 1, &page));

	return err ? err : begin_list_page(b, page);
}

/*
 * `*pages` neighbouring pages, or fewer when so many are not to be had. The list's first page lies behind the first of them, if it can:
 * most lists are that page.
 */
static enum err take(struct swap_builder *b, u64 *pages, paddr_t *start)
{
	enum err err;

	if (!b->words && !allocate(b, *pages + 1, start))
		return begin_list_page(b, *start + *pages * PAGE_SIZE);
	if (!b->words && (err = new_list_page(b)))
		return err;
	while ((err = allocate(b, *pages, start)) == ERR_NO_ROOM && *pages > 1)
		*pages /= 2;
	return log_full(err);
}

/* The last word of a page is kept for IND or DONE. */
static enum err put(struct swap_builder *b, u64 word)
{
	enum err err = ERR_OK;

	if (b->used == WORDS_PER_PAGE - 1)
		err = new_list_page(b);
	if (!err)
		put_word(b, word);
	return err;
}

static bool is_covered(const struct plan *plan, paddr_t start, paddr_t end)
{
	u64 left = end - start;

	for (u32 i = 0; i < plan->segment_count && left; i++) {
		const struct plan_segment *s = &plan->segments[i];
		paddr_t low = max_u64(s->dest, start), high = min_u64(s->dest + s->mem_size, end);

		left -= low < high ? high - low : 0;
	}
	return !left;
}

/* Zeros where nothing can be read: page 0 of a machine without a BIOS. */
static void take_present(paddr_t dest, u8 *stage, u64 size)
{
	u64 first = dest ? size : PAGE_SIZE;

	if (!compose_present(dest, stage, first))
		memset(stage, 0, first);
	if (size > first && !compose_present(dest + first, stage + first, size - first))
		memset(stage + first, 0, size - first);
}

/* What the image is to find in [dest, dest + size), into `stage`: the present bytes where segments do not cover it all. */
static enum err compose(const struct plan *plan, paddr_t dest, u8 *stage, u64 size)
{
	if (!is_covered(plan, dest, dest + size))
		take_present(dest, stage, size);
	return compose_segments(plan, dest, stage, size, true);
}

/* Pages with bytes: composed aside and exchanged. */
static enum err swap_run(struct swap_builder *b, paddr_t dest, u64 pages, paddr_t stage)
{
	u8 *bytes = arch_phys(stage, pages * PAGE_SIZE);
	enum err err = bytes ? compose(b->plan, dest, bytes, pages * PAGE_SIZE) : ERR_RESERVED;

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

/* Where a source would be overwritten before it is read, what it holds now is put together aside. */
static enum err set_aside(struct swap_builder *b, paddr_t dest, u64 size, paddr_t stage, paddr_t *source)
{
	u8 *bytes = arch_phys(stage, size);

	if (plan_range_is_clear(b->plan, *source, *source + size) && arch_phys(*source, size))
		return ERR_OK;
	*source = stage;
	return bytes ? compose(b->plan, dest, bytes, size) : ERR_RESERVED;
}

/* Pages of file bytes, from where they are. */
static enum err copy_run(struct swap_builder *b, u64 pages, paddr_t keep, paddr_t source)
{
	enum err err = pages > 1 ? put(b, pages << PAGE_SHIFT | PAGELIST_RUN) : ERR_OK;

	if (!err && (source & PAGE_MASK))
		err = put(b, (source & PAGE_MASK) << PAGE_SHIFT | PAGELIST_SKEW);
	if (!err)
		err = put(b, keep | PAGELIST_KEEP);
	if (!err)
		err = put(b, (source & ~PAGE_MASK) | PAGELIST_SOURCE);
	b->list->moved_pages += pages;
	return err;
}

static enum err put_body(struct swap_builder *b, paddr_t start, paddr_t end, paddr_t source)
{
	enum err err = ERR_OK;

	while (start < end && !err) {
		u64 pages = (end - start) / PAGE_SIZE, size;
		paddr_t stage, from = source;

		err = take(b, &pages, &stage);
		size = pages * PAGE_SIZE;
		if (!err)
			err = set_aside(b, start, size, stage, &from);
		if (!err)
			err = put(b, start | PAGELIST_DEST);
		if (!err)
			err = copy_run(b, pages, stage, from);
		b->list->run_count++;
		start += size;
		source += size;
	}
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

/* The pages that a segment covers with file bytes alone. */
static enum err put_bodies(struct swap_builder *b)
{
	const struct plan *plan = b->plan;
	enum err err = ERR_OK;

	for (u32 i = 0; i < plan->segment_count && !err; i++) {
		const struct plan_segment *s = &plan->segments[i];
		paddr_t start = align_up(s->dest, PAGE_SIZE), end = align_down(s->dest + s->file_size, PAGE_SIZE);

		if (start < end)
			err = put_body(b, start, end, s->source + (start - s->dest));
	}
	return err;
}

/* The page that `at` parts in two; none where it lies between two pages. */
static enum err add_parted(struct rangeset *parted, paddr_t at)
{
	return at & PAGE_MASK ? rangeset_add(parted, align_down(at, PAGE_SIZE), align_up(at, PAGE_SIZE)) : ERR_OK;
}

/*
 * The rest: pages in which a segment begins or ends, or its file bytes do, and those behind that are its own, without a byte of its
 * file. No two segments share a byte, so that no page is of both kinds, nor among the bodies.
 */
static enum err split(const struct plan *plan, struct rangeset *parted, struct rangeset *zeros)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < plan->segment_count && !err; i++) {
		const struct plan_segment *s = &plan->segments[i];
		paddr_t file_end = s->dest + s->file_size, end = s->dest + s->mem_size;

		err = add_parted(parted, s->dest);
		if (!err)
			err = add_parted(parted, file_end);
		if (err || end == file_end)
			continue;
		err = add_parted(parted, end);
		if (!err)
			err = rangeset_add(zeros, align_up(file_end, PAGE_SIZE), align_down(end, PAGE_SIZE));
	}
	return err;
}

/* The list's words, one after the other, across its pages. */
struct reader {
	const u64 *words;
	u32 at;
	u64 pages_left;
};

static bool read_page(struct reader *r, paddr_t page)
{
	r->words = r->pages_left ? arch_phys(page, PAGE_SIZE) : NULL;
	r->at = 0;
	r->pages_left--;
	return r->words;
}

/* Returns false at the end, and where the list leads nowhere; IND is among the words. */
static bool read_word(struct reader *r, u64 *word)
{
	if (r->at == WORDS_PER_PAGE)
		return false;
	*word = r->words[r->at++];
	return !(*word & PAGELIST_DONE) && (!(*word & PAGELIST_IND) || read_page(r, *word & ~PAGE_MASK));
}

static u64 sum_of(const struct pagelist *list)
{
	struct reader r = { .pages_left = list->list_pages };
	struct sum sum = { 0, 0 };
	u64 word;

	if (!read_page(&r, list->head))
		return 0;
	while (read_word(&r, &word))
		sum_add(&sum, word);
	return sum_end(&sum);
}

bool swaplist_refill(const struct pagelist *list, const struct plan *plan)
{
	struct reader r = { .pages_left = list->list_pages };
	u64 word, pages = 1;
	paddr_t dest = 0, keep = 0;
	bool composed = true;
	u8 *stage;

	if (sum_of(list) != list->sum || !read_page(&r, list->head))
		return false;
	while (read_word(&r, &word)) {
		if (word & PAGELIST_DEST)
			dest = word & ~PAGE_MASK;
		else if (word & (PAGELIST_RUN | PAGELIST_ZERO))
			pages = word >> PAGE_SHIFT;
		else if (word & PAGELIST_KEEP)
			keep = word & ~PAGE_MASK;
		composed = composed && !(word & PAGELIST_ZERO);
		if (!(word & PAGELIST_SOURCE))
			continue;
		composed = composed && (!keep || keep == (word & ~PAGE_MASK));
		stage = composed ? arch_phys(word & ~PAGE_MASK, pages * PAGE_SIZE) : NULL;
		if (composed && (!stage || compose(plan, dest, stage, pages * PAGE_SIZE)))
			return false;
		dest += pages * PAGE_SIZE;
		pages = 1;
		keep = 0;
		composed = true;
	}
	return true;
}

enum err swaplist_build(struct pagelist *list, const struct plan *plan, struct memory *memory)
{
	struct swap_builder b = { .list = list, .plan = plan, .memory = memory };
	struct range few[4];
	struct rangeset parted, zeros;
	enum err err;

	*list = (struct pagelist){ 0 };
	rangeset_init_static(&parted, few, ARRAY_COUNT(few));
	rangeset_init(&zeros);
	err = split(plan, &parted, &zeros);
	if (!err)
		err = put_bodies(&b);
	if (!err)
		err = put_set(&b, &parted, false);
	if (!err)
		err = put_set(&b, &zeros, true);
	if (!err && !b.words)
		err = new_list_page(&b);
	if (!err) {
		b.words[b.used] = PAGELIST_DONE;
		list->sum = sum_end(&b.sum);
	}
	rangeset_free(&parted);
	rangeset_free(&zeros);
	if (err)
		pagelist_free(list, memory);
	return err;
}
