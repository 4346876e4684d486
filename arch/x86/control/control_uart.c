/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The smallest possible UART output and input, and what is printed kept for the shim's log. */
#include "console.h"
#include "control.h"
#include "cpu.h"
#include "dump.h"

#define UART_THR 0
#define UART_RBR 0
#define UART_LSR 5
#define UART_LSR_DR 0x01
#define UART_LSR_THRE 0x20
#define UART_POLLS 0x100000		/* where there is no clock: about a second of port reads */
#define RESET_PORT 0xcf9
#define RESET_HARD 0x06
#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_RESET 0xfe

_Static_assert(CONSOLE_IO == CONTROL_UART_IO && CONSOLE_MMIO == CONTROL_UART_MMIO && CONSOLE_MMIO32 > CONTROL_UART_MMIO, "");

static u8 uart_read(u32 reg)
{
	const struct control *c = &control_data;
	uintptr_t at = (uintptr_t)c->uart_base + ((uintptr_t)reg << c->uart_shift);

	if (c->uart_access == CONSOLE_IO)
		return inb((u16)at);
	if (c->uart_access == CONSOLE_MMIO)
		return *(volatile u8 *)at;
	return (u8)*(volatile u32 *)at;
}

static void uart_write(u32 reg, u8 value)
{
	const struct control *c = &control_data;
	uintptr_t at = (uintptr_t)c->uart_base + ((uintptr_t)reg << c->uart_shift);

	if (c->uart_access == CONSOLE_IO)
		outb((u16)at, value);
	else if (c->uart_access == CONSOLE_MMIO)
		*(volatile u8 *)at = value;
	else
		*(volatile u32 *)at = value;
}

/* Bounded: an absent or stuck line never blocks. */
static bool wait_empty(struct control *c)
{
	u64 start = rdtsc();

	for (u32 polls = 0; !(uart_read(UART_LSR) & UART_LSR_THRE); polls++) {
		if (c->uart_stalled || (c->uart_wait ? rdtsc() - start >= c->uart_wait : polls >= UART_POLLS)) {
			c->uart_stalled = true;
			return false;
		}
		cpu_pause();
	}
	c->uart_stalled = false;
	return true;
}

static void uart_putc(char ch)
{
	struct control *c = &control_data;

	if (c->uart_access != CONTROL_NO_UART && wait_empty(c))
		uart_write(UART_THR, (u8)ch);
}

void dump_putc(char ch)
{
	struct control *c = &control_data;

	if (ch == '\n')
		uart_putc('\r');
	uart_putc(ch);
	if (c->text_used < CONTROL_TEXT_SIZE - 1)
		c->text[c->text_used++] = ch;
}

bool dump_can_read(u64 address, u64 size)
{
	return size <= control_data.readable_limit && address <= control_data.readable_limit - size;
}

void control_puts(const char *text)
{
	while (*text)
		dump_putc(*text++);
}

void control_put_hex(u64 value)
{
	u32 digits = 1;

	while (digits < 16 && value >> (4 * digits))
		digits++;
	while (digits--)
		dump_putc("0123456789abcdef"[(value >> (4 * digits)) & 15]);
}

bool control_key(u8 *key)
{
	u8 status;

	if (control_data.uart_access == CONTROL_NO_UART)
		return false;
	status = uart_read(UART_LSR);
	if (status == 0xff || !(status & UART_LSR_DR))
		return false;
	*key = uart_read(UART_RBR);
	return true;
}

NORETURN static void reboot(void)
{
	outb(RESET_PORT, RESET_HARD);
	outb(KEYBOARD_COMMAND, KEYBOARD_RESET);
	for (;;)
		asm volatile("hlt");
}

void control_stop(void)
{
	u8 key;

	control_puts("---- stopped; r reboots\n");
	for (;;) {
		if (control_key(&key) && key == 'r')
			reboot();
		cpu_pause();
	}
}
