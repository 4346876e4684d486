/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The stub's log: errors and warnings, on COM1 as firmware or the loader left it. There is nothing else to say them
 * with yet, and no line at all would be a silent stop.
 */
#include "fmt.h"
#include "cpu.h"
#include "log.h"

#define COM1 0x3f8
#define UART_LSR 5
#define UART_LSR_THRE 0x20
#define UART_WAIT 0x100000		/* polls; bounded, so that an absent UART does not block */

static void say_byte(u8 byte)
{
	for (u32 wait = UART_WAIT; wait && !(inb(COM1 + UART_LSR) & UART_LSR_THRE); wait--)
		;
	outb(COM1, byte);
}

static void say(const char *text)
{
	while (*text)
		say_byte((u8)*text++);
}

void log_line(enum log_level level, const char *area, const char *fmt, ...)
{
	char text[LOG_LINE_MAX];
	va_list args;

	if (level > LOG_WARN)
		return;
	va_start(args, fmt);
	fmt_vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	say("\r\nTrapeze: ");
	say(area);
	say(level == LOG_ERR ? ": error: " : ": warning: ");
	say(text);
	say("\r\n");
}
