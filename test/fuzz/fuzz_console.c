/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What comes over the console's line: the console= text, keys into menu and line editor, and the texts that they show. The
 * first byte says which; what goes out must be what a VT100 understands, or in plain mode nothing that it would obey.
 */
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "fake.h"
#include "lineedit.h"
#include "log.h"
#include "menu.h"
#include "vt100.h"

/* After the keys: out of whatever they led to, and reboot. */
static const struct vt100_step ways_out[] = {
	{ .pause_ms = 3000, .keys = "\x03" }, { .pause_ms = 3000, .keys = "\x03r\r" }, { .pause_ms = 3000, .keys = "\x03r\r" },
};

static struct vt100_step steps[1 + ARRAY_COUNT(ways_out)];

/* Two texts and keys, out of the fuzzer's bytes: each text ends at a NUL, the keys are what is left. */
struct input {
	char *title, *bootargs, *keys;
	size_t keys_size;
};

static void require(bool holds)
{
	if (!holds)
		abort();
}

static char *take_text(const uint8_t **data, size_t *size)
{
	size_t length = strnlen((const char *)*data, *size);
	size_t used = length < *size ? length + 1 : length;
	char *text = strndup((const char *)*data, length);

	require(text);
	*data += used;
	*size -= used;
	return text;
}

static void input_init(struct input *input, const uint8_t *data, size_t size)
{
	input->title = take_text(&data, &size);
	input->bootargs = take_text(&data, &size);
	input->keys = malloc(size + 1);
	require(input->keys);
	memcpy(input->keys, data, size);
	input->keys[size] = '\0';
	input->keys_size = size;
	steps[0] = (struct vt100_step){ .keys = input->keys, .size = size };
	memcpy(steps + 1, ways_out, sizeof(ways_out));
	vt100_poll_us = 20000;
	vt100_play(steps, ARRAY_COUNT(steps));
}

static void input_free(struct input *input)
{
	free(input->title);
	free(input->bootargs);
	free(input->keys);
}

static void fuzz_config(const uint8_t *data, size_t size)
{
	struct console_config config = { .kind = CONSOLE_NONE }, again;
	char *text = take_text(&data, &size), out[CONSOLE_TEXT_MAX];

	if (console_parse(text, &config) == ERR_OK) {
		console_format(&config, out, sizeof(out));
		require(console_parse(out, &again) == ERR_OK);
		require(!memcmp(&again, &config, sizeof(config)));
	}
	free(text);
}

static void fuzz_menu(const struct input *input, u8 flags)
{
	struct menu_entry entries[30];
	struct menu menu = { .header = input->title, .entries = entries, .timeout = flags & 2 ? 4 : -1, .plain = flags & 1 };
	struct menu_choice choice;

	for (u32 i = 0; i < ARRAY_COUNT(entries); i++)
		entries[i] = (struct menu_entry){ i & 1 ? input->title : NULL, input->title, i & 2 ? input->bootargs : NULL,
						  input->bootargs };
	menu.entry_count = flags & 4 ? ARRAY_COUNT(entries) : flags & 8 ? 3 : flags & 16 ? 0 : 10;
	do {
		choice = menu_run(&menu);
		require(menu.selected < menu.entry_count || !menu.entry_count);
		require(!choice.bootargs == (choice.action != MENU_BOOT && choice.action != MENU_INSPECT));
		free(choice.bootargs);
	} while (choice.action != MENU_REBOOT);
	menu_free(&menu);
}

static void fuzz_lineedit(const struct input *input, u8 flags)
{
	struct lineedit_history history;
	struct lineedit edit = { .prompt = "> ", .initial = input->bootargs, .history = &history, .plain = flags & 1 };
	char *line;

	lineedit_history_init(&history, 2);
	edit.max_length = flags & 2 ? 10 : 200;
	while ((line = lineedit_run(&edit))) {
		require(strlen(line) <= edit.max_length);
		free(line);
		console_puts("\n");
	}
	lineedit_history_free(&history);
}

static void fuzz_page(const struct input *input, u8 flags)
{
	struct menu menu = { .plain = flags & 1 };
	char line[LOG_LINE_MAX];
	u64 at = log_get_ring()->total;

	log_info("fuzz", "%s", input->bootargs);
	while (log_read_line(&at, line, sizeof(line)))
		require(strlen(line) < LOG_LINE_MAX);
	menu_page_begin(&menu, input->title);
	for (u32 i = 0; i < 60 && menu_page_line(input->bootargs); i++)
		menu_progress(&menu, input->title, i * fake_time_us, 60 * fake_time_us);
	menu_page_end();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input;

	if (size < 2)
		return 0;
	if (data[0] % 4 == 0) {
		fuzz_config(data + 2, size - 2);
		return 0;
	}
	input_init(&input, data + 2, size - 2);
	if (data[0] % 4 == 1)
		fuzz_menu(&input, data[1]);
	else if (data[0] % 4 == 2)
		fuzz_lineedit(&input, data[1]);
	else
		fuzz_page(&input, data[1]);
	require(!vt100_strange);
	require(!(data[1] & 1) || !vt100_escapes);
	input_free(&input);
	return 0;
}
