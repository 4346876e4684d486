/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "bootargs.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "core.h"
#include "fmt.h"
#include "log.h"
#include "options.h"
#include "recorder.h"

#define SHOWN 24			/* of what is not understood */

/* Written twice: the first time there are no bytes, only their number. */
struct out {
	char *bytes;
	size_t used;
};

static void put(struct out *out, const char *text, size_t length)
{
	if (out->bytes)
		memcpy(out->bytes + out->used, text, length);
	out->used += length;
}

/* By its address: a card's place on the PCI bus is a name that Linux does not take here. */
static void put_console(struct out *out, const char *command_line)
{
	struct console_config config;
	char name[CONSOLE_TEXT_MAX];

	(void)command_line;
	if (!arch_console_config(&config))
		return;
	config.kind = CONSOLE_UART;
	console_format(&config, name, sizeof(name));
	put(out, "console=", strlen("console="));
	put(out, name, strlen(name));
}

/* Linux, Documentation/admin-guide/ramoops.rst; the sizes that are 0 leave the whole zone to the console. */
static void put_ramoops(struct out *out, const char *command_line)
{
	char words[192];

	(void)command_line;
	if (!recorder_zone())
		return;
	fmt_snprintf(words, sizeof(words), "ramoops.mem_address=0x%llx ramoops.mem_size=0x%llx ramoops.console_size=%llu "
		     "ramoops.record_size=0 ramoops.ftrace_size=0 ramoops.pmsg_size=0", recorder_zone(),
		     (u64)RECORDER_ZONE_SIZE, (u64)RECORDER_ZONE_SIZE);
	put(out, words, strlen(words));
}

/* Linux, Documentation/admin-guide/kdump/kdump.rst. Nothing but a rescue image has one. */
static void put_elfcorehdr(struct out *out, const char *command_line)
{
	char word[40];

	(void)command_line;
	if (!core_address())
		return;
	fmt_snprintf(word, sizeof(word), "elfcorehdr=0x%llx", core_address());
	put(out, word, strlen(word));
}

static void put_bootargs(struct out *out, const char *command_line)
{
	const char *raw, *blank = "";
	size_t length;
	char *word;

	for (; (word = options_next_foreign(&command_line, &raw, &length)); blank = " ") {
		put(out, blank, strlen(blank));
		put(out, raw, length);
		free(word);
	}
}

static const struct {
	const char *name;
	void (*put)(struct out *out, const char *command_line);
} names[] = { { "console", put_console }, { "bootargs", put_bootargs }, { "ramoops", put_ramoops }, { "elfcorehdr", put_elfcorehdr } };

/* What stands behind "${". Returns the first character behind its "}", or NULL. */
static const char *put_name(struct out *out, const char *config, const char *text, const char *command_line)
{
	size_t length = strcspn(text, "}");

	for (size_t i = 0; text[length] && i < ARRAY_COUNT(names); i++) {
		if (strlen(names[i].name) != length || strncmp(names[i].name, text, length))
			continue;
		names[i].put(out, command_line);
		return text + length + 1;
	}
	if (text[length])
		log_err("bootargs", "%s: ${%.*s} is not known; known: ${console}, ${bootargs}, ${ramoops}, ${elfcorehdr}", config,
			(int)min_u64(length, SHOWN), text);
	else
		log_err("bootargs", "%s: \"${%.*s\" has no \"}\"", config, SHOWN, text);
	return NULL;
}

static enum err write(struct out *out, const char *config, const char *text, const char *command_line)
{
	while (*text) {
		const char *dollar = strstr(text, "${");
		size_t length = dollar ? (size_t)(dollar - text) : strlen(text);

		put(out, text, length);
		text = dollar ? put_name(out, config, dollar + 2, command_line) : text + length;
		if (!text)
			return ERR_UNKNOWN;
	}
	return ERR_OK;
}

static enum err write_all(struct out *out, const char *config, const char *text, const char *command_line, bool reuse)
{
	enum err err = write(out, config, text, command_line);
	struct out count = { 0 };

	put_bootargs(&count, command_line);
	if (err || !reuse || strstr(text, "${bootargs}") || !count.used)
		return err;
	put(out, " ", *text ? 1 : 0);
	put_bootargs(out, command_line);
	return ERR_OK;
}

enum err bootargs_expand(const char *name, const char *text, const char *command_line, bool reuse, char **result)
{
	struct out out = { 0 };
	enum err err = write_all(&out, name, text, command_line, reuse);

	*result = NULL;
	if (err)
		return err;
	out.bytes = malloc(out.used + 1);
	if (!out.bytes) {
		log_err("bootargs", "%s: heap is full bytes=%zu", name, out.used);
		return ERR_MEMORY;
	}
	out.used = 0;
	err = write_all(&out, name, text, command_line, reuse);
	out.bytes[out.used] = '\0';
	*result = out.bytes;
	return err;
}
