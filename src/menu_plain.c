/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The menu for scripts and for terminals that know nothing: lines out, lines in. */
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "fmt.h"
#include "menu_private.h"
#include "number.h"

#define SECOND_US 1000000
#define INPUT_MAX (MENU_BOOTARGS_MAX + 64)

enum outcome { GO_ON, CHOSEN };

static void print_entry(const struct menu *menu, const struct menu_layout *layout, u32 entry)
{
	const char *note = menu->entries[entry].note;
	char line[TERM_COLUMNS + 1], fitted[TERM_COLUMNS + 1];

	menu_format_entry(menu, layout, entry, line);
	if (!note || !*note) {
		console_printf("%s\n", line);
		return;
	}
	term_fit(fitted, layout->note_width, note);
	console_printf("%-*s%s\n", (int)layout->note_column, line, fitted);
}

static void print_menu(const struct menu *menu)
{
	struct menu_layout layout;
	char line[TERM_COLUMNS + 1];
	u32 rows = menu_header_line(menu, 0, line);

	console_puts("\n");
	for (u32 row = 0; row < rows; row++) {
		menu_header_line(menu, row, line);
		console_printf("%s\n", line);
	}
	console_puts("\n");
	menu_layout_compute(menu, &layout);
	for (u32 i = 0; i < menu->entry_count; i++)
		print_entry(menu, &layout, i);
	console_puts(menu->entry_count ? "\n" : "   no entries\n\n");
}

/* The word at *at, cut out of the line; *at moves behind it and the blanks after it. */
static char *take_word(char **at)
{
	char *word = *at + strspn(*at, " ");
	char *end = word + strcspn(word, " ");

	*at = end + strspn(end, " ");
	*end = '\0';
	return word;
}

static void complain(const char *text, const char *word)
{
	char fitted[TERM_COLUMNS / 2 + 1];

	term_fit(fitted, TERM_COLUMNS / 2, word);
	console_printf("%s \"%s\"; ? for help\n", text, fitted);
}

/* An entry by number or name; the empty word is the default. Complains about any other. */
static bool find_entry(const struct menu *menu, const char *word, u32 *entry)
{
	u64 number;

	*entry = menu->selected;
	if (!*word && menu->entry_count)
		return true;
	for (u32 i = 0; i < menu->entry_count; i++) {
		if (menu->entries[i].name && !strcmp(menu->entries[i].name, word)) {
			*entry = i;
			return true;
		}
	}
	if (number_word(word, strlen(word), &number) && number && number <= menu->entry_count) {
		*entry = (u32)number - 1;
		return true;
	}
	complain("no entry", word);
	return false;
}

static enum outcome choose(struct menu *menu, enum menu_action action, const char *word, struct menu_choice *choice)
{
	u32 entry;

	if (!find_entry(menu, word, &entry) || !menu_choose(menu, action, entry, choice))
		return GO_ON;
	return CHOSEN;
}

static enum outcome choose_screen(struct menu *menu, enum menu_action action, struct menu_choice *choice)
{
	return menu_choose(menu, action, menu->selected, choice) ? CHOSEN : GO_ON;
}

static char *ask_bootargs(struct menu *menu, u32 entry)
{
	struct lineedit lineedit = { .prompt = "command line: ", .max_length = MENU_BOOTARGS_MAX, .plain = true };
	char *text;

	lineedit.initial = menu_bootargs(menu, entry);
	text = lineedit_run(&lineedit);
	console_puts("\n");
	return text;
}

static void edit(struct menu *menu, const char *word, const char *args)
{
	char *text;
	u32 entry;

	if (!find_entry(menu, word, &entry))
		return;
	text = *args ? strdup(args) : ask_bootargs(menu, entry);
	if (text)
		menu_set_bootargs(menu, entry, text);
	console_printf("%u%c command line: ", entry + 1, menu_is_edited(menu, entry) ? '*' : ' ');
	term_puts(menu_bootargs(menu, entry));
	console_puts("\n");
}

/* A line as one word and the rest; the rest belongs to `e` alone. */
static enum outcome on_line(struct menu *menu, char *line, struct menu_choice *choice)
{
	char *rest = line;
	const char *word = take_word(&rest), *argument = "";

	if (!strcmp(word, "e") || !strcmp(word, "i"))
		argument = take_word(&rest);
	if (!strcmp(word, "e")) {
		edit(menu, argument, rest);
		return GO_ON;
	}
	if (*rest) {
		complain("too much on the line:", rest);
		return GO_ON;
	}
	if (!strcmp(word, "?") || !strcmp(word, "help")) {
		menu_show_help(menu);
		return GO_ON;
	}
	if (!strcmp(word, "i"))
		return choose(menu, MENU_INSPECT, argument, choice);
	if (!strcmp(word, "c"))
		return choose_screen(menu, MENU_SHELL, choice);
	if (!strcmp(word, "l"))
		return choose_screen(menu, MENU_LOG, choice);
	if (!strcmp(word, "m"))
		return choose_screen(menu, MENU_MEMORY, choice);
	if (!strcmp(word, "r"))
		return choose_screen(menu, MENU_REBOOT, choice);
	return choose(menu, MENU_BOOT, word, choice);
}

/* The prompt stands there. False: the time is up and no key came. */
static bool wait_for_key(struct menu *menu)
{
	bool key_came;

	if (menu->timeout < 0)
		return true;
	key_came = term_wait_key((u64)menu->timeout * SECOND_US);
	menu->timeout = -1;
	return key_came;
}

struct menu_choice menu_run_plain(struct menu *menu)
{
	struct lineedit lineedit = { .prompt = MENU_PROMPT, .initial = "", .max_length = INPUT_MAX, .plain = true };
	enum outcome outcome = GO_ON;
	struct menu_choice choice;
	char *line;

	print_menu(menu);
	if (menu->timeout >= 0)
		console_printf("booting %u in %d s, any key stops\n", menu->selected + 1, (int)menu->timeout);
	console_puts(MENU_PROMPT);
	if (!wait_for_key(menu)) {
		console_puts("\n");
		outcome = choose_screen(menu, MENU_BOOT, &choice);
	}
	lineedit.prompt_shown = outcome == GO_ON;
	while (outcome == GO_ON) {
		line = lineedit_run(&lineedit);
		console_puts("\n");
		lineedit.prompt_shown = false;
		if (line)
			outcome = on_line(menu, line, &choice);
		free(line);
	}
	return choice;
}
