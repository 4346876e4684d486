/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The menu on the serial line: 80x24, VT100, or plain lines for scripts (menu=plain). Knows nothing of booting: it
 * shows entries and returns what was chosen; the screens behind `i`, `l`, `m` are the caller's. It is drawn below what
 * is on the screen already, so what was logged before stays in sight. Text from files may hold any bytes: only
 * printable ASCII goes out.
 */
#ifndef TRAPEZE_MENU_H
#define TRAPEZE_MENU_H

#include "lineedit.h"
#include "types.h"

/* How long an edited command line can get. Every loader has its own limit besides, and says so. */
#define MENU_BOOTARGS_MAX 4095

/* What a script waits for when menu=plain; it comes at the start of a line. */
#define MENU_PROMPT "trapeze> "

struct menu_entry {
	const char *name;		/* in the manifest; plain mode takes it in place of a number. May be NULL */
	const char *title;
	const char *note;		/* right-hand column: "linux, 13.5 MiB + 2.4 MiB initrd" */
	const char *bootargs;		/* what `e` starts from; never NULL */
};

enum menu_action { MENU_BOOT, MENU_INSPECT, MENU_LOG, MENU_MEMORY, MENU_REBOOT, MENU_SHELL };

struct menu_choice {
	enum menu_action action;
	u32 entry;
	char *bootargs;			/* MENU_BOOT, MENU_INSPECT: malloc'd, the caller frees it; else NULL */
};

/* The caller fills in what it has and leaves the rest zero. */
struct menu {
	const char *header;		/* one or more lines: product, firmware, memory, console, manifest */
	const struct menu_entry *entries;
	u32 entry_count;
	u32 selected;			/* in: default; VT100: the one that is marked, kept across calls */
	/*
	 * Seconds until `selected` is taken; 0: at once, unless a key waits already; -1: never. -1 afterwards: a
	 * default that fails is not tried again and again.
	 */
	s32 timeout;
	bool plain;
	char **edited;			/* the menu's own: entry_count edited command lines, NULL where not edited */
	struct lineedit_history history;	/* the menu's own */
};

/*
 * Run until something is chosen. Keys: up/down (also k/j, Ctrl-P/N), Home/End, PgUp/PgDn; Enter starts the marked
 * entry, a number the one that has it (with more than nine entries digits collect until the number is clear, Enter or
 * a pause of 1.5 s); e edits the command line, i, c, l, m, r are chosen, ? shows help, Ctrl-L clears the screen and draws
 * again. Plain: the list, and a line after the prompt; see docs/menu.md.
 */
struct menu_choice menu_run(struct menu *menu);
void menu_free(struct menu *menu);
/* Change the list between two runs. The first `kept` entries are as before and keep edited command lines; others lose them. */
void menu_set_entries(struct menu *menu, const struct menu_entry *entries, u32 count, u32 kept);

/*
 * The pager behind `i`, `l`, `m`: menu_page_line shows one line (wrapped at 79 columns) and, on a VT100, stops at a
 * full screen for a key; returns false when the user has had enough (q). In plain mode it neither wraps nor stops.
 */
void menu_page_begin(const struct menu *menu, const char *title);
/* The same without a title, for what begins in the middle of a screen; needs no menu_page_end. */
void menu_page_start(const struct menu *menu);
bool menu_page_line(const char *line);
void menu_page_end(void);

/*
 * Progress of a long step on one line: "verify kernel  [#####     ] 52 %". done == total ends the line. Quiet below
 * 250 ms and in plain mode.
 */
void menu_progress(const struct menu *menu, const char *what, u64 done, u64 total);
/* For log_set_console: console_write, but not into the middle of a progress line. */
void menu_log_write(const char *text, size_t size);

#endif
