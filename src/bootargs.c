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
	const struct manifest_config *config;
	const char *command_line;	/* the shim's */
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
static void put_console(struct out *out)
{
	struct console_config config;
	char name[CONSOLE_TEXT_MAX];

	if (!arch_console_config(&config))
		return;
	config.kind = CONSOLE_UART;
	console_format(&config, name, sizeof(name));
	put(out, "console=", strlen("console="));
	put(out, name, strlen(name));
}

/*
 * Linux, Documentation/admin-guide/ramoops.rst; the sizes that are 0 leave the whole zone to the console. Where the zone comes
 * by a kexec handover, the kernel asks for it by its name, with the very size that was handed over.
 */
static void put_ramoops(struct out *out)
{
	char words[224];
	size_t length;

	if (!recorder_zone())
		return;
	if (out->config->kho)
		length = fmt_snprintf(words, sizeof(words), "reserve_mem=%llu:4096:%s ramoops.mem_name=%s",
				      (u64)RECORDER_ZONE_SIZE, RECORDER_NAME, RECORDER_NAME);
	else
		length = fmt_snprintf(words, sizeof(words), "ramoops.mem_address=0x%llx ramoops.mem_size=0x%llx", recorder_zone(),
				      (u64)RECORDER_ZONE_SIZE);
	fmt_snprintf(words + length, sizeof(words) - length, " ramoops.console_size=%llu ramoops.record_size=0 "
		     "ramoops.ftrace_size=0 ramoops.pmsg_size=0", (u64)RECORDER_ZONE_SIZE);
	put(out, words, strlen(words));
}

/* Linux, Documentation/admin-guide/kdump/kdump.rst. Nothing but a rescue image has one. */
static void put_elfcorehdr(struct out *out)
{
	char word[40];

	if (!core_address())
		return;
	fmt_snprintf(word, sizeof(word), "elfcorehdr=0x%llx", core_address());
	put(out, word, strlen(word));
}

static void put_bootargs(struct out *out)
{
	const char *command_line = out->command_line;
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
	void (*put)(struct out *out);
} names[] = { { "console", put_console }, { "bootargs", put_bootargs }, { "ramoops", put_ramoops }, { "elfcorehdr", put_elfcorehdr } };

/* What stands behind "${". Returns the first character behind its "}", or NULL. */
static const char *put_name(struct out *out, const char *text)
{
	size_t length = strcspn(text, "}");

	for (size_t i = 0; text[length] && i < ARRAY_COUNT(names); i++) {
		if (strlen(names[i].name) != length || strncmp(names[i].name, text, length))
			continue;
		names[i].put(out);
		return text + length + 1;
	}
	if (text[length])
		log_err("bootargs", "%s: ${%.*s} is not known; known: ${console}, ${bootargs}, ${ramoops}, ${elfcorehdr}", out->config->name,
			(int)min_u64(length, SHOWN), text);
	else
		log_err("bootargs", "%s: \"${%.*s\" has no \"}\"", out->config->name, SHOWN, text);
	return NULL;
}

static enum err write(struct out *out, const char *text)
{
	while (*text) {
		const char *dollar = strstr(text, "${");
		size_t length = dollar ? (size_t)(dollar - text) : strlen(text);

		put(out, text, length);
		text = dollar ? put_name(out, dollar + 2) : text + length;
		if (!text)
			return ERR_UNKNOWN;
	}
	return ERR_OK;
}

static enum err write_all(struct out *out, const char *text)
{
	enum err err = write(out, text);
	struct out count = { .command_line = out->command_line };

	put_bootargs(&count);
	if (err || !out->config->reuse_bootargs || strstr(text, "${bootargs}") || !count.used)
		return err;
	put(out, " ", *text ? 1 : 0);
	put_bootargs(out);
	return ERR_OK;
}

enum err bootargs_expand(const struct manifest_config *config, const char *text, const char *command_line, char **result)
{
	struct out out = { .config = config, .command_line = command_line };
	enum err err = write_all(&out, text);

	*result = NULL;
	if (err)
		return err;
	out.bytes = malloc(out.used + 1);
	if (!out.bytes) {
		log_err("bootargs", "%s: heap is full bytes=%zu", config->name, out.used);
		return ERR_MEMORY;
	}
	out.used = 0;
	err = write_all(&out, text);
	out.bytes[out.used] = '\0';
	*result = out.bytes;
	return err;
}
