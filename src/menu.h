/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The menu on the serial line: 80x24, VT100, or plain lines for scripts (menu=plain). Knows nothing of booting: it shows
 * entries and returns what was chosen; the screens behind `i`, `l`, `m` are the caller's.
 */
#ifndef TRAPEZE_MENU_H
#define TRAPEZE_MENU_H

#include "types.h"

struct menu_entry {
	const char *title;
	const char *note;		/* right-hand column: "linux, 13.5 MiB + 2.4 MiB initrd" */
	const char *bootargs;		/* what `e` starts from; never NULL */
};

enum menu_action { MENU_BOOT, MENU_INSPECT, MENU_LOG, MENU_MEMORY, MENU_REBOOT };

struct menu_choice {
	enum menu_action action;
	u32 entry;
	char *bootargs;			/* MENU_BOOT, MENU_INSPECT: malloc'd, edited or a copy; the caller frees it */
};

struct menu {
	const char *header;		/* one or more lines: product, firmware, memory, console, manifest */
	const struct menu_entry *entries;
	u32 entry_count;
	u32 selected;			/* in: default; kept across calls */
	s32 timeout;			/* seconds until `selected` is taken; -1: never. Set to -1 once a key was pressed */
	bool plain;
	char **edited;			/* the menu's own: entry_count edited command lines, NULL where not edited */
};

/*
 * Run until something is chosen. Keys: up/down (also k/j, Ctrl-P/N), Home/End, PgUp/PgDn when there are more entries than lines, digits (a number
 * chooses an entry; with more than nine entries digits collect until Enter or a pause), Enter, e, i, l, m, r, ?.
 */
struct menu_choice menu_run(struct menu *menu);
void menu_free(struct menu *menu);

/*
 * The pager behind `i`, `l`, `m`: menu_page_line shows one line and, on a VT100, stops at a full screen for a key; returns false when the
 * user has had enough (q). In plain mode it never stops.
 */
void menu_page_begin(const struct menu *menu, const char *title);
bool menu_page_line(const char *line);
void menu_page_end(void);

/* Progress of a long step on one line: "verify kernel  [#####     ] 52 %". done == total ends the line. Quiet below 250 ms and in plain mode. */
void menu_progress(const struct menu *menu, const char *what, u64 done, u64 total);

#endif
