/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "shell.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "boot.h"
#include "console.h"
#include "fmt.h"
#include "log.h"
#include "recorder.h"
#include "shell_private.h"
#include "term.h"

#define HISTORY_CAPACITY 32
#define ANSWER_MAX 512

bool shell_print(const char *fmt, ...)
{
	char line[ANSWER_MAX];
	va_list args;

	va_start(args, fmt);
	fmt_vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	return menu_page_line(line);
}

bool shell_complain(const struct shell_words *words, const char *fmt, ...)
{
	char text[ANSWER_MAX];
	va_list args;

	va_start(args, fmt);
	fmt_vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	shell_print("%s: %s", words->word[0], text);
	return false;
}

/* The words as the command wants them, counted. */
static bool execute(struct shell *shell, const char *line, char *buffer)
{
	const struct shell_command *command;
	struct shell_words words;
	const char *wrong = shell_split(line, 1, buffer, &words);

	if (!wrong && !words.count)
		return true;
	command = wrong ? NULL : shell_find_command(words.word[0]);
	if (!command) {
		shell_print("%s%s%s", wrong ? wrong : "no command \"", wrong ? "" : words.word[0],
			    wrong ? "" : "\"; help lists them");
		return false;
	}
	wrong = shell_split(line, command->split ? command->split : SHELL_WORDS_MAX, buffer, &words);
	if (wrong)
		return shell_complain(&words, "%s", wrong);
	if (words.count - 1 < command->min || words.count - 1 > command->max)
		return shell_complain(&words, "usage: %s %s", words.word[0], command->usage);
	/* Any of them may write memory, change devices or need room. */
	if (command->function != shell_call)
		boot_keep_drop(shell->machine);
	return command->function(shell, &words);
}

bool shell_execute(struct shell *shell, const char *line)
{
	char *buffer = malloc(strlen(line) + 1);
	bool fine;

	menu_page_start(&shell->machine->menu);
	if (!buffer) {
		shell_print("there is not enough memory for this line");
		return false;
	}
	fine = execute(shell, line, buffer);
	free(buffer);
	return fine;
}

void shell_run_script(struct shell *shell)
{
	const struct manifest *m = &shell->machine->manifest;
	bool plain = shell->machine->menu.plain;
	const char *line = m->shell;

	recorder_step(FLIGHT_SHELL_LINES);
	shell->machine->menu.plain = true;
	while (line && line < m->shell + m->shell_size) {
		console_puts(SHELL_PROMPT);
		term_puts(line);
		console_puts("\n");
		if (!shell_execute(shell, line)) {
			log_warn("shell", "trapeze,shell ends here, \"%s\" failed", line);
			break;
		}
		line += strlen(line) + 1;
	}
	shell->machine->menu.plain = plain;
}

void shell_run(struct shell *shell)
{
	struct lineedit lineedit = {
		.prompt = SHELL_PROMPT,
		.initial = "",
		.max_length = SHELL_LINE_MAX,
		.history = &shell->history,
		.complete = shell_complete,
		.complete_ctx = shell,
		.plain = shell->machine->menu.plain,
	};
	char *line;

	if (!shell->history.capacity)
		lineedit_history_init(&shell->history, HISTORY_CAPACITY);
	console_puts("\nhelp lists the commands, exit leads back to the menu\n");
	shell->done = false;
	while (!shell->done) {
		recorder_step(FLIGHT_SHELL);
		line = lineedit_run(&lineedit);
		console_puts("\n");
		if (line)
			shell_execute(shell, line);
		free(line);
	}
}
