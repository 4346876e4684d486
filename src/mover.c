/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "mover.h"

#include "copy.h"
#include "pagelist.h"

#define BATCH_WORDS 4			/* held in registers at once; a page is a multiple of them */

/* What the words before a SOURCE have said about it. */
struct walk {
	uintptr_t base;
	u8 *cursor;
	size_t pages;
	u32 skew;
	bool backward;
	bool zero;			/* the SOURCE keeps the old contents of pages that are to be zero */
	u8 *keep;			/* where the old contents go while the SOURCE is copied; NULL: no KEEP */
	bool wide;
};

/* From the last word to the first: right where the ranges overlap and `to` is above `from`, by however little. */
static void copy_words_backward(u8 *to, const u8 *from, size_t size)
{
	while (size) {
		const copy_word *f;
		copy_word *t, a, b, c, d;

		size -= BATCH_WORDS * sizeof(copy_word);
		f = (const copy_word *)(from + size);
		t = (copy_word *)(to + size);
		a = f[0];
		b = f[1];
		c = f[2];
		d = f[3];
		t[0] = a;
		t[1] = b;
		t[2] = c;
		t[3] = d;
	}
}

/*
 * From the first byte to the last: also right where the ranges overlap and `to` is below `from`. One copy of the loop
 * is enough.
 */
__attribute__((noinline)) static void copy_forward(u8 *to, const u8 *from, size_t size)
{
	for (; size; to += COPY_BLOCK, from += COPY_BLOCK, size -= COPY_BLOCK) {
		for (size_t at = COPY_AHEAD; size > COPY_AHEAD && at < COPY_AHEAD + COPY_BLOCK; at += COPY_LINE)
			copy_fetch_line(to + at, from + at);
		copy_block(to, from);
	}
}

/*
 * A string instruction that goes down is slow. A block of at most the distance between the two does not overlap where
 * it goes: those are copied upwards, the last one first.
 */
static void copy_backward(u8 *to, const u8 *from, size_t size)
{
	size_t block = (size_t)(to - from) & ~(size_t)PAGE_MASK;

	if (!block) {
		copy_words_backward(to, from, size);
		return;
	}
	while (size) {
		size_t part = size < block ? size : block;

		size -= part;
		copy_forward(to + size, from + size, part);
	}
}

static void exchange_line(copy_word *t, copy_word *f)
{
	for (u32 i = 0; i < COPY_LINE / sizeof(*t); i += 2) {
		copy_word a = t[i], b = t[i + 1], c = f[i], d = f[i + 1];

		t[i] = c;
		t[i + 1] = d;
		f[i] = a;
		f[i + 1] = b;
	}
}

static void exchange(const struct walk *w, u8 *from, size_t size)
{
	u8 *to = w->cursor;

	if (w->wide) {
		copy_exchange_wide(to, from, size);
		return;
	}
	for (; size; to += COPY_LINE, from += COPY_LINE, size -= COPY_LINE) {
		if (size > COPY_AHEAD)
			copy_fetch_line(to + COPY_AHEAD, from + COPY_AHEAD);
		exchange_line((copy_word *)to, (copy_word *)from);
	}
}

/* Old contents go to `keep`. */
static void replace(const struct walk *w, const u8 *from, size_t size)
{
	u8 *to = w->cursor, *keep = w->keep;

	if (w->wide) {
		copy_replace_wide(to, keep, from, size);
		return;
	}
	for (; size; to += COPY_LINE, keep += COPY_LINE, from += COPY_LINE, size -= COPY_LINE) {
		copy_word *t = (copy_word *)to, *k = (copy_word *)keep;
		const copy_word *f = (const copy_word *)from;

		if (size > COPY_AHEAD) {
			copy_fetch_line(to + COPY_AHEAD, from + COPY_AHEAD);
			copy_fetch_line(keep + COPY_AHEAD, keep + COPY_AHEAD);
		}
#pragma GCC unroll 16
		for (u32 i = 0; i < COPY_LINE / sizeof(*t); i++) {
			copy_word old = t[i], new = f[i];

			k[i] = old;
			t[i] = new;
		}
	}
}

/* Carry out a SOURCE word, and forget what was said about it. */
static size_t move(struct walk *w, uintptr_t page, enum mover_mode mode)
{
	u8 *from = (u8 *)(w->base + page) + w->skew;
	size_t pages = w->pages, size = pages * PAGE_SIZE;

	if (mode == MOVER_COPY) {
		if (w->backward)
			copy_backward(w->cursor, from, size);
		else
			copy_forward(w->cursor, from, size);
	} else if (w->keep && mode == MOVER_SWAP) {
		replace(w, from, size);
	} else if (w->keep) {
		exchange(w, w->keep, size);
	} else if (w->zero && mode == MOVER_SWAP) {
		copy_forward(from, w->cursor, size);
		copy_zero(w->cursor, size);
	} else {
		exchange(w, from, size);
	}
	w->cursor += size;
	w->pages = 1;
	w->skew = 0;
	w->backward = w->zero = false;
	w->keep = NULL;
	return pages;
}

/* A ZERO word is complete when copying; when swapping the SOURCE behind it completes it. */
static size_t zero(struct walk *w, size_t pages, enum mover_mode mode)
{
	if (mode != MOVER_COPY) {
		w->pages = pages;
		w->zero = true;
		return 0;
	}
	copy_zero(w->cursor, pages * PAGE_SIZE);
	w->cursor += pages * PAGE_SIZE;
	return pages;
}

static u64 walk_list(struct walk w, paddr_t head, enum mover_mode mode, volatile u64 *progress)
{
	uintptr_t base = w.base;
	const u64 *words = (const u64 *)(base + (uintptr_t)head);
	u64 moved = 0;

	for (;;) {
		u64 word = *words++;
		uintptr_t page = (uintptr_t)(word & ~PAGE_MASK);
		size_t number = (size_t)(word >> PAGE_SHIFT);

		if (word & PAGELIST_DEST) {
			w.cursor = (u8 *)(base + page);
		} else if (word & PAGELIST_IND) {
			words = (const u64 *)(base + page);
		} else if (word & PAGELIST_DONE) {
			return moved;
		} else if (word & PAGELIST_SOURCE) {
			moved += move(&w, page, mode);
		} else if (word & PAGELIST_RUN) {
			w.pages = number;
			w.backward = word & PAGELIST_BACKWARD;
		} else if (word & PAGELIST_SKEW) {
			w.skew = (u32)number;
		} else if (word & PAGELIST_ZERO) {
			moved += zero(&w, number, mode);
		} else if (word & PAGELIST_KEEP) {
			w.keep = (u8 *)(base + page);
		}
		if (progress)
			++*progress;
	}
}

u64 mover_run(uintptr_t base, paddr_t head, enum mover_mode mode, volatile u64 *progress)
{
	return walk_list((struct walk){ .base = base, .pages = 1 }, head, mode, progress);
}

u64 mover_run_wide(uintptr_t base, paddr_t head, enum mover_mode mode, volatile u64 *progress)
{
	return walk_list((struct walk){ .base = base, .pages = 1, .wide = true }, head, mode, progress);
}
