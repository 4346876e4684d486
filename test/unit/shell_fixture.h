/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A machine with 2 MiB, two entries and a plain console, and the shell at it. Once per program. */
#ifndef TRAPEZE_SHELL_FIXTURE_H
#define TRAPEZE_SHELL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "devices.h"
#include "fake.h"
#include "processor.h"
#include "shell_private.h"

#define SHELL_RAM MIB(2)

static struct machine machine;
static char started[128];		/* what was run or resumed last */
static bool start_works;

static bool record_run(u32 config, const char *bootargs)
{
	snprintf(started, sizeof(started), "run %u \"%s\"", config, bootargs);
	return start_works;
}

static bool record_resume(u32 number, const char *args)
{
	snprintf(started, sizeof(started), "resume %u \"%s\"", number, args);
	return start_works;
}

static struct shell shell = { .machine = &machine, .run = record_run, .resume = record_resume };

static inline int setup_shell(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof(machine));
	machine.info = (struct bootinfo){ .command_line = "", .loader_name = "" };
	machine.menu.plain = true;
	fake_ram_init(SHELL_RAM);
	fake_processor_reset();
	fake_devices_reset();
	fake_log_reset();
	fake_console_init("", 0);
	memory_init(&machine.memory);
	assert_int_equal(memmap_add(&machine.memory.map, 0, 0x9f000, MEM_USABLE), ERR_OK);
	assert_int_equal(memmap_add(&machine.memory.map, MIB(1), MIB(1), MEM_USABLE), ERR_OK);
	assert_int_equal(memmap_sanitise(&machine.memory.map), ERR_OK);
	started[0] = '\0';
	start_works = true;
	return 0;
}

static inline int teardown_shell(void **state)
{
	(void)state;
	memory_free(&machine.memory);
	fake_console_free();
	fake_ram_free();
	return 0;
}

/* The answer to a line, with "\n" ends. */
static inline const char *answer(const char *line, bool fine)
{
	static char text[16384];
	size_t used = 0;

	fake_console_init("", 0);
	assert_int_equal(shell_execute(&shell, line), fine);
	for (const char *c = fake_output; *c && used < sizeof(text) - 1; c++)
		if (*c != '\r')
			text[used++] = *c;
	text[used] = '\0';
	return text;
}

#define assert_answer(line, text) assert_string_equal(answer(line, true), text)
#define assert_complaint(line, text) assert_string_equal(answer(line, false), text)

#define shell_test(name) cmocka_unit_test_setup_teardown(name, setup_shell, teardown_shell)

#endif
