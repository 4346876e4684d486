/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the two faces of the line editor share: the line and what can be done to it, apart from showing it. */
#ifndef TRAPEZE_LINEEDIT_PRIVATE_H
#define TRAPEZE_LINEEDIT_PRIVATE_H

#include "lineedit.h"

/*
 * text[length] with the cursor before text[at]; max + 1 bytes are allocated for text and for cut, both NUL-terminated.
 */
struct line {
	char *text;
	size_t length, at, max;
	char *cut;			/* what Ctrl-Y pastes */
};

/* Every change answers whether it was done; if not, nothing has changed. */
bool line_init(struct line *line, const char *initial, size_t max);
void line_free(struct line *line);
bool line_insert(struct line *line, const char *text, size_t count);
/* Take [from, to) out; the cursor goes to from. False when it is empty. */
bool line_remove(struct line *line, size_t from, size_t to);
/* The same, kept for line_paste. */
bool line_cut(struct line *line, size_t from, size_t to);
bool line_paste(struct line *line);
bool line_set(struct line *line, const char *text);
bool line_swap(struct line *line);
/* Start of the word before the cursor, end of the word after it. */
size_t line_word_before(const struct line *line);
size_t line_word_after(const struct line *line);

/* What Tab inserts, or NULL. */
const char *line_completion(const struct lineedit *edit, const struct line *line);

char *lineedit_run_plain(const struct lineedit *edit, struct line *line);
char *lineedit_run_vt100(const struct lineedit *edit, struct line *line);

/* Keep a copy as the newest; forget the oldest beyond the capacity. Out of memory: the line is not kept. */
void lineedit_history_add(struct lineedit_history *history, const char *text);

#endif
