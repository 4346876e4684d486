/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Output to a VT100 (ECMA-48, 8.3): cursor moves relative to where it stands, erase to the end of the line, reverse
 * video. A serial line carries a character in a tenth of a millisecond, or in a whole one at 9600 baud: send little.
 */
#include "term.h"

#include <string.h>

#include "console.h"
#include "printable.h"

/* In `shown`: nobody knows what stands there. */
#define CELL_UNKNOWN 0

void term_bell(void)
{
	console_puts("\a");
}

static bool is_continuation(char c)
{
	return ((u8)c & 0xc0) == 0x80;
}

char term_clean_char(char c)
{
	return is_printable(c) ? c : '?';
}

size_t term_clean(char *buf, size_t size, const char *text)
{
	size_t length = 0;

	for (; *text; text++) {
		if (is_continuation(*text))
			continue;
		if (length + 1 < size)
			buf[length] = term_clean_char(*text);
		length++;
	}
	if (size)
		buf[length < size ? length : size - 1] = '\0';
	return length;
}

void term_puts(const char *text)
{
	char part[TERM_COLUMNS + 1];
	size_t length = 0;

	for (; *text; text++) {
		if (is_continuation(*text))
			continue;
		if (length == TERM_COLUMNS) {
			console_write(part, length);
			length = 0;
		}
		part[length++] = term_clean_char(*text);
	}
	console_write(part, length);
}

u32 term_fit(char *buf, u32 width, const char *text)
{
	size_t length = term_clean(buf, width + 1, text);

	if (length <= width)
		return (u32)length;
	for (u32 i = width > 3 ? width - 3 : 0; i < width; i++)
		buf[i] = '.';
	return width;
}

size_t term_wrap(const char *text, size_t length, char *line, u32 columns)
{
	size_t at, word_at = 0;
	u32 used = 0, word_used = 0;

	for (at = 0; at < length && (used < columns || is_continuation(text[at])); at++) {
		if (is_continuation(text[at]))
			continue;
		if (text[at] == ' ' && used && line[used - 1] != ' ') {
			word_at = at;
			word_used = used;
		}
		line[used++] = term_clean_char(text[at]);
	}
	if (at < length && text[at] != ' ' && word_at) {
		at = word_at;
		used = word_used;
	}
	while (at < length && text[at] == ' ')
		at++;
	while (used && line[used - 1] == ' ')
		used--;
	line[used] = '\0';
	return at;
}

void term_block_begin(struct term_block *block, u8 (*cells)[TERM_COLUMNS], u32 rows)
{
	*block = (struct term_block){ .rows = rows, .row = rows - 1, .shown = cells, .next = cells + rows };
	memset(cells, ' ', 2 * (size_t)rows * TERM_COLUMNS);
	console_puts("\r\033[K");
	for (u32 row = 1; row < rows; row++)
		console_puts("\n\033[K");
}

void term_block_begin_clear(struct term_block *block, u8 (*cells)[TERM_COLUMNS], u32 rows)
{
	console_puts("\033[m\033[H\033[2J");
	term_block_begin(block, cells, rows);
}

void term_block_wipe(struct term_block *block)
{
	memset(block->next, ' ', (size_t)block->rows * TERM_COLUMNS);
}

void term_block_put(struct term_block *block, u32 row, u32 column, u32 width, const char *text, u8 attribute)
{
	char line[TERM_COLUMNS + 1];
	u32 room = TERM_COLUMNS - column;
	u32 length = term_fit(line, width < room ? width : room, text);

	for (u32 i = 0; i < length; i++)
		block->next[row][column + i] = (u8)line[i] | attribute;
}

/* ESC [ count letter; the count is left out where it is 1. */
static void send_move(u32 count, char letter)
{
	if (count == 1)
		console_printf("\033[%c", letter);
	else if (count)
		console_printf("\033[%u%c", count, letter);
}

static void move_to(struct term_block *block, u32 row, u32 column)
{
	if (row < block->row)
		send_move(block->row - row, 'A');
	else
		send_move(row - block->row, 'B');
	if (!column && block->column)
		console_puts("\r");
	else if (column < block->column)
		send_move(block->column - column, 'D');
	else
		send_move(column - block->column, 'C');
	block->row = row;
	block->column = column;
}

/* One past the last cell that is not a plain blank. */
static u32 line_end(const u8 *cells)
{
	u32 end = TERM_COLUMNS;

	while (end && cells[end - 1] == ' ')
		end--;
	return end;
}

/* Cells [first, end) of a row in `next`, at the cursor, with as few changes between plain and reverse as there are. */
static void send_cells(struct term_block *block, u32 row, u32 first, u32 end)
{
	const u8 *cells = block->next[row];
	char run[TERM_COLUMNS];
	u32 at = first, length;
	u8 attribute;

	while (at < end) {
		attribute = cells[at] & TERM_REVERSE;
		for (length = 0; at < end && (cells[at] & TERM_REVERSE) == attribute; at++)
			run[length++] = (char)(cells[at] & ~TERM_REVERSE);
		if (attribute)
			console_puts("\033[7m");
		console_write(run, length);
		if (attribute)
			console_puts("\033[m");
	}
	block->column = end;
}

static void show_row(struct term_block *block, u32 row)
{
	const u8 *shown = block->shown[row], *next = block->next[row];
	u32 first = 0, end = TERM_COLUMNS, text_end = line_end(next);
	bool erase;

	while (first < end && shown[first] == next[first])
		first++;
	while (end > first && shown[end - 1] == next[end - 1])
		end--;
	if (first == end)
		return;
	/* Blanks at the end are erased, not sent. */
	erase = end > text_end;
	if (erase)
		end = text_end > first ? text_end : first;
	move_to(block, row, first);
	send_cells(block, row, first, end);
	if (erase)
		console_puts("\033[K");
	memcpy(block->shown[row], next, TERM_COLUMNS);
}

void term_block_show(struct term_block *block, u32 row, u32 column)
{
	for (u32 i = 0; i < block->rows; i++)
		show_row(block, i);
	move_to(block, row, column);
}

void term_block_forget_row(struct term_block *block)
{
	memset(block->shown[block->row], CELL_UNKNOWN, TERM_COLUMNS);
	console_puts("\r");
	block->column = 0;
}

void term_block_end(struct term_block *block)
{
	move_to(block, block->rows - 1, 0);
	console_puts("\n");
}
