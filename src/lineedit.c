/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "lineedit.h"

#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "lineedit_private.h"
#include "log.h"
#include "term.h"

void lineedit_history_init(struct lineedit_history *history, u32 capacity)
{
	*history = (struct lineedit_history){ .capacity = capacity };
}

void lineedit_history_free(struct lineedit_history *history)
{
	for (u32 i = 0; i < history->count; i++)
		free(history->lines[i]);
	free(history->lines);
	history->lines = NULL;
	history->count = 0;
}

void lineedit_history_add(struct lineedit_history *history, const char *text)
{
	char *copy;

	if (!history->capacity || !*text || (history->count && !strcmp(history->lines[history->count - 1], text)))
		return;
	if (!history->lines)
		history->lines = calloc(history->capacity, sizeof(*history->lines));
	copy = strdup(text);
	if (!history->lines || !copy) {
		free(copy);
		return;
	}
	if (history->count == history->capacity) {
		free(history->lines[0]);
		history->count--;
		memmove(history->lines, history->lines + 1, history->count * sizeof(*history->lines));
	}
	history->lines[history->count++] = copy;
}

const char *line_completion(const struct lineedit *edit, const struct line *line)
{
	return edit->complete ? edit->complete(edit->complete_ctx, line->text, line->at) : NULL;
}

static bool plain_complete(const struct lineedit *edit, struct line *line)
{
	const char *text = line_completion(edit, line);

	if (!text || !line_insert(line, text, strlen(text)))
		return false;
	term_puts(text);
	return true;
}

/* Echo one key at the end of the line. */
static bool plain_type(struct line *line, int key)
{
	char c = (char)key;

	if (key < ' ' || key > '~' || !line_insert(line, &c, 1))
		return false;
	console_write(&c, 1);
	return true;
}

static bool plain_erase(struct line *line, size_t count)
{
	for (size_t i = 0; i < count; i++)
		console_puts("\b \b");
	return line_remove(line, line->length - count, line->length);
}

static bool plain_again(const struct lineedit *edit, const struct line *line)
{
	console_puts("\n");
	console_puts(edit->prompt);
	term_puts(line->text);
	return true;
}

static bool plain_key(const struct lineedit *edit, struct line *line, int key)
{
	switch (key) {
	case KEY_BACKSPACE:
	case KEY_DELETE:
		return line->length && plain_erase(line, 1);
	case KEY_CTRL('W'):
		return plain_erase(line, line->length - line_word_before(line));
	case KEY_CTRL('U'):
		return line_remove(line, 0, line->length) && plain_again(edit, line);
	case KEY_CTRL('I'):
		return plain_complete(edit, line);
	case KEY_CTRL('L'):
	case KEY_DISTURBED:
		return plain_again(edit, line);
	default:
		return plain_type(line, key);
	}
}

char *lineedit_run_plain(const struct lineedit *edit, struct line *line)
{
	int key;

	if (!edit->prompt_shown)
		console_puts(edit->prompt);
	term_puts(line->text);
	while ((key = term_read_key(0)) != KEY_ENTER) {
		if (key == KEY_ESCAPE || key == KEY_CTRL('C'))
			return NULL;
		if (!plain_key(edit, line, key))
			term_bell();
	}
	return line->text;
}

char *lineedit_run(const struct lineedit *edit)
{
	struct line line;
	char *text;

	if (!line_init(&line, edit->initial, edit->max_length)) {
		log_err("lineedit", "not enough memory for a line of %zu bytes", edit->max_length);
		return NULL;
	}
	text = edit->plain ? lineedit_run_plain(edit, &line) : lineedit_run_vt100(edit, &line);
	if (text) {
		text = strdup(text);
		if (edit->history)
			lineedit_history_add(edit->history, line.text);
	}
	line_free(&line);
	return text;
}
