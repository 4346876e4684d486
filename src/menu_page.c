/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The pager. It prints line under line, so a terminal's scroll-back and a capture of the line hold the whole text. */
#include <string.h>

#include "console.h"
#include "menu.h"
#include "term.h"

#define CONTINUATION_INDENT 4

/* There is one screen and one text at a time on it. */
static struct {
	bool plain;
	bool stops;			/* at a full screen */
	bool quit;			/* the user wants no more */
	u32 rows_left;			/* until the screen is full */
} page;

void menu_page_start(const struct menu *menu)
{
	page.plain = menu->plain;
	page.stops = !menu->plain;
	page.quit = false;
	page.rows_left = TERM_ROWS - 1;	/* the last line is for the prompt */
}

void menu_page_begin(const struct menu *menu, const char *title)
{
	char line[TERM_COLUMNS + 1];

	menu_page_start(menu);
	page.rows_left -= 2;		/* the blank line, the title */
	term_fit(line, TERM_COLUMNS - 6, title);
	console_printf("\n-- %s --\n", line);
}

/* Ask on the last line of the screen, and leave that line blank. */
static int ask(const char *prompt)
{
	int key;

	do {
		console_printf("\033[7m%s\033[m", prompt);
		do {
			key = term_read_key(0);
		} while (key == KEY_FOREIGN);
	} while (key == KEY_DISTURBED);
	console_puts("\r\033[K");
	return key;
}

static void stop_at_full_screen(void)
{
	switch (ask("-- space more, Enter next line, End rest, q quit --")) {
	case 'q':
	case 'Q':
	case KEY_ESCAPE:
	case KEY_CTRL('C'):
		page.quit = true;
		break;
	case KEY_ENTER:
	case KEY_DOWN:
	case 'j':
		page.rows_left = 1;
		break;
	case KEY_END:
	case 'G':
		page.stops = false;
		break;
	default:
		page.rows_left = TERM_ROWS - 1;
		break;
	}
}

static bool page_row(const char *text)
{
	if (page.stops && !page.rows_left)
		stop_at_full_screen();
	if (page.quit)
		return false;
	console_printf("%s\n", text);
	page.rows_left -= page.rows_left ? 1 : 0;
	return true;
}

bool menu_page_line(const char *line)
{
	char row[TERM_COLUMNS + 1];
	size_t at, length = strlen(line);
	u32 indent = 0;

	if (page.plain) {
		term_puts(line);
		console_puts("\n");
		return true;
	}
	at = term_wrap(line, length, row, TERM_COLUMNS);
	while (page_row(row) && at < length) {
		indent = CONTINUATION_INDENT;
		memset(row, ' ', indent);
		at += term_wrap(line + at, length - at, row + indent, TERM_COLUMNS - indent);
	}
	return !page.quit;
}

void menu_page_end(void)
{
	if (!page.plain && !page.quit)
		ask("-- end, any key for the menu --");
}
