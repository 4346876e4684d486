/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A line editor for a serial line: emacs keys and arrows, history, scrolling sideways when the line is longer than the
 * screen. Works on the console of console.h.
 *
 * Keys: Ctrl-A Home, Ctrl-E End, Ctrl-B Left, Ctrl-F Right, Alt-B and Alt-F by words, Ctrl-D Delete, Ctrl-H Backspace,
 * Ctrl-K cut to the end, Ctrl-U cut to the start, Ctrl-W cut the word before, Alt-D cut the word after, Ctrl-Y paste
 * what was cut last, Ctrl-T swap two characters, Ctrl-P Up and Ctrl-N Down through the history, Tab completes, Ctrl-L draw
 * again. A bell means: refused.
 */
#ifndef TRAPEZE_LINEEDIT_H
#define TRAPEZE_LINEEDIT_H

#include "types.h"

struct lineedit_history {
	char **lines;			/* malloc'd, newest last */
	u32 count, capacity;		/* capacity: how many are kept at most */
};

struct lineedit {
	const char *prompt;		/* at most half a line of printable ASCII */
	const char *initial;		/* what the line starts as, cut to max_length; never NULL */
	size_t max_length;		/* without the NUL */
	struct lineedit_history *history;	/* or NULL */
	/* What Tab adds at the cursor, text[length] being what stands before it; NULL: nothing. May be NULL itself. */
	const char *(*complete)(const void *ctx, const char *text, size_t length);
	const void *complete_ctx;
	/*
	 * No cursor tricks: echo, Backspace, Ctrl-W, Ctrl-U (a new prompt on a new line), Ctrl-L (the same with the
	 * line); the cursor stays at the end, no history. Tab completes.
	 */
	bool plain;
	bool prompt_shown;		/* plain: the prompt stands there already */
};

/*
 * Edit a line on the line that the cursor is on. Enter: the line, malloc'd, and kept in the history unless it is empty
 * or the newest one there. Escape, Ctrl-C (and, logged, where there is not enough memory): NULL. No newline is written
 * at the end: the caller does, or draws over it. Typed bytes that are not printable ASCII are refused; those that
 * `initial` has are kept and shown as '?'.
 */
char *lineedit_run(const struct lineedit *edit);

void lineedit_history_init(struct lineedit_history *history, u32 capacity);
void lineedit_history_free(struct lineedit_history *history);

#endif
