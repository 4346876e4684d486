/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The shell on the console: look at the machine, change it, start images. docs/shell.md has the commands. */
#ifndef TRAPEZE_SHELL_H
#define TRAPEZE_SHELL_H

#include "lineedit.h"
#include "machine.h"

/* What a script waits for; it comes at the start of a line. */
#define SHELL_PROMPT "shell> "
#define SHELL_LINE_MAX (MENU_BOOTARGS_MAX + 64)

struct shell {
	struct machine *machine;
	/*
	 * Start a configuration; go on in the image that sleeps, the number'th of machine->asleep (bootargs as for
	 * boot_run and boot_resume). False: nothing was done, the log says why.
	 */
	bool (*run)(u32 config, const char *bootargs);
	bool (*resume)(u32 number, const char *args);
	struct lineedit_history history;	/* the shell's own, as all that follows */
	bool done;
};

/* Read lines and carry them out, until `exit`. */
void shell_run(struct shell *shell);
/*
 * Carry out the manifest's lines (trapeze,shell), without stopping at full screens, until one fails; that is logged.
 * None: nothing is done.
 */
void shell_run_script(struct shell *shell);
/* Carry out one line. False: something was wrong with it, and a line on the console says what. */
bool shell_execute(struct shell *shell, const char *line);

#endif
