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

char *cmdline_get(const char *command_line, const char *name)
{
	size_t size = strlen(command_line) + 1, name_length = strlen(name);
	char *word = malloc(2 * size), *found;
	bool is_found = false;

	if (!word) {
		log_err("cmdline", "heap is full: cannot read the command line bytes=%llu", (u64)size);
		return NULL;
	}
	/* Behind the room for a word lies that for the value. */
	found = word + size;
	while (*command_line) {
		const char *value;

		command_line = read_word(command_line, word);
		value = value_of(word, name, name_length);
		if (value) {
			memcpy(found, value, strlen(value) + 1);
			is_found = true;
		}
		while (is_blank(*command_line))
			command_line++;
	}
	if (is_found)
		memmove(word, found, strlen(found) + 1);
	else
		free(word);
	return is_found ? word : NULL;
}
