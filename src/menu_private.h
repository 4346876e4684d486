/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the parts of the menu share: menu.c (choices), menu_draw.c, menu_keys.c (VT100), menu_plain.c, menu_help.c. */
#ifndef TRAPEZE_MENU_PRIVATE_H
#define TRAPEZE_MENU_PRIVATE_H

#include "menu.h"
#include "term.h"

/* The columns of an entry's line: mark, number, title, note. */
struct menu_layout {
	u32 number_width;
	u32 title_column, title_width;
	u32 note_column, note_width;
};

/* The menu as it stands on a VT100. Rows count from the top of the block. */
struct menu_view {
	struct menu *menu;
	struct menu_layout layout;
	struct term_block block;
	u32 header_rows;
	u32 list_row, list_rows;
	u32 top;			/* the first entry in sight */
	u32 number;			/* typed so far; 0: none */
	u32 seconds_left;		/* of the countdown, while menu->timeout >= 0 */
	bool editing;
};

/* The command line that an entry would be started with. */
const char *menu_bootargs(const struct menu *menu, u32 entry);
bool menu_is_edited(const struct menu *menu, u32 entry);
/* Keep `text` (malloc'd, the menu's from here on) as the entry's; the same as the manifest's means not edited. */
void menu_set_bootargs(struct menu *menu, u32 entry, char *text);
/* Fill in a choice; false (logged) when there is no memory for it. */
bool menu_choose(const struct menu *menu, enum menu_action action, u32 entry, struct menu_choice *choice);

/* Returns rows of the header as printed; `line` (may be NULL) gets the row'th, or "". */
u32 menu_header_line(const struct menu *menu, u32 row, char line[TERM_COLUMNS + 1]);
void menu_layout_compute(const struct menu *menu, struct menu_layout *layout);
/* Mark, number and title as they stand in an entry's line. */
void menu_format_entry(const struct menu *menu, const struct menu_layout *layout, u32 entry,
		       char line[TERM_COLUMNS + 1]);

/* Start on what the cursor is at, or on an empty screen. */
void menu_view_begin(struct menu_view *view, bool clear);
void menu_view_show(struct menu_view *view);
/* Leave the block, with a last word in place of the countdown. */
void menu_view_end(struct menu_view *view, const char *status);
/* Row on which a command line is edited. */
u32 menu_view_edit_row(const struct menu_view *view);

struct menu_choice menu_run_vt100(struct menu *menu);
struct menu_choice menu_run_plain(struct menu *menu);
void menu_show_help(const struct menu *menu);

#endif
