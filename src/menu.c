/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "menu.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "menu_private.h"

#define HISTORY_CAPACITY 32

const char *menu_bootargs(const struct menu *menu, u32 entry)
{
	return menu_is_edited(menu, entry) ? menu->edited[entry] : menu->entries[entry].bootargs;
}

bool menu_is_edited(const struct menu *menu, u32 entry)
{
	return menu->edited && menu->edited[entry];
}

static bool out_of_memory(const char *what)
{
	log_err("menu", "not enough memory for %s", what);
	return false;
}

void menu_set_entries(struct menu *menu, const struct menu_entry *entries, u32 count, u32 kept)
{
	char **edited = menu->edited ? calloc(count, sizeof(*edited)) : NULL;

	for (u32 i = 0; menu->edited && i < menu->entry_count; i++) {
		if (edited && i < kept && i < count)
			edited[i] = menu->edited[i];
		else
			free(menu->edited[i]);
	}
	free(menu->edited);
	menu->edited = edited;
	menu->entries = entries;
	menu->entry_count = count;
}

void menu_set_bootargs(struct menu *menu, u32 entry, char *text)
{
	if (!menu->edited)
		menu->edited = calloc(menu->entry_count, sizeof(*menu->edited));
	if (!menu->edited) {
		out_of_memory("edited command lines");
		free(text);
		return;
	}
	free(menu->edited[entry]);
	menu->edited[entry] = NULL;
	if (strcmp(text, menu->entries[entry].bootargs))
		menu->edited[entry] = text;
	else
		free(text);
}

bool menu_choose(const struct menu *menu, enum menu_action action, u32 entry, struct menu_choice *choice)
{
	*choice = (struct menu_choice){ .action = action, .entry = entry };
	if (action != MENU_BOOT && action != MENU_INSPECT)
		return true;
	choice->bootargs = strdup(menu_bootargs(menu, entry));
	return choice->bootargs || out_of_memory("a command line");
}

struct menu_choice menu_run(struct menu *menu)
{
	struct menu_choice choice;

	if (!menu->history.capacity)
		lineedit_history_init(&menu->history, HISTORY_CAPACITY);
	if (menu->selected >= menu->entry_count)
		menu->selected = 0;
	if (!menu->entry_count)
		menu->timeout = -1;
	/* No time to wait and nobody there: the menu is not even drawn. */
	if (menu->timeout == 0) {
		menu->timeout = -1;
		if (!term_wait_key(1) && menu_choose(menu, MENU_BOOT, menu->selected, &choice))
			return choice;
	}
	return menu->plain ? menu_run_plain(menu) : menu_run_vt100(menu);
}

void menu_free(struct menu *menu)
{
	for (u32 i = 0; menu->edited && i < menu->entry_count; i++)
		free(menu->edited[i]);
	free(menu->edited);
	menu->edited = NULL;
	lineedit_history_free(&menu->history);
}
