/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "menu_private.h"

#include <string.h>

#include "fmt.h"

#define HEADER_ROWS_MAX 8
#define TITLE_WIDTH_MIN 32
#define KEYS_MENU " Enter start  e edit  i inspect  c shell  l log  m memory  r reboot  ? help"
#define KEYS_EDIT " Enter keep  Esc discard  Up/Down history  Ctrl-A/E ends  -U/-K cut  -Y paste"

/* Filled by one menu at a time: the shown and the next lines of its block. */
static u8 cells[2 * TERM_ROWS][TERM_COLUMNS];

/* " | " separates what the header says; none is left at either side of a break. */
static size_t next_header_line(const char *text, size_t length, char *line)
{
	size_t used = term_wrap(text, length, line, TERM_COLUMNS), end = strlen(line);

	if (used < length && end > 2 && !strcmp(line + end - 2, " |"))
		line[end - 2] = '\0';
	if (used < length && length - used > 2 && !strncmp(text + used, "| ", 2))
		used += 2;
	return used;
}

u32 menu_header_line(const struct menu *menu, u32 row, char line[TERM_COLUMNS + 1])
{
	const char *at = menu->header ? menu->header : "";
	char text[TERM_COLUMNS + 1];
	u32 rows = 0;

	line[0] = '\0';
	while (*at && rows < HEADER_ROWS_MAX) {
		at += next_header_line(at, strcspn(at, "\n"), text);
		if (rows++ == row)
			memcpy(line, text, sizeof(text));
		if (*at == '\n')
			at++;
	}
	return rows;
}

static u32 digit_count(u32 number)
{
	u32 count = 1;

	while (number /= 10)
		count++;
	return count;
}

static u32 text_width(const char *text)
{
	return text ? (u32)min_u64(term_clean(NULL, 0, text), TERM_COLUMNS) : 0;
}

/*
 * Titles get what the longest needs, notes the rest; where both do not fit, notes give way first, but titles never
 * take more than what leaves notes half of the line.
 */
void menu_layout_compute(const struct menu *menu, struct menu_layout *layout)
{
	u32 longest_title = TITLE_WIDTH_MIN, longest_note = 0, room;

	for (u32 i = 0; i < menu->entry_count; i++) {
		longest_title = (u32)max_u64(longest_title, text_width(menu->entries[i].title));
		longest_note = (u32)max_u64(longest_note, text_width(menu->entries[i].note));
	}
	layout->number_width = digit_count(menu->entry_count);
	layout->title_column = 3 + layout->number_width + 2;
	room = TERM_COLUMNS - layout->title_column;
	if (!longest_note)
		layout->title_width = room;
	else if (longest_title + 2 + longest_note <= room)
		layout->title_width = longest_title;
	else
		layout->title_width = (u32)max_u64(room > longest_note + 2 ? room - longest_note - 2 : 0, room / 2);
	if (layout->title_width > longest_title)
		layout->title_width = longest_title;
	layout->note_column = layout->title_column + layout->title_width + 2;
	layout->note_width = layout->note_column < TERM_COLUMNS ? TERM_COLUMNS - layout->note_column : 0;
}

void menu_format_entry(const struct menu *menu, const struct menu_layout *layout, u32 entry,
		       char line[TERM_COLUMNS + 1])
{
	char title[TERM_COLUMNS + 1], mark = entry == menu->selected ? '>' : ' ';

	term_fit(title, layout->title_width, menu->entries[entry].title);
	fmt_snprintf(line, TERM_COLUMNS + 1, " %c %*u%c %s", mark, (int)layout->number_width, entry + 1,
		     menu_is_edited(menu, entry) ? '*' : ' ', title);
}

static void draw_header(struct menu_view *view)
{
	char line[TERM_COLUMNS + 1];

	for (u32 row = 0; row < view->header_rows; row++) {
		menu_header_line(view->menu, row, line);
		term_block_put(&view->block, 1 + row, 0, TERM_COLUMNS, line, 0);
	}
}

static void draw_entry(struct menu_view *view, u32 entry)
{
	const struct menu_layout *layout = &view->layout;
	const char *note = view->menu->entries[entry].note;
	u32 row = view->list_row + entry - view->top;
	u8 attribute = entry == view->menu->selected ? TERM_REVERSE : 0;
	char line[TERM_COLUMNS + 1];

	menu_format_entry(view->menu, layout, entry, line);
	term_block_put(&view->block, row, 1, TERM_COLUMNS, line + 1, attribute);
	if (note)
		term_block_put(&view->block, row, layout->note_column, layout->note_width, note, 0);
}

static void draw_list(struct menu_view *view)
{
	u32 count = view->menu->entry_count, end = view->top + view->list_rows;
	char line[TERM_COLUMNS + 1];

	if (!count)
		term_block_put(&view->block, view->list_row, 3, TERM_COLUMNS, "no entries", 0);
	for (u32 i = view->top; i < end && i < count; i++)
		draw_entry(view, i);
	if (view->top) {
		fmt_snprintf(line, sizeof(line), "   (%u more above)", view->top);
		term_block_put(&view->block, view->list_row - 1, 0, TERM_COLUMNS, line, 0);
	}
	if (end < count && !view->editing) {
		fmt_snprintf(line, sizeof(line), "   (%u more below)", count - end);
		term_block_put(&view->block, view->list_row + view->list_rows, 0, TERM_COLUMNS, line, 0);
	}
}

/* What the line under the list says while nothing is edited. */
static void format_status(const struct menu_view *view, char *line, size_t size)
{
	const struct menu *menu = view->menu;
	bool any_edited = false;

	for (u32 i = 0; i < menu->entry_count; i++)
		any_edited = any_edited || menu_is_edited(menu, i);
	if (menu->timeout >= 0)
		fmt_snprintf(line, size, " %u starts in %u s, any key stops", menu->selected + 1, view->seconds_left);
	else if (view->number)
		fmt_snprintf(line, size, " %u... more digits, or Enter", view->number);
	else
		fmt_snprintf(line, size, "%s", any_edited ? " * command line edited" : "");
}

u32 menu_view_edit_row(const struct menu_view *view)
{
	return view->list_row + view->list_rows + 1;
}

static void draw_foot(struct menu_view *view)
{
	const struct menu *menu = view->menu;
	u32 row = view->list_row + view->list_rows, title_column;
	char line[TERM_COLUMNS + 1];

	if (view->editing) {
		title_column = (u32)fmt_snprintf(line, sizeof(line), " Command line of %u, ", menu->selected + 1);
		term_block_put(&view->block, row, 0, TERM_COLUMNS, line, 0);
		term_block_put(&view->block, row, title_column, TERM_COLUMNS, menu->entries[menu->selected].title, 0);
	} else {
		format_status(view, line, sizeof(line));
		term_block_put(&view->block, row + 1, 0, TERM_COLUMNS, line, 0);
	}
	term_block_put(&view->block, row + 2, 0, TERM_COLUMNS, view->editing ? KEYS_EDIT : KEYS_MENU, 0);
}

/* When the selection leaves the window, the window jumps so that it is in the middle: a line takes time to send. */
static void scroll(struct menu_view *view)
{
	u32 selected = view->menu->selected, count = view->menu->entry_count, rows = view->list_rows;

	if (selected >= view->top && selected - view->top < rows)
		return;
	view->top = selected > rows / 2 ? selected - rows / 2 : 0;
	if (view->top + rows > count)
		view->top = count - rows;
}

static void compose(struct menu_view *view)
{
	scroll(view);
	term_block_wipe(&view->block);
	draw_header(view);
	draw_list(view);
	draw_foot(view);
}

void menu_view_show(struct menu_view *view)
{
	compose(view);
	if (view->editing)
		term_block_show(&view->block, menu_view_edit_row(view), 0);
	else
		term_block_show(&view->block, view->list_row + view->menu->selected - view->top, 1);
}

/* A blank line, the header, a blank line, the list, a blank line, the status, the keys. */
void menu_view_begin(struct menu_view *view, bool clear)
{
	struct menu *menu = view->menu;
	char line[TERM_COLUMNS + 1];
	u32 room, rows;

	view->header_rows = menu_header_line(menu, 0, line);
	view->list_row = 1 + view->header_rows + 1;
	room = TERM_ROWS - view->list_row - 3;
	view->list_rows = menu->entry_count < room ? menu->entry_count : room;
	if (!view->list_rows)
		view->list_rows = 1;
	rows = view->list_row + view->list_rows + 3;
	menu_layout_compute(menu, &view->layout);
	if (clear)
		term_block_begin_clear(&view->block, cells, rows);
	else
		term_block_begin(&view->block, cells, rows);
}

void menu_view_end(struct menu_view *view, const char *status)
{
	compose(view);
	memset(view->block.next[menu_view_edit_row(view)], ' ', TERM_COLUMNS);
	term_block_put(&view->block, menu_view_edit_row(view), 0, TERM_COLUMNS, status, 0);
	term_block_show(&view->block, view->block.rows - 1, 0);
	term_block_end(&view->block);
}
