/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "lineedit_private.h"

#include <stdlib.h>
#include <string.h>

#include "term.h"

/* One editing session: the line, the window of it that is on the screen, the place in the history. */
struct session {
	const struct lineedit *edit;
	struct line *line;
	struct term_block block;
	u32 columns;			/* of the window */
	size_t left;			/* the line's first byte in the window */
	u32 history_at;			/* history->count: the line itself, not an old one */
	char *draft;			/* the line itself while an old one is shown */
};

/*
 * Keep the cursor inside the window and off its edges, where '<' and '>' tell that the line goes on. It moves by half a
 * window, so that typing at the edge does not send the whole line again for each character.
 */
static void scroll(struct session *s)
{
	size_t half = s->columns / 2;

	if (s->line->length < s->columns)
		s->left = 0;
	else if (s->line->at < s->left + 1 || s->line->at + 1 >= s->left + s->columns)
		s->left = s->line->at > half ? s->line->at - half : 0;
}

static void show(struct session *s)
{
	u32 start = TERM_COLUMNS - s->columns;
	u8 *cells = s->block.next[0] + start;
	size_t shown;

	scroll(s);
	shown = s->line->length - s->left;
	if (shown > s->columns)
		shown = s->columns;
	term_block_wipe(&s->block);
	term_block_put(&s->block, 0, 0, start, s->edit->prompt, 0);
	for (size_t i = 0; i < shown; i++)
		cells[i] = (u8)term_clean_char(s->line->text[s->left + i]);
	if (s->left)
		cells[0] = '<' | TERM_REVERSE;
	if (s->line->length - s->left > s->columns)
		cells[s->columns - 1] = '>' | TERM_REVERSE;
	term_block_show(&s->block, 0, start + (u32)(s->line->at - s->left));
}

static bool move(struct line *line, size_t to)
{
	if (to > line->length)
		return false;
	line->at = to;
	return true;
}

static bool show_history(struct session *s, u32 to)
{
	const struct lineedit_history *history = s->edit->history;

	if (!history || to > history->count)
		return false;
	if (s->history_at == history->count) {
		free(s->draft);
		s->draft = strdup(s->line->text);
	}
	s->history_at = to;
	if (to < history->count)
		return line_set(s->line, history->lines[to]);
	return line_set(s->line, s->draft ? s->draft : "");
}

static bool on_move_key(struct line *line, int key)
{
	switch (key) {
	case KEY_HOME:
	case KEY_CTRL('A'):
		return move(line, 0);
	case KEY_END:
	case KEY_CTRL('E'):
		return move(line, line->length);
	case KEY_LEFT:
	case KEY_CTRL('B'):
		return move(line, line->at - 1);
	case KEY_RIGHT:
	case KEY_CTRL('F'):
		return move(line, line->at + 1);
	case KEY_ALT | 'b':
		return move(line, line_word_before(line));
	case KEY_ALT | 'f':
		return move(line, line_word_after(line));
	default:
		return false;
	}
}

static bool on_cut_key(struct line *line, int key)
{
	switch (key) {
	case KEY_CTRL('K'):
		return line_cut(line, line->at, line->length);
	case KEY_CTRL('U'):
		return line_cut(line, 0, line->at);
	case KEY_CTRL('W'):
		return line_cut(line, line_word_before(line), line->at);
	case KEY_ALT | 'd':
		return line_cut(line, line->at, line_word_after(line));
	case KEY_CTRL('Y'):
		return line_paste(line);
	default:
		return false;
	}
}

static bool on_change_key(struct line *line, int key)
{
	char c = (char)key;

	switch (key) {
	case KEY_BACKSPACE:
		return line->at && line_remove(line, line->at - 1, line->at);
	case KEY_DELETE:
	case KEY_CTRL('D'):
		return line->at < line->length && line_remove(line, line->at, line->at + 1);
	case KEY_CTRL('T'):
		return line_swap(line);
	default:
		return key >= ' ' && key <= '~' && line_insert(line, &c, 1);
	}
}

static bool complete(struct session *s)
{
	const char *text = line_completion(s->edit, s->line);

	return text && line_insert(s->line, text, strlen(text));
}

static bool on_session_key(struct session *s, int key)
{
	switch (key) {
	case KEY_CTRL('I'):
		return complete(s);
	case KEY_UP:
	case KEY_CTRL('P'):
		return show_history(s, s->history_at - 1);
	case KEY_DOWN:
	case KEY_CTRL('N'):
		return show_history(s, s->history_at + 1);
	case KEY_CTRL('L'):
		term_block_forget_row(&s->block);
		return true;
	default:
		return false;
	}
}

static bool on_key(struct session *s, int key)
{
	return on_session_key(s, key) || on_move_key(s->line, key) || on_cut_key(s->line, key) ||
	       on_change_key(s->line, key);
}

char *lineedit_run_vt100(const struct lineedit *edit, struct line *line)
{
	u8 cells[2][TERM_COLUMNS];
	size_t prompt = strnlen(edit->prompt, TERM_COLUMNS / 2);
	struct session s = { .edit = edit, .line = line, .columns = TERM_COLUMNS - (u32)prompt };
	int key;

	s.history_at = edit->history ? edit->history->count : 0;
	term_block_begin(&s.block, cells, 1);
	show(&s);
	while ((key = term_read_key(0)) != KEY_ENTER && key != KEY_ESCAPE && key != KEY_CTRL('C')) {
		if (key == KEY_DISTURBED)
			term_block_begin(&s.block, cells, 1);
		else if (!on_key(&s, key))
			term_bell();
		show(&s);
	}
	free(s.draft);
	return key == KEY_ENTER ? line->text : NULL;
}
