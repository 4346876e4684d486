/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The 8250 family (8250, 16450, 16550A and what imitates them): registers only. How a register is reached is the caller's
 * struct uart8250_io; discovery lies elsewhere. Source: National Semiconductor PC16550D data sheet, chapter 8.
 */
#ifndef UART8250_H
#define UART8250_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uart8250;

struct uart8250_io {
	uint8_t (*read)(const struct uart8250 *uart, unsigned int reg);
	void (*write)(const struct uart8250 *uart, unsigned int reg, uint8_t value);
	uint64_t (*time_us)(void);	/* microseconds since some moment, never running backwards; 0: there is no clock yet */
};

struct uart8250 {
	const struct uart8250_io *io;
	uintptr_t base;			/* port or address of register 0 */
	unsigned int shift;		/* registers are 1 << shift bytes apart */
	unsigned int fifo_size;		/* bytes that may be written at once when the transmitter is empty: 16 or 1 */
	unsigned int block_size;	/* bytes that are written between two waits: fewer than the FIFO holds on a slow line */
	uint32_t base_baud;		/* rate of divisor 1; 0: that of a PC */
	uint32_t wait_us;		/* how long to wait for such a block to leave */
	bool stalled;			/* the last write gave up waiting: later ones poll once until the line moves again */
};

/* The clock of a PC's UART: divisor 1 is this rate. */
#define UART8250_MAX_BAUD 115200u

/* Is there one? Scratch register, then loopback (the 8250 has no scratch register). Leaves everything as it was. */
bool uart8250_probe(struct uart8250 *uart);

/*
 * Make it ready: DTR and RTS on, interrupts off, FIFO on where there is one, `bits` data bits (7, 8) and parity ('n', 'o',
 * 'e'). baud 0 keeps rate and line settings as firmware set them. Returns the rate in force, 0 when the divisor says none.
 */
uint32_t uart8250_setup(struct uart8250 *uart, uint32_t baud, unsigned int bits, char parity);

/*
 * Send bytes as they are. Waits are bounded (100 ms to 1 s, by the line's rate): what an absent or stuck line does not take is
 * dropped.
 */
void uart8250_write(struct uart8250 *uart, const char *data, size_t size);

/* A received byte, or -1. */
int uart8250_read(struct uart8250 *uart);

#endif
