/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "console.h"

#include <string.h>

#include "arch.h"
#include "fmt.h"

static const struct console_ops *console;
static volatile bool disturbed;

void console_set(const struct console_ops *ops)
{
	console = ops;
}

bool console_is_open(void)
{
	return console;
}

void console_write(const char *text, size_t size)
{
	size_t start = 0;

	if (!console)
		return;
	for (size_t i = 0; i < size; i++) {
		if (text[i] != '\n')
			continue;
		if (i > start)
			console->write(text + start, i - start);
		console->write("\r\n", 2);
		start = i + 1;
	}
	if (size > start)
		console->write(text + start, size - start);
}

void console_puts(const char *text)
{
	console_write(text, strlen(text));
}

void console_printf(const char *fmt, ...)
{
	char text[CONSOLE_PRINTF_MAX];
	va_list args;
	size_t length;

	va_start(args, fmt);
	length = fmt_vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	console_write(text, length < sizeof(text) ? length : sizeof(text) - 1);
}

int console_getc(void)
{
	return console ? console->read() : -1;
}

int console_wait(u64 timeout_us)
{
	u64 start = arch_time_us();
	int c;

	do {
		c = console_getc();
		if (c >= 0)
			return c;
		arch_relax();
	} while (!disturbed && (!timeout_us || arch_time_us() - start < timeout_us));
	return -1;
}

void console_disturb(void)
{
	disturbed = true;
}

bool console_take_disturbance(void)
{
	bool was = disturbed;

	disturbed = false;
	return was;
}
