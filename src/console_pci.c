/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Serial cards on PCI. Sources: PCI Local Bus 3.0, 6.1 to 6.2.5; PCI Code and ID Assignment 1.11, D.8. */
#include "console_find.h"

#include "arch.h"
#include "fmt.h"
#include "log.h"
#include "spcr.h"

#define PCI_ID 0x00
#define PCI_COMMAND 0x04
#define COMMAND_IO 0x1u
#define COMMAND_MEMORY 0x2u
#define COMMAND_BITS 0xffffu		/* the status beside them is cleared by ones */
#define PCI_CLASS 0x08			/* class, subclass, interface, revision */
#define PCI_HEADER 0x0c
#define HEADER_TYPE(word) ((word) >> 16 & 0x7f)
#define HEADER_MULTI 0x800000u
#define PCI_BAR0 0x10
#define BAR_COUNT 6
#define BAR_IO 0x1u
#define BAR_64_BIT 0x4u
#define BAR_TYPE 0x6u
#define NOTHING 0xffffffffu
#define PORT_LIMIT 0x10000
#define UART_PORTS 8

#define CLASS_SERIAL 0x0700
#define CLASS_MODEM 0x0703
#define SERIAL_LAST 6			/* XT, 16450, 16550, 16650, 16750, 16850, 16950 */
#define MODEM_FIRST 1			/* Hayes: 16450, 16550, 16650, 16750 */
#define MODEM_LAST 4

static u32 read_word(const struct console_config *at, u32 offset)
{
	return arch_pci_read(at->pci_bus, at->pci_device, at->pci_function, offset);
}

static bool is_8250(u32 class)
{
	u32 interface = class >> 8 & 0xff;

	if (class >> 16 == CLASS_SERIAL)
		return interface <= SERIAL_LAST;
	return class >> 16 == CLASS_MODEM && interface >= MODEM_FIRST && interface <= MODEM_LAST;
}

static bool is_serial(const struct console_config *at)
{
	u32 class = read_word(at, PCI_CLASS);

	if (class >> 16 != CLASS_SERIAL || read_word(at, PCI_ID) == NOTHING)
		return false;
	if (is_8250(class))
		return true;
	log_info("console", "PCI %02x:%02x.%x is a serial port, but class=0x%06x is no 16550: left out", at->pci_bus,
		 at->pci_device, at->pci_function, class >> 8);
	return false;
}

static bool find_in_device(struct console_config *at)
{
	u32 count;

	at->pci_function = 0;
	if (read_word(at, PCI_ID) == NOTHING)
		return false;
	count = read_word(at, PCI_HEADER) & HEADER_MULTI ? 8 : 1;
	for (u32 function = 0; function < count; function++) {
		at->pci_function = (u8)function;
		if (is_serial(at))
			return true;
	}
	return false;
}

/* Every bus number: firmware has given them, and behind which bridge a card is does not matter. */
static bool find_first(struct console_config *at)
{
	for (u32 bus = 0; bus < 256; bus++) {
		for (u32 device = 0; device < 32; device++) {
			at->pci_bus = (u8)bus;
			at->pci_device = (u8)device;
			if (find_in_device(at))
				return true;
		}
	}
	return false;
}

/* What stands in base address register `number`, and what it takes; 0 where firmware has assigned nothing. */
static u32 read_bar(const struct console_config *at, u32 number, paddr_t *addr, bool *is_io)
{
	u32 low = read_word(at, PCI_BAR0 + 4 * number);
	bool is_wide = !(low & BAR_IO) && (low & BAR_TYPE) == BAR_64_BIT && number + 1 < BAR_COUNT;

	*is_io = low & BAR_IO;
	*addr = *is_io ? low & ~3u : low & ~15u;
	if (is_wide)
		*addr |= (paddr_t)read_word(at, PCI_BAR0 + 4 * (number + 1)) << 32;
	return is_wide ? 2 : 1;
}

/* The first that leads somewhere: on cards with several ports it is the first port's. */
static enum err take_bar(struct console_config *at)
{
	bool is_io = false;

	at->addr = 0;
	for (u32 number = 0; number < BAR_COUNT && !at->addr;)
		number += read_bar(at, number, &at->addr, &is_io);
	if (!at->addr) {
		log_err("console", "PCI %02x:%02x.%x id=0x%08x: firmware has assigned none of its base addresses", at->pci_bus,
			at->pci_device, at->pci_function, read_word(at, PCI_ID));
		return ERR_DEVICE;
	}
	if (is_io ? at->addr > PORT_LIMIT - UART_PORTS : at->addr > PADDR_LIMIT - 4 * UART_PORTS) {
		log_err("console", "PCI %02x:%02x.%x: base address 0x%llx leads nowhere", at->pci_bus, at->pci_device,
			at->pci_function, at->addr);
		return ERR_VALUE;
	}
	at->access = is_io ? CONSOLE_IO : CONSOLE_MMIO32;
	return ERR_OK;
}

static void switch_on(const struct console_config *at)
{
	u32 command = read_word(at, PCI_COMMAND) & COMMAND_BITS;
	u32 wanted = command | (at->access == CONSOLE_IO ? COMMAND_IO : COMMAND_MEMORY);

	if (wanted != command)
		arch_pci_write(at->pci_bus, at->pci_device, at->pci_function, PCI_COMMAND, wanted);
}

static enum err check_named(const struct console_config *at)
{
	u32 id = read_word(at, PCI_ID), class = read_word(at, PCI_CLASS);
	u32 header = HEADER_TYPE(read_word(at, PCI_HEADER));

	if (id == NOTHING) {
		log_err("console", "there is no PCI device %02x:%02x.%x", at->pci_bus, at->pci_device, at->pci_function);
		return ERR_NOT_FOUND;
	}
	if (header != 0) {
		log_err("console", "PCI %02x:%02x.%x id=0x%08x is a bridge header=%u", at->pci_bus, at->pci_device,
			at->pci_function, id, header);
		return ERR_UNSUPPORTED;
	}
	if (!is_8250(class) && !at->force) {
		log_err("console",
			"PCI %02x:%02x.%x id=0x%08x class=0x%06x is no 16550; pciserial,force,... takes it all the same",
			at->pci_bus, at->pci_device, at->pci_function, id, class >> 8);
		return ERR_UNSUPPORTED;
	}
	return ERR_OK;
}

enum err console_find_pci(struct console_config *config)
{
	enum err err;

	if (!arch_has_pci()) {
		log_err("console", "this machine has no PCI (configuration mechanism 1 does not answer)");
		return ERR_NOT_FOUND;
	}
	if (!config->has_pci && !find_first(config)) {
		log_err("console", "no PCI device is a serial port (class 0700 with a 16550's interface)");
		return ERR_NOT_FOUND;
	}
	config->has_pci = true;
	err = check_named(config);
	if (!err)
		err = take_bar(config);
	if (!err)
		switch_on(config);
	return err;
}

enum err console_find_spcr(const struct bootinfo *info, struct console_config *config, struct acpi_why *why)
{
	struct boot_blob table;
	u32 id;
	enum err err = acpi_find_table(info, "SPCR", &table, why);

	if (!err)
		err = spcr_parse(&table, config, &id, why);
	if (err || !config->has_pci)
		return err;
	if (!arch_has_pci() || read_word(config, PCI_ID) != id) {
		fmt_snprintf(why->text, sizeof(why->text), "SPCR names PCI %02x:%02x.%x id=0x%08x, which is not there",
			     config->pci_bus, config->pci_device, config->pci_function, id);
		return ERR_NOT_FOUND;
	}
	if (!config->addr)
		err = take_bar(config);
	if (!err)
		switch_on(config);
	return err;
}
