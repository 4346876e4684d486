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
#define CLOCKS_PER_BIT 16

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

static void take(const struct console_config *config)
{
	port.present = true;
	port.config = *config;
	port.config.baud = uart8250_setup(&uart, config->baud, config->bits, config->parity);
	/* A card that firmware has not touched has no rate to keep. */
	if (!port.config.baud)
		port.config.baud = uart8250_setup(&uart, UART8250_MAX_BAUD, config->bits, config->parity);
	port.shift = uart.shift;
	port.end = registers_end(config);
	port.wait_us = uart.wait_us;
	console_set(&serial_ops);
}

enum err arch_console_open(const struct console_config *config)
{
	static const char *const access_names[] = { [CONSOLE_IO] = "io", [CONSOLE_MMIO] = "mmio", [CONSOLE_MMIO32] = "mmio32" };
	struct uart8250 candidate = {
		.io = serial_io(config->access),
		.base = (uintptr_t)config->addr,
		.shift = stride_shift(config),
		.base_baud = config->clock / CLOCKS_PER_BIT,
	};
	char name[CONSOLE_TEXT_MAX];
	enum err err = config->access == CONSOLE_IO ? ERR_OK : paging_reach(config->addr, registers_end(config));

	if (err)
		return err;
	if (!uart8250_probe(&candidate))
		return ERR_DEVICE;
	uart = candidate;
	take(config);
	arch_console_name(name, sizeof(name));
	log_info("console", "%s %s=0x%llx fifo=%u", name, access_names[config->access], config->addr, uart.fifo_size);
	return ERR_OK;
}

void arch_console_renew(void)
{
	const struct console_config config = port.config;

	if (port.present)
		take(&config);
}

void arch_console_close(void)
{
	port.present = false;
	console_set(NULL);
}

void arch_console_name(char *buf, size_t size)
{
	if (port.present)
		console_format(&port.config, buf, size);
	else
		fmt_snprintf(buf, size, "none");
}

bool arch_console_config(struct console_config *config)
{
	*config = port.config;
	return port.present;
}

const struct serial_port *serial_current(void)
{
	return &port;
}

enum err serial_map(struct paging *paging)
{
	if (!port.present || port.config.access == CONSOLE_IO)
		return ERR_OK;
	return paging_map(paging, port.config.addr, port.end, PAGING_WRITE | PAGING_UNCACHED);
}
