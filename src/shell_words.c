/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A line cut into words, and words understood. */
#include <string.h>

#include "number.h"
#include "shell_private.h"

#define BLANKS " \t"

/* One word from *from to *to, both moved behind it; NULL, or what is wrong. */
static const char *take_word(const char **from, char **to)
{
	char quote = '\0';

	for (; **from && (quote || !strchr(BLANKS, **from)); (*from)++) {
		char c = **from;

		if (c == quote) {
			quote = '\0';
		} else if (!quote && (c == '"' || c == '\'')) {
			quote = c;
		} else {
			if (c == '\\' && quote != '\'' && !*++*from)
				return "nothing stands behind the last \\";
			*(*to)++ = **from;
		}
	}
	*(*to)++ = '\0';
	return quote ? "a quote is not closed" : NULL;
}

static char *take_rest(const char *from, char *to)
{
	size_t length = strlen(from);

	while (length && strchr(BLANKS, from[length - 1]))
		length--;
	memcpy(to, from, length);
	to[length] = '\0';
	return to;
}

const char *shell_split(const char *line, u32 limit, char *buffer, struct shell_words *words)
{
	const char *wrong = NULL;

	words->count = 0;
	for (line += strspn(line, BLANKS); *line && !wrong; line += strspn(line, BLANKS)) {
		if (words->count == limit && limit < SHELL_WORDS_MAX) {
			words->word[words->count++] = take_rest(line, buffer);
			return NULL;
		}
		if (*line == '#')
			return NULL;
		if (words->count == SHELL_WORDS_MAX)
			return "too many words";
		words->word[words->count++] = buffer;
		wrong = take_word(&line, &buffer);
	}
	return wrong;
}

bool shell_number(const struct shell_words *words, u32 index, const char *what, u64 max, u64 *number)
{
	const char *word = words->word[index];

	if (!number_word(word, strlen(word), number))
		return shell_complain(words, "%s \"%s\" is no number: decimal, or hexadecimal behind 0x", what, word);
	if (*number > max)
		return shell_complain(words, "%s 0x%llx is too large, at most 0x%llx", what, *number, max);
	return true;
}

bool shell_number_or(const struct shell_words *words, u32 index, const char *what, u64 max, u64 otherwise, u64 *number)
{
	*number = otherwise;
	return index >= words->count || shell_number(words, index, what, max, number);
}

u32 shell_width(const struct shell_words *words)
{
	const char *name = words->word[0];

	switch (name[strlen(name) - 1]) {
	case 'w':
		return strcmp(name, "mw") ? 2 : 1;
	case 'l':
		return 4;
	case 'q':
		return 8;
	default:
		return 1;
	}
}
