/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The C part of the control pages: runs the mover, checks what arrived, and is the net: explains what goes wrong. Runs on
 * its own stack, tables and page tables; nothing of the shim exists any more. General registers only, no static pointers.
 */
#include "control.h"

#include <string.h>

#include "console.h"
#include "cpu.h"
#include "dump.h"
#include "swing.h"
#include "traps.h"

#define UART_THR 0
#define UART_RBR 0
#define UART_LSR 5
#define UART_LSR_DR 0x01
#define UART_LSR_THRE 0x20
#define UART_POLLS 0x40000		/* bounded: an absent UART never blocks */
#define VECTOR_BP 3
#define RESET_PORT 0xcf9
#define RESET_HARD 0x06
#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_RESET 0xfe

extern struct control control_data;

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

static void uart_putc(char ch)
{
	if (control_data.uart_access == CONTROL_NO_UART)
		return;
	for (u32 i = 0; i < UART_POLLS && !(uart_read(UART_LSR) & UART_LSR_THRE); i++)
		cpu_pause();
	uart_write(UART_THR, (u8)ch);
}

void dump_putc(char ch)
{
	if (ch == '\n')
		uart_putc('\r');
	uart_putc(ch);
}

bool dump_can_read(u64 address, u64 size)
{
	return size <= control_data.readable_limit && address <= control_data.readable_limit - size;
}

static void put_text(const char *text)
{
	while (*text)
		dump_putc(*text++);
}

static void put_hex(u64 value)
{
	u32 digits = 1;

	while (digits < 16 && value >> (4 * digits))
		digits++;
	while (digits--)
		dump_putc("0123456789abcdef"[(value >> (4 * digits)) & 15]);
}

NORETURN static void reboot(void)
{
	outb(RESET_PORT, RESET_HARD);
	outb(KEYBOARD_COMMAND, KEYBOARD_RESET);
	for (;;)
		asm volatile("hlt");
}

NORETURN static void stop(void)
{
	put_text("---- stopped; r reboots\n");
	for (;;) {
		if (control_data.uart_access != CONTROL_NO_UART && (uart_read(UART_LSR) & UART_LSR_DR) &&
		    uart_read(UART_RBR) == 'r')
			reboot();
		cpu_pause();
	}
}

static const char *step_text(u32 step)
{
	if (step == CONTROL_AT_START)
		return "swing, before the move, ";
	if (step == CONTROL_MOVING)
		return "swing, pages moving, ";
	if (step == CONTROL_MOVED)
		return "swing, pages moved, ";
	if (step == CONTROL_CHECKING)
		return "swing, checking, ";
	return "swing, entered, ";
}

static char *append(char *at, const char *end, const char *text)
{
	while (*text && at < end)
		*at++ = *text++;
	*at = '\0';
	return at;
}

struct cpu_tables *traps_tables(void)
{
	return &control_data.tables;
}

void traps_report(struct dump_regs *regs)
{
	struct control *c = &control_data;
	char where[72], *at = where;
	const char *end = where + sizeof(where) - 1;

	if (++c->depth > 1) {
		put_text("\n---- another fault inside the dump, vector 0x");
		put_hex(regs->vector);
		put_text(" ip 0x");
		put_hex(regs->ip);
		put_text("\n");
		stop();
	}
	traps_read_system(regs, c->has_efer);
	at = append(at, end, step_text(c->step));
	at = append(at, end, "\"");
	at = append(at, end - 1, c->title);
	append(at, end, "\"");
	dump_print(regs, where);
	if (regs->vector != VECTOR_BP)
		stop();
	put_text("---- breakpoint; going on\n");
	c->depth--;
}

void trap_handle(struct trap_frame *frame)
{
	struct dump_regs regs;

	traps_read_frame(&regs, frame);
	traps_report(&regs);
}

static void breakpoint(const struct control *control, u32 which)
{
	if (control->int3 & which)
		asm volatile("int3");
}

static void check_sums(const struct control *control)
{
	const struct control_sum *sums = (const struct control_sum *)(uintptr_t)control->sums;

	for (u32 i = 0; i < control->sum_count; i++) {
		struct mover_sum got = mover_checksum((const void *)(uintptr_t)sums[i].dest, sums[i].size);

		if (got.a == sums[i].sum.a && got.b == sums[i].sum.b)
			continue;
		put_text("\n---- checksum mismatch at the final place: ");
		put_text(sums[i].name);
		put_text(" at 0x");
		put_hex(sums[i].dest);
		put_text(" bytes 0x");
		put_hex(sums[i].size);
		put_text("\n");
		stop();
	}
}

void control_main(struct control *control)
{
	control->step = CONTROL_AT_START;
	breakpoint(control, SWING_INT3_BEFORE);
	control->step = CONTROL_MOVING;
	mover_run(0, control->list, MOVER_COPY, &control->progress);
	control->step = CONTROL_MOVED;
	breakpoint(control, SWING_INT3_INSIDE);
	control->step = CONTROL_CHECKING;
	check_sums(control);
	control->step = CONTROL_ENTERING;
}

/* What the compiler may call for struct copies and zeroing. */
void *memset(void *dest, int c, size_t size)
{
	void *at = dest;

	asm volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(c) : "memory");
	return dest;
}

void *memcpy(void *dest, const void *src, size_t size)
{
	void *at = dest;

	asm volatile("rep movsb" : "+D"(at), "+S"(src), "+c"(size) : : "memory");
	return dest;
}
