/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "bootinfo.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* The length of the word at `at`: up to a blank outside "double quotes". */
static size_t word_length(const char *at)
{
	bool quoted = false;
	size_t n = 0;

	while (at[n] && (quoted || !is_blank(at[n]))) {
		if (at[n] == '"')
			quoted = !quoted;
		n++;
	}
	return n;
}

static char *copy_unquoted(const char *at, size_t length)
{
	char *copy = malloc(length + 1);
	size_t n = 0;

	for (size_t i = 0; copy && i < length; i++) {
		if (at[i] != '"')
			copy[n++] = at[i];
	}
	if (copy)
		copy[n] = '\0';
	return copy;
}

char *cmdline_get(const char *command_line, const char *name)
{
	size_t name_length = strlen(name);
	const char *value = NULL;
	size_t value_length = 0;

	for (const char *at = command_line; *at;) {
		size_t length = word_length(at);

		if (length == name_length && !strncmp(at, name, length)) {
			value = at + length;
			value_length = 0;
		} else if (length > name_length && at[name_length] == '=' && !strncmp(at, name, name_length)) {
			value = at + name_length + 1;
			value_length = length - name_length - 1;
		}
		at += length;
		while (is_blank(*at))
			at++;
	}
	return value ? copy_unquoted(value, value_length) : NULL;
}
