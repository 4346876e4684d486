/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "bootinfo.h"

#define TIMEOUT_MAX 86400
#define TRAP_MAX 31

/* A decimal number from min to max and nothing else; *out stays as it is when it is not. */
static bool parse_number(const char *text, s32 min, s32 max, s32 *out)
{
	bool negative = text[0] == '-';
	unsigned long value;
	s32 number;
	char *end;

	if (text[negative] < '0' || text[negative] > '9')
		return false;
	value = strtoul(text + negative, &end, 10);
	if (*end || value > 0x7fffffffu)
		return false;
	number = negative ? -(s32)value : (s32)value;
	if (number < min || number > max)
		return false;
	*out = number;
	return true;
}

static bool get_number(const char *command_line, const char *name, s32 min, s32 max, s32 *out)
{
	char *text = cmdline_get(command_line, name);
	bool found = text && parse_number(text, min, max, out);

	if (text && !found)
		log_warn("options", "%s=%s is not a number from %d to %d", name, text, (int)min, (int)max);
	free(text);
	return found;
}

static void get_menu(struct options *options, const char *command_line)
{
	char *text = cmdline_get(command_line, "menu");

	if (text && !strcmp(text, "plain"))
		options->plain_menu = true;
	else if (text && strcmp(text, "vt100"))
		log_warn("options", "menu=%s: known are vt100 and plain", text);
	free(text);
}

static void get_log_level(struct options *options, const char *command_line)
{
	char *text = cmdline_get(command_line, "loglevel");

	if (text && log_parse_level(text, &options->log_level))
		options->has_log_level = true;
	else if (text)
		log_warn("options", "loglevel=%s: known are err, warn, info, debug, step (0 to 4)", text);
	free(text);
}

/* QEMU and kexec-tools put the path of the file in front. */
static bool is_path(const char *word)
{
	return word[0] == '/';
}

static bool is_known(const char *word)
{
	/* The last two are those of boot loaders, for kernels that they start by the Linux boot protocol. */
	static const char *const known[] = {
		"console", "manifest", "loglevel", "menu", "timeout", "trap", "BOOT_IMAGE", "initrd"
	};
	size_t length = strcspn(word, "=");

	for (u32 i = 0; i < ARRAY_COUNT(known); i++) {
		if (strlen(known[i]) == length && !strncmp(known[i], word, length))
			return true;
	}
	return false;
}

char *options_next_foreign(const char **at, const char **raw, size_t *length)
{
	char *word;

	for (;; free(word)) {
		*raw = *at += strspn(*at, " \t\r\n");
		word = cmdline_word(at);
		*length = (size_t)(*at - *raw);
		if (!word || (*word && !is_path(word) && !is_known(word)))
			return word;
	}
}

/* Words that nobody reads are worth a line: mistyped options fail silently otherwise. */
static void warn_of_unknown(const char *command_line)
{
	const char *raw;
	size_t length;
	char *word;

	while ((word = options_next_foreign(&command_line, &raw, &length))) {
		log_warn("options", "unknown word \"%s\" on the command line", word);
		free(word);
	}
}

void options_parse(struct options *options, const char *command_line)
{
	s32 trap = -1;

	memset(options, 0, sizeof(*options));
	options->console = cmdline_get(command_line, "console");
	options->manifest = cmdline_get(command_line, "manifest");
	get_log_level(options, command_line);
	get_menu(options, command_line);
	options->has_timeout = get_number(command_line, "timeout", -1, TIMEOUT_MAX, &options->timeout);
	(void)get_number(command_line, "trap", 0, TRAP_MAX, &trap);
	options->trap = trap;
	warn_of_unknown(command_line);
}
