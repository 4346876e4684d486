/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The menu on a VT100. */
#include <stdlib.h>

#include "arch.h"
#include "div.h"
#include "fmt.h"
#include "menu_private.h"

#define SECOND_US 1000000
#define NUMBER_PAUSE_US 1500000

/* What a key led to: the menu goes on, or `choice` is filled in. */
enum outcome { GO_ON, CHOSEN };

static enum outcome choose(struct menu_view *view, enum menu_action action, struct menu_choice *choice)
{
	struct menu *menu = view->menu;
	bool needs_entry = action == MENU_BOOT || action == MENU_INSPECT;

	if ((needs_entry && !menu->entry_count) || !menu_choose(menu, action, menu->selected, choice)) {
		term_bell();
		return GO_ON;
	}
	return CHOSEN;
}

/*
 * Wait for the next key while the countdown runs, and show its seconds. A key stops it. KEY_NONE: it ran out. Noise on
 * the line is no key: it must not keep a machine from starting.
 */
static int read_key_counting(struct menu_view *view)
{
	struct menu *menu = view->menu;
	u64 start = arch_time_us(), length = (u64)menu->timeout * SECOND_US, elapsed;
	u32 left_of_second;

	for (;;) {
		elapsed = arch_time_us() - start;
		if (elapsed >= length)
			break;
		view->seconds_left = (u32)div_u64_u32(length - elapsed + SECOND_US - 1, SECOND_US, NULL);
		menu_view_show(view);
		div_u64_u32(length - elapsed - 1, SECOND_US, &left_of_second);
		if (term_wait_key(left_of_second + 1))
			break;
	}
	menu->timeout = -1;
	return elapsed >= length ? KEY_NONE : term_read_key(0);
}

static int read_key(struct menu_view *view)
{
	if (view->menu->timeout >= 0)
		return read_key_counting(view);
	menu_view_show(view);
	return term_read_key(view->number ? NUMBER_PAUSE_US : 0);
}

static enum outcome choose_number(struct menu_view *view, struct menu_choice *choice)
{
	view->menu->selected = view->number - 1;
	view->number = 0;
	return choose(view, MENU_BOOT, choice);
}

/* A number is complete when another digit would lead beyond the last entry. */
static enum outcome on_digit(struct menu_view *view, u32 digit, struct menu_choice *choice)
{
	u64 number = (u64)view->number * 10 + digit;

	view->number = 0;
	if (!number || number > view->menu->entry_count) {
		term_bell();
		return GO_ON;
	}
	view->number = (u32)number;
	return number * 10 > view->menu->entry_count ? choose_number(view, choice) : GO_ON;
}

/* Returns false when it is no key that moves the selection. */
static bool on_move_key(struct menu_view *view, int key)
{
	struct menu *menu = view->menu;
	u32 last = menu->entry_count ? menu->entry_count - 1 : 0, page = view->list_rows;

	switch (key) {
	case KEY_UP:
	case 'k':
	case KEY_CTRL('P'):
		menu->selected -= menu->selected ? 1 : 0;
		return true;
	case KEY_DOWN:
	case 'j':
	case KEY_CTRL('N'):
		menu->selected += menu->selected < last ? 1 : 0;
		return true;
	case KEY_HOME:
		menu->selected = 0;
		return true;
	case KEY_END:
		menu->selected = last;
		return true;
	case KEY_PAGE_UP:
		menu->selected -= menu->selected < page ? menu->selected : page;
		return true;
	case KEY_PAGE_DOWN:
		menu->selected += last - menu->selected < page ? last - menu->selected : page;
		return true;
	default:
		return false;
	}
}

static void edit(struct menu_view *view)
{
	struct menu *menu = view->menu;
	struct lineedit lineedit = { .prompt = " ", .max_length = MENU_BOOTARGS_MAX, .history = &menu->history };
	char *text;

	if (!menu->entry_count) {
		term_bell();
		return;
	}
	lineedit.initial = menu_bootargs(menu, menu->selected);
	view->editing = true;
	menu_view_show(view);
	text = lineedit_run(&lineedit);
	term_block_forget_row(&view->block);
	view->editing = false;
	if (text)
		menu_set_bootargs(menu, menu->selected, text);
}

static void help(struct menu_view *view)
{
	menu_view_end(view, "");
	menu_show_help(view->menu);
	menu_view_begin(view, false);
}

static enum outcome on_command_key(struct menu_view *view, int key, struct menu_choice *choice)
{
	switch (key) {
	case KEY_ENTER:
		return choose(view, MENU_BOOT, choice);
	case 'i':
		return choose(view, MENU_INSPECT, choice);
	case 'c':
		return choose(view, MENU_SHELL, choice);
	case 'l':
		return choose(view, MENU_LOG, choice);
	case 'm':
		return choose(view, MENU_MEMORY, choice);
	case 'r':
		return choose(view, MENU_REBOOT, choice);
	case 'e':
		edit(view);
		return GO_ON;
	case '?':
	case 'h':
		help(view);
		return GO_ON;
	case KEY_CTRL('L'):
		menu_view_begin(view, true);
		return GO_ON;
	case KEY_DISTURBED:
		menu_view_begin(view, false);
		return GO_ON;
	default:
		return GO_ON;
	}
}

static enum outcome on_key(struct menu_view *view, int key, struct menu_choice *choice)
{
	if (key >= 'A' && key <= 'Z')
		key += 'a' - 'A';
	if (view->number && (key == KEY_NONE || key == KEY_ENTER))
		return choose_number(view, choice);
	if (key >= '0' && key <= '9')
		return on_digit(view, (u32)(key - '0'), choice);
	if (key != KEY_FOREIGN)
		view->number = 0;
	if (on_move_key(view, key))
		return GO_ON;
	return on_command_key(view, key, choice);
}

static void end(struct menu_view *view, const struct menu_choice *choice)
{
	char status[TERM_COLUMNS + 1] = "", title[TERM_COLUMNS + 1];

	if (choice->action == MENU_BOOT) {
		term_fit(title, TERM_COLUMNS / 2, view->menu->entries[choice->entry].title);
		fmt_snprintf(status, sizeof(status), " starting %u, %s", choice->entry + 1, title);
	}
	menu_view_end(view, status);
}

struct menu_choice menu_run_vt100(struct menu *menu)
{
	struct menu_view view = { .menu = menu };
	struct menu_choice choice;
	enum outcome outcome;
	int key;

	menu_view_begin(&view, false);
	do {
		bool counts = menu->timeout >= 0;

		key = read_key(&view);
		outcome = counts && key == KEY_NONE ? choose(&view, MENU_BOOT, &choice) : on_key(&view, key, &choice);
	} while (outcome == GO_ON);
	end(&view, &choice);
	return choice;
}
