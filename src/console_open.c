/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* From console= to a UART that answers; without it, from what firmware left. */
#include "arch.h"
#include "bootinfo.h"
#include "console.h"
#include "console_find.h"
#include "log.h"

/* The BIOS data area's ports of COM1 to COM4, 0 where there is none (IBM PC/AT Technical Reference). */
#define BDA_PORTS 0x400
#define BDA_PORT_COUNT 4
#define UART_PORTS 8
#define UART_BYTES_MAX 32		/* of registers, in memory */

static const u16 usual_ports[] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };

static const struct console_config plain = { .kind = CONSOLE_UART, .access = CONSOLE_IO, .parity = 'n', .bits = 8 };

/* Registers found in memory may be one byte apart or four: what firmware says about that is often wrong. */
static enum err open_either_stride(struct console_config *config)
{
	enum err err = arch_console_open(config);

	if (err != ERR_DEVICE || config->access == CONSOLE_IO)
		return err;
	config->access = config->access == CONSOLE_MMIO ? CONSOLE_MMIO32 : CONSOLE_MMIO;
	return arch_console_open(config);
}

/* A probe writes: not into memory. */
static enum err open_found(const struct bootinfo *info, const char *text, struct console_config *config, bool either_stride)
{
	enum err err;

	if (config->access != CONSOLE_IO && bootinfo_is_memory(info, config->addr, config->addr + UART_BYTES_MAX)) {
		log_err("console", "console=%s: 0x%llx is memory, no UART's registers", text, config->addr);
		return ERR_RESERVED;
	}
	err = either_stride ? open_either_stride(config) : arch_console_open(config);
	if (err == ERR_DEVICE)
		log_err("console", "console=%s: no UART answers at %s 0x%llx", text,
			config->access == CONSOLE_IO ? "port" : "address", config->addr);
	return err;
}

static enum err open_spcr(const struct bootinfo *info)
{
	struct console_config config;
	struct acpi_why why;
	enum err err = console_find_spcr(info, &config, &why);

	if (err) {
		log_err("console", "console=spcr: %s", why.text);
		return err;
	}
	return open_found(info, "spcr", &config, true);
}

static enum err open_named(const char *text, const struct bootinfo *info)
{
	struct console_config config;
	enum err err = console_parse(text, &config);

	if (err)
		return err;
	switch (config.kind) {
	case CONSOLE_NONE:
		arch_console_close();
		return ERR_OK;
	case CONSOLE_SPCR:
		return open_spcr(info);
	case CONSOLE_PCISERIAL:
		err = console_find_pci(&config);
		return err ? err : open_found(info, text, &config, true);
	case CONSOLE_UART:
		break;
	}
	return open_found(info, text, &config, false);
}

static enum err try_port(u16 port)
{
	struct console_config config = plain;

	config.addr = port;
	return port && port <= 0x10000 - UART_PORTS ? arch_console_open(&config) : ERR_DEVICE;
}

static enum err open_bda(void)
{
	const u8 *ports = arch_phys(BDA_PORTS, 2 * BDA_PORT_COUNT);

	for (u32 i = 0; ports && i < BDA_PORT_COUNT; i++) {
		if (try_port((u16)(ports[2 * i] | ports[2 * i + 1] << 8)) == ERR_OK)
			return ERR_OK;
	}
	return ERR_DEVICE;
}

static enum err open_usual(void)
{
	for (u32 i = 0; i < ARRAY_COUNT(usual_ports); i++) {
		if (try_port(usual_ports[i]) == ERR_OK)
			return ERR_OK;
	}
	return ERR_DEVICE;
}

/* Without being asked for: a machine without the table is no news. */
static enum err open_spcr_quietly(const struct bootinfo *info)
{
	struct console_config config;
	struct acpi_why why;
	enum err err = console_find_spcr(info, &config, &why);

	if (err) {
		log_debug("console", "%s", why.text);
		return err;
	}
	if (config.access != CONSOLE_IO && bootinfo_is_memory(info, config.addr, config.addr + UART_BYTES_MAX))
		return ERR_RESERVED;
	return open_either_stride(&config);
}

/* UEFI machines have no BIOS data area: page 0 may hold anything. */
static enum err open_default(const struct bootinfo *info)
{
	bool is_efi = bootinfo_is_efi(info);
	enum err err = is_efi ? open_spcr_quietly(info) : open_bda();

	if (err)
		err = open_usual();
	if (err && !is_efi)
		err = open_spcr_quietly(info);
	if (err)
		log_warn("console", "no UART answers at COM1 to COM4, and firmware names no other");
	return err;
}

enum err console_open(const char *text, const struct bootinfo *info)
{
	enum err err = text ? open_named(text, info) : open_default(info);

	if (err && text && !console_is_open())
		(void)open_default(info);
	return err;
}
