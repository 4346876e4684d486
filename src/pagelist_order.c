/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The order of the runs. A run may be moved when its destination holds nothing that another one still has to read
 * (what it has to read itself is a matter of direction). Runs that merely move up or down, in whatever number, all
 * leave this way; what remains is a tangle.
 */
#include "pagelist_build.h"

#include <stdlib.h>

#include "log.h"

static enum err move_list_grow(struct move_list *list)
{
	u32 capacity = list->capacity ? 2 * list->capacity : 16;
	struct move *items;

	if (list->count < list->capacity)
		return ERR_OK;
	items = realloc(list->items, (size_t)capacity * sizeof(*items));
	if (!items) {
		log_err("place", "the heap has no room for %u moves", capacity);
		return ERR_MEMORY;
	}
	list->items = items;
	list->capacity = capacity;
	return ERR_OK;
}

enum err move_list_add(struct move_list *list, const struct move *m)
{
	enum err err;

	if (!m->pages)
		return ERR_OK;
	err = move_list_grow(list);
	if (!err)
		list->items[list->count++] = *m;
	return err;
}

static bool is_neighbour(const struct move *low, const struct move *high)
{
	return low->zero == high->zero && move_dest_end(low) == high->dest &&
	       (low->zero || move_source_end(low) == high->source);
}

/*
 * One move reads all before it writes, so joining needs both sources intact at the earlier one's turn. They are:
 * nothing came between.
 */
enum err move_list_join(struct move_list *list, const struct move *m)
{
	enum err err = move_list_add(list, m);

	while (!err && list->count > 1) {
		struct move *last = &list->items[list->count - 1], *before = last - 1;

		if (is_neighbour(last, before)) {
			before->dest = last->dest;
			before->source = last->source;
		} else if (!is_neighbour(before, last)) {
			break;
		}
		before->pages += last->pages;
		list->count--;
	}
	return err;
}

/*
 * Does another run read what run `index` overwrites? Runs leave and do not come back, so the search goes on at the
 * one that was in the way last: *checked.
 */
static bool is_blocked(const struct move_list *runs, u32 index, u32 *checked)
{
	const struct move *run = &runs->items[index];

	for (; *checked < runs->count; ++*checked) {
		const struct move *other = &runs->items[*checked];

		if (*checked != index && other->pages && move_reads(other, run->dest, move_dest_end(run)))
			return true;
	}
	return false;
}

/* Take what is free to go, in turns until nothing is. Runs that left have no pages. */
static enum err order_whole(struct pagelist_builder *b, u32 *checked)
{
	bool progress;

	do {
		progress = false;
		for (u32 i = 0; i < b->runs.count; i++) {
			struct move *run = &b->runs.items[i];
			enum err err;

			if (!run->pages || is_blocked(&b->runs, i, &checked[i]))
				continue;
			err = move_list_join(&b->steps, run);
			if (err)
				return err;
			run->pages = 0;
			progress = true;
		}
	} while (progress);
	return ERR_OK;
}

static void drop_empty(struct move_list *list)
{
	u32 kept = 0;

	for (u32 i = 0; i < list->count; i++)
		if (list->items[i].pages)
			list->items[kept++] = list->items[i];
	list->count = kept;
}

enum err order_runs(struct pagelist_builder *b)
{
	u32 *checked = calloc(b->runs.count + 1, sizeof(*checked));
	enum err err;

	if (!checked) {
		log_err("place", "the heap has no room to order %u runs", b->runs.count);
		return ERR_MEMORY;
	}
	err = order_whole(b, checked);
	free(checked);
	drop_empty(&b->runs);
	if (!err && b->runs.count)
		err = order_tangle(b);
	return err;
}
