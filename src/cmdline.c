/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "bootinfo.h"
#include "log.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_escape(const char *at)
{
	return at[0] == '\\' && (at[1] == '\\' || at[1] == '"' || at[1] == '\'');
}

/* Copy the word at `at` into `word` as it is meant, without its quotes. Returns the first character behind it. */
static const char *read_word(const char *at, char *word)
{
	bool quoted = false;

	for (; *at && (quoted || !is_blank(*at)); at++) {
		if (is_escape(at))
			*word++ = *++at;
		else if (*at == '"')
			quoted = !quoted;
		else
			*word++ = *at;
	}
	*word = '\0';
	return at;
}

/* What stands behind `name=`, "" for `name` alone, NULL for another word. */
static const char *value_of(const char *word, const char *name, size_t name_length)
{
	if (strncmp(word, name, name_length))
		return NULL;
	if (!word[name_length])
		return word + name_length;
	return word[name_length] == '=' ? word + name_length + 1 : NULL;
}

char *cmdline_word(const char **at)
{
	size_t size;
	char *word;

	while (is_blank(**at))
		++*at;
	if (!**at)
		return NULL;
	/* No word is longer than what is left. */
	size = strlen(*at) + 1;
	word = malloc(size);
	if (!word) {
		log_err("cmdline", "heap is full: cannot read the command line bytes=%llu", (u64)size);
		return NULL;
	}
	*at = read_word(*at, word);
	return word;
}

char *cmdline_get(const char *command_line, const char *name)
{
	size_t name_length = strlen(name);
	char *word, *found = NULL;

	while ((word = cmdline_word(&command_line))) {
		const char *value = value_of(word, name, name_length);

		if (!value) {
			free(word);
			continue;
		}
		memmove(word, value, strlen(value) + 1);
		free(found);
		found = word;
	}
	return found;
}
