/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "lineedit_private.h"

#include <stdlib.h>
#include <string.h>

bool line_init(struct line *line, const char *initial, size_t max)
{
	size_t length = strnlen(initial, max);

	*line = (struct line){ .length = length, .at = length, .max = max };
	line->text = malloc(max + 1);
	line->cut = malloc(max + 1);
	if (!line->text || !line->cut) {
		line_free(line);
		return false;
	}
	memcpy(line->text, initial, length);
	line->text[length] = '\0';
	line->cut[0] = '\0';
	return true;
}

void line_free(struct line *line)
{
	free(line->text);
	free(line->cut);
}

bool line_insert(struct line *line, const char *text, size_t count)
{
	if (!count || line->max - line->length < count)
		return false;
	memmove(line->text + line->at + count, line->text + line->at, line->length - line->at + 1);
	memcpy(line->text + line->at, text, count);
	line->length += count;
	line->at += count;
	return true;
}

bool line_remove(struct line *line, size_t from, size_t to)
{
	if (from >= to)
		return false;
	memmove(line->text + from, line->text + to, line->length - to + 1);
	line->length -= to - from;
	line->at = from;
	return true;
}

bool line_cut(struct line *line, size_t from, size_t to)
{
	if (from >= to)
		return false;
	memcpy(line->cut, line->text + from, to - from);
	line->cut[to - from] = '\0';
	return line_remove(line, from, to);
}

bool line_paste(struct line *line)
{
	return line_insert(line, line->cut, strlen(line->cut));
}

bool line_set(struct line *line, const char *text)
{
	size_t length = strnlen(text, line->max);

	memmove(line->text, text, length);
	line->text[length] = '\0';
	line->length = length;
	line->at = length;
	return true;
}

bool line_swap(struct line *line)
{
	size_t second = line->at < line->length ? line->at : line->length - 1;
	char c;

	if (!line->at || line->length < 2)
		return false;
	c = line->text[second];
	line->text[second] = line->text[second - 1];
	line->text[second - 1] = c;
	line->at = second + 1;
	return true;
}

size_t line_word_before(const struct line *line)
{
	size_t at = line->at;

	while (at && line->text[at - 1] == ' ')
		at--;
	while (at && line->text[at - 1] != ' ')
		at--;
	return at;
}

size_t line_word_after(const struct line *line)
{
	size_t at = line->at;

	while (at < line->length && line->text[at] == ' ')
		at++;
	while (at < line->length && line->text[at] != ' ')
		at++;
	return at;
}
