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
 * Polls until one character has had time to leave: at 300 baud it takes 37 ms, and a port read takes about a microsecond or,
 * emulated, less.
 */
#define WAIT_POLLS 200000u

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
	uint32_t divisor = (UART8250_MAX_BAUD + baud / 2) / baud;
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

uint32_t uart8250_setup(struct uart8250 *uart, uint32_t baud, unsigned int bits, char parity)
{
	uint32_t divisor;

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
	return divisor ? UART8250_MAX_BAUD / divisor : 0;
}

static bool wait_empty(struct uart8250 *uart)
{
	unsigned int polls = uart->stalled ? 1 : WAIT_POLLS;

	while (polls--) {
		if (reg_read(uart, LSR) & LSR_EMPTY) {
			uart->stalled = false;
			return true;
		}
	}
	uart->stalled = true;
	return false;
}

void uart8250_write(struct uart8250 *uart, const char *data, size_t size)
{
	size_t block = uart->fifo_size ? uart->fifo_size : 1;

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
