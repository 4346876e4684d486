/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Tab: the rest of a command's name, or of an entry's behind the commands that take one. */
#include <string.h>

#include "shell_private.h"

#define REST_MAX 64

/* The word as it stands, how many names begin with it, and what they have in common behind it. */
struct completion {
	const char *word;
	size_t length;
	u32 count;
	char rest[REST_MAX];
};

static void offer(struct completion *c, const char *name, size_t length)
{
	size_t same = 0;

	if (length < c->length || length - c->length > REST_MAX - 2 || memcmp(name, c->word, c->length))
		return;
	name += c->length;
	length -= c->length;
	if (!c->count++) {
		memcpy(c->rest, name, length);
		c->rest[length] = '\0';
		return;
	}
	while (same < length && c->rest[same] == name[same])
		same++;
	c->rest[same] = '\0';
}

static void offer_commands(struct completion *c)
{
	for (u32 i = 0; i < shell_command_count; i++) {
		const char *names = shell_commands[i].names;

		while (*names) {
			size_t length = strcspn(names, " ");

			offer(c, names, length);
			names += length + (names[length] == ' ');
		}
	}
}

static void offer_entries(struct completion *c, const struct menu *menu)
{
	for (u32 i = 0; i < menu->entry_count; i++)
		if (menu->entries[i].name)
			offer(c, menu->entries[i].name, strlen(menu->entries[i].name));
}

/* Is the first word, of `length` characters, one of those? */
static bool is_one_of(const char *word, size_t length, const char *const *names, u32 count)
{
	for (u32 i = 0; i < count; i++)
		if (strlen(names[i]) == length && !memcmp(names[i], word, length))
			return true;
	return false;
}

const char *shell_complete(const void *ctx, const char *text, size_t length)
{
	static const char *const of_entries[] = { "boot", "call", "resume", "kho" }, *const of_commands[] = { "help", "?" };
	static struct completion c;
	const struct shell *shell = ctx;
	size_t start = length, first = strcspn(text, " ");
	bool is_second;

	while (start && text[start - 1] != ' ')
		start--;
	c = (struct completion){ .word = text + start, .length = length - start };
	is_second = start && first + strspn(text + first, " ") >= start;
	if (!start || (is_second && is_one_of(text, first, of_commands, ARRAY_COUNT(of_commands))))
		offer_commands(&c);
	else if (is_second && is_one_of(text, first, of_entries, ARRAY_COUNT(of_entries)))
		offer_entries(&c, &shell->machine->menu);
	if (c.count == 1)
		memcpy(c.rest + strlen(c.rest), " ", 2);
	return c.count && *c.rest ? c.rest : NULL;
}
