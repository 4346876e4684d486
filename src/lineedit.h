/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A line editor for a serial line: emacs keys and arrows, history, scrolling sideways when the line is longer than the screen.
 * Works on the console of console.h.
 */
#ifndef TRAPEZE_LINEEDIT_H
#define TRAPEZE_LINEEDIT_H

#include "types.h"

struct lineedit_history {
	char **lines;			/* malloc'd, newest last */
	u32 count, capacity;		/* capacity: how many are kept at most */
};

/*
 * Edit a line that starts as `initial`. Enter: the line, malloc'd. Escape or Ctrl-C: NULL. `max_length` without the NUL.
 * `plain`: no cursor tricks, echo and backspace only.
 */
char *lineedit_run(const char *prompt, const char *initial, size_t max_length, struct lineedit_history *history, bool plain);
void lineedit_history_init(struct lineedit_history *history, u32 capacity);
void lineedit_history_free(struct lineedit_history *history);

#endif
