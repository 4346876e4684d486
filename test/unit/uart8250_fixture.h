/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A UART made of variables, as the data sheet describes it (PC16550D, chapter 8), or none. Once per program. */
#ifndef TEST_UART8250_FIXTURE_H
#define TEST_UART8250_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../drivers/uart8250/uart8250.c"

enum kind { ABSENT, UART_8250, UART_16450, UART_16550, UART_16550A };

#define LINE_SIZE 4096

/* One UART as seen from its bus. A character leaves `reads_per_char` polls of LSR after it was the first in line. */
static struct {
	enum kind kind;
	uint8_t ier, fcr, lcr, mcr, scr, dll, dlm;
	char line[LINE_SIZE];		/* what was sent */
	size_t line_used;
	unsigned int waiting;		/* characters in holding register or FIFO */
	unsigned int overruns;		/* written while there was no room */
	unsigned int reads_per_char, reads_left;
	bool stuck;			/* the transmitter never empties */
	bool no_loopback;		/* as in some emulations */
	const char *input;
	size_t input_left;
	unsigned int lsr_reads;
	uint64_t now;			/* microseconds, a read of LSR takes us_per_read; 0: there is no clock */
	unsigned int us_per_read;
} bus;

static const struct uart8250 *bus_uart;

static unsigned int room(void)
{
	return bus.kind == UART_16550A && (bus.fcr & FCR_ENABLE) ? 16 : 1;
}

static uint8_t line_status(void)
{
	bus.lsr_reads++;
	bus.now += bus.us_per_read;
	if (bus.waiting && !bus.stuck && bus.reads_left && !--bus.reads_left) {
		bus.waiting--;
		bus.reads_left = bus.reads_per_char;
	}
	return (bus.input_left ? LSR_DATA : 0) | (bus.waiting ? 0 : LSR_EMPTY | 0x40);
}

/* In loopback DTR, RTS, OUT1, OUT2 come back as DSR, CTS, RI, DCD (PC16550D, 8.6.7). */
static uint8_t modem_status(void)
{
	uint8_t m = bus.mcr;

	if (!(m & MCR_LOOP) || bus.no_loopback)
		return 0xb0;
	return (m & MCR_RTS ? 0x10 : 0) | (m & MCR_DTR ? 0x20 : 0) | (m & 0x04 ? 0x40 : 0) | (m & MCR_OUT2 ? 0x80 : 0);
}

static uint8_t receive(void)
{
	if (!bus.input_left)
		return 0;
	bus.input_left--;
	return (uint8_t)*bus.input++;
}

static uint8_t fake_read(const struct uart8250 *uart, unsigned int reg)
{
	static const uint8_t fifo_bits[] = { [UART_16550] = 0x80, [UART_16550A] = 0xc0 };

	assert_ptr_equal(uart, bus_uart);
	assert_true(reg < 8);
	if (bus.kind == ABSENT)
		return 0xff;
	switch (reg) {
	case RBR:
		return bus.lcr & LCR_DLAB ? bus.dll : receive();
	case IER:
		return bus.lcr & LCR_DLAB ? bus.dlm : bus.ier;
	case IIR:
		/* The 16550 without A has a FIFO that does not work, and says so with one bit. */
		return 0x01 | (bus.fcr & FCR_ENABLE ? fifo_bits[bus.kind] : 0);
	case LCR:
		return bus.lcr;
	case MCR:
		return bus.mcr;
	case LSR:
		return line_status();
	case MSR:
		return modem_status();
	default:
		return bus.kind == UART_8250 ? 0xff : bus.scr;
	}
}

static void transmit(uint8_t value)
{
	if (bus.waiting >= room()) {
		bus.overruns++;
		return;
	}
	assert_true(bus.line_used < sizeof(bus.line));
	bus.line[bus.line_used++] = (char)value;
	if (!bus.waiting++)
		bus.reads_left = bus.reads_per_char;
}

static void fake_write(const struct uart8250 *uart, unsigned int reg, uint8_t value)
{
	assert_ptr_equal(uart, bus_uart);
	assert_true(reg < 8);
	if (bus.kind == ABSENT)
		return;
	if (reg == THR && (bus.lcr & LCR_DLAB))
		bus.dll = value;
	else if (reg == THR)
		transmit(value);
	else if (reg == IER && (bus.lcr & LCR_DLAB))
		bus.dlm = value;
	else if (reg == IER)
		bus.ier = value;
	else if (reg == FCR)
		bus.fcr = value;
	else if (reg == LCR)
		bus.lcr = value;
	else if (reg == MCR)
		bus.mcr = value;
	else if (reg == SCR && bus.kind != UART_8250)
		bus.scr = value;
}

static uint64_t fake_time(void)
{
	return bus.now;
}

static const struct uart8250_io fake_io = { .read = fake_read, .write = fake_write, .time_us = fake_time };
static struct uart8250 uart;

/* A UART as firmware left it: 9600 8n1, interrupts of its own on. */
static inline void plug(enum kind kind)
{
	memset(&bus, 0, sizeof(bus));
	bus.kind = kind;
	bus.ier = 0x0f;
	bus.lcr = 0x03;
	bus.mcr = 0x0b;
	bus.scr = 0x77;
	bus.dll = 12;
	bus.reads_per_char = 3;
	uart = (struct uart8250){ .io = &fake_io, .base = 0x3f8 };
	bus_uart = &uart;
}

/* The same with a clock. */
static inline void plug_with_clock(enum kind kind)
{
	plug(kind);
	bus.now = 12345;
	bus.us_per_read = 1;
}

static inline void check_sent(const char *text)
{
	assert_int_equal(bus.line_used, strlen(text));
	assert_memory_equal(bus.line, text, bus.line_used);
	assert_int_equal(bus.overruns, 0);
}

#endif
