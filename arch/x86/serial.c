/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Which UART the console is on. */
#include "serial.h"

#include "console.h"
#include "fmt.h"
#include "log.h"
#include "paging.h"
#include "uart8250.h"
#include "x86.h"

#define UART_REGISTERS 8

static const u16 com_ports[] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };

static struct serial_port port;
static struct uart8250 uart;

static void serial_write(const char *text, size_t size)
{
	uart8250_write(&uart, text, size);
}

static int serial_read(void)
{
	return uart8250_read(&uart);
}

static const struct console_ops serial_ops = { serial_write, serial_read };

static unsigned int stride_shift(const struct console_config *config)
{
	return config->access == CONSOLE_MMIO32 ? 2 : 0;
}

static paddr_t registers_end(const struct console_config *config)
{
	return config->addr + (UART_REGISTERS << stride_shift(config));
}

static bool open_uart(const struct console_config *config)
{
	struct uart8250 candidate = {
		.io = serial_io(config->access),
		.base = (uintptr_t)config->addr,
		.shift = stride_shift(config),
	};

	if (!uart8250_probe(&candidate))
		return false;
	uart = candidate;
	port.present = true;
	port.config = *config;
	port.config.baud = uart8250_setup(&uart, config->baud, config->bits, config->parity);
	port.shift = uart.shift;
	port.end = registers_end(config);
	port.wait_us = uart.wait_us;
	console_set(&serial_ops);
	return true;
}

/* The first COM port that answers, at the rate that firmware set. */
static enum err open_default(void)
{
	struct console_config config = { .kind = CONSOLE_UART, .access = CONSOLE_IO, .bits = 8, .parity = 'n' };

	for (u32 i = 0; i < ARRAY_COUNT(com_ports); i++) {
		config.addr = com_ports[i];
		if (open_uart(&config))
			return ERR_OK;
	}
	return ERR_DEVICE;
}

static enum err reach(const struct console_config *config)
{
	return config->access == CONSOLE_IO ? ERR_OK : paging_reach(config->addr, registers_end(config));
}

enum err serial_map(struct paging *paging)
{
	if (!port.present || port.config.access == CONSOLE_IO)
		return ERR_OK;
	return paging_map(paging, port.config.addr, port.end, PAGING_WRITE | PAGING_UNCACHED);
}

static enum err open_named(const char *text)
{
	struct console_config config;
	enum err err = console_parse(text, &config);

	if (err)
		return err;
	if (config.kind == CONSOLE_NONE) {
		port.present = false;
		console_set(NULL);
		return ERR_OK;
	}
	if (config.kind != CONSOLE_UART) {
		log_err("console", "console=%s: this version knows UARTs by address only (uart8250,... or ttyS0..3)", text);
		return ERR_UNSUPPORTED;
	}
	err = reach(&config);
	if (err)
		return err;
	if (open_uart(&config))
		return ERR_OK;
	log_err("console", "console=%s: no UART answers at 0x%llx", text, config.addr);
	return ERR_DEVICE;
}

enum err arch_console_open(const char *text)
{
	enum err err = text ? open_named(text) : open_default();
	char name[CONSOLE_TEXT_MAX];

	if (err && !port.present)
		(void)open_default();
	if (!port.present)
		return err;
	console_format(&port.config, name, sizeof(name));
	log_info("console", "%s fifo=%u", name, uart.fifo_size);
	return err;
}

void arch_console_name(char *buf, size_t size)
{
	if (port.present)
		console_format(&port.config, buf, size);
	else
		fmt_snprintf(buf, size, "none");
}

const struct serial_port *serial_current(void)
{
	return &port;
}
