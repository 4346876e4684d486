/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "uart8250.h"

enum { RBR = 0, THR = 0, DLL = 0, IER = 1, DLM = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCR = 7 };

#define LCR_DLAB 0x80
#define LCR_EVEN 0x18
#define LCR_ODD 0x08
#define LCR_8_BITS 0x03
#define LCR_7_BITS 0x02
#define MCR_DTR 0x01
#define MCR_RTS 0x02
#define MCR_OUT2 0x08
#define MCR_LOOP 0x10
#define MSR_LINES 0xf0			/* in loopback they follow DTR, RTS, OUT1, OUT2 */
#define MSR_FOR_RTS_OUT2 0x90
#define FCR_ENABLE 0x01
#define IIR_FIFO 0xc0
#define LSR_DATA 0x01
#define LSR_EMPTY 0x20
#define FIFO_SIZE 16
#define DIVISOR_MAX 0xffffu

/*
 * A block gets twice the time that it takes, but at least what an emulated line may stand still for, and at most what a person
 * waits through.
 */
#define WAIT_MARGIN 2
#define WAIT_MIN_US 100000u
#define WAIT_MAX_US 1000000u
#define CHAR_BITS_MAX 12		/* start, 8 data, parity, 2 stop */

/* Without a clock: about a second of port reads, at a microsecond each; enough for a character where they are emulated. */
#define WAIT_POLLS 1000000u

static uint8_t reg_read(const struct uart8250 *uart, unsigned int reg)
{
	return uart->io->read(uart, reg);
}

static void reg_write(const struct uart8250 *uart, unsigned int reg, uint8_t value)
{
	uart->io->write(uart, reg, value);
}

static bool scratch_holds(const struct uart8250 *uart)
{
	uint8_t old = reg_read(uart, SCR);
	bool holds;

	reg_write(uart, SCR, 0x5a);
	holds = reg_read(uart, SCR) == 0x5a;
	reg_write(uart, SCR, 0xa5);
	holds = holds && reg_read(uart, SCR) == 0xa5;
	reg_write(uart, SCR, old);
	return holds;
}

static bool loopback_answers(const struct uart8250 *uart)
{
	uint8_t old = reg_read(uart, MCR);
	uint8_t lines;

	reg_write(uart, MCR, MCR_LOOP | MCR_RTS | MCR_OUT2);
	lines = reg_read(uart, MSR) & MSR_LINES;
	reg_write(uart, MCR, old);
	return lines == MSR_FOR_RTS_OUT2;
}

bool uart8250_probe(struct uart8250 *uart)
{
	/* A floating bus reads as ones, and no line status has them all. */
	if (reg_read(uart, LSR) == 0xff)
		return false;
	return scratch_holds(uart) || loopback_answers(uart);
}

static uint32_t base_baud(const struct uart8250 *uart)
{
	return uart->base_baud ? uart->base_baud : UART8250_MAX_BAUD;
}

static uint32_t divisor_read(const struct uart8250 *uart)
{
	uint8_t lcr = reg_read(uart, LCR);
	uint32_t divisor;

	reg_write(uart, LCR, lcr | LCR_DLAB);
	divisor = reg_read(uart, DLL) | (uint32_t)reg_read(uart, DLM) << 8;
	reg_write(uart, LCR, lcr);
	return divisor;
}

static void line_set(const struct uart8250 *uart, uint32_t baud, unsigned int bits, char parity)
{
	uint32_t divisor = (base_baud(uart) + baud / 2) / baud;
	uint8_t lcr = bits == 7 ? LCR_7_BITS : LCR_8_BITS;

	if (!divisor)
		divisor = 1;
	if (divisor > DIVISOR_MAX)
		divisor = DIVISOR_MAX;
	if (parity == 'e')
		lcr |= LCR_EVEN;
	else if (parity == 'o')
		lcr |= LCR_ODD;
	reg_write(uart, LCR, lcr | LCR_DLAB);
	reg_write(uart, DLL, divisor & 0xff);
	reg_write(uart, DLM, (divisor >> 8) & 0xff);
	reg_write(uart, LCR, lcr);
}

/* How much goes out at once, and how long that may take. */
static void set_bounds(struct uart8250 *uart, uint32_t baud)
{
	uint32_t char_us = baud ? CHAR_BITS_MAX * 1000000u / baud : WAIT_MAX_US;
	uint32_t most = WAIT_MAX_US / WAIT_MARGIN / (char_us ? char_us : 1);

	uart->block_size = most > uart->fifo_size ? uart->fifo_size : most ? most : 1;
	uart->wait_us = uart->block_size * char_us * WAIT_MARGIN;
	if (uart->wait_us < WAIT_MIN_US)
		uart->wait_us = WAIT_MIN_US;
	if (uart->wait_us > WAIT_MAX_US)
		uart->wait_us = WAIT_MAX_US;
}

uint32_t uart8250_setup(struct uart8250 *uart, uint32_t baud, unsigned int bits, char parity)
{
	uint32_t divisor, rate;

	/* Firmware may have left the divisor latch open: it lies over the data and interrupt registers. */
	reg_write(uart, LCR, reg_read(uart, LCR) & ~LCR_DLAB);
	reg_write(uart, IER, 0);
	if (baud)
		line_set(uart, baud, bits, parity);
	reg_write(uart, FCR, FCR_ENABLE);
	uart->fifo_size = (reg_read(uart, IIR) & IIR_FIFO) == IIR_FIFO ? FIFO_SIZE : 1;
	reg_write(uart, MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
	uart->stalled = false;
	divisor = divisor_read(uart);
	rate = divisor ? base_baud(uart) / divisor : 0;
	set_bounds(uart, rate);
	return rate;
}

/* After one wait in vain the line is looked at once, until it moves again. */
static bool wait_is_over(const struct uart8250 *uart, uint64_t start, unsigned int polls)
{
	if (uart->stalled)
		return true;
	return start ? uart->io->time_us() - start >= uart->wait_us : polls >= WAIT_POLLS;
}

static bool wait_empty(struct uart8250 *uart)
{
	uint64_t start = uart->io->time_us();

	for (unsigned int polls = 1; !(reg_read(uart, LSR) & LSR_EMPTY); polls++) {
		if (wait_is_over(uart, start, polls)) {
			uart->stalled = true;
			return false;
		}
	}
	uart->stalled = false;
	return true;
}

void uart8250_write(struct uart8250 *uart, const char *data, size_t size)
{
	size_t block = uart->block_size ? uart->block_size : 1;

	while (size) {
		size_t part = size < block ? size : block;

		if (wait_empty(uart)) {
			for (size_t i = 0; i < part; i++)
				reg_write(uart, THR, (uint8_t)data[i]);
		}
		data += part;
		size -= part;
	}
}

int uart8250_read(struct uart8250 *uart)
{
	uint8_t status = reg_read(uart, LSR);

	/* All ones: nobody there. */
	if (status == 0xff || !(status & LSR_DATA))
		return -1;
	return reg_read(uart, RBR);
}
