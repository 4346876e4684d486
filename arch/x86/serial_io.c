/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* How the registers of a UART are reached: by port, or in memory with a stride of one byte or of four. */
#include "serial.h"
#include "x86.h"

static uint8_t io_read(const struct uart8250 *u, unsigned int reg)
{
	return inb((u16)(u->base + reg));
}

static void io_write(const struct uart8250 *u, unsigned int reg, uint8_t value)
{
	outb((u16)(u->base + reg), value);
}

static uint8_t mmio_read(const struct uart8250 *u, unsigned int reg)
{
	return *(volatile uint8_t *)(u->base + reg);
}

static void mmio_write(const struct uart8250 *u, unsigned int reg, uint8_t value)
{
	*(volatile uint8_t *)(u->base + reg) = value;
}

static uint8_t mmio32_read(const struct uart8250 *u, unsigned int reg)
{
	return (uint8_t)*(volatile uint32_t *)(u->base + (reg << u->shift));
}

static void mmio32_write(const struct uart8250 *u, unsigned int reg, uint8_t value)
{
	*(volatile uint32_t *)(u->base + (reg << u->shift)) = value;
}

/* Not before it is calibrated: an assumed frequency could make waits too short. */
static uint64_t clock_us(void)
{
	return arch_features.tsc_khz ? arch_time_us() : 0;
}

static const struct uart8250_io access_io[] = {
	[CONSOLE_IO] = { io_read, io_write, clock_us },
	[CONSOLE_MMIO] = { mmio_read, mmio_write, clock_us },
	[CONSOLE_MMIO32] = { mmio32_read, mmio32_write, clock_us },
};

const struct uart8250_io *serial_io(enum console_access access)
{
	return &access_io[access];
}
