/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Source: Microsoft, "Serial Port Console Redirection Table", revisions 1 to 4; ACPI 6.4, 5.2.3.2 (generic address). */
#include "spcr.h"

#include "cursor.h"
#include "fmt.h"

#define SPCR_SIZE 80
#define AT_INTERFACE 36
#define AT_ADDRESS 40
#define AT_RATE 58
#define AT_PCI 64
#define AT_SEGMENT 75
#define AT_CLOCK 76			/* revision 3 */
#define AT_PRECISE_RATE 80		/* revision 4 */
#define PCI_NONE 0xffff
#define SPACE_MEMORY 0
#define SPACE_IO 1
#define UART_PORTS 8

/* Microsoft's debug port table 2 lists the interface types. */
enum { TYPE_16550 = 0, TYPE_16550_SUBSET = 1, TYPE_16550_BY_ADDRESS = 0x12 };

static bool is_16550(u8 type)
{
	return type == TYPE_16550 || type == TYPE_16550_SUBSET || type == TYPE_16550_BY_ADDRESS;
}

#define refuse(why, ...) (fmt_snprintf((why)->text, sizeof((why)->text), __VA_ARGS__), ERR_UNSUPPORTED)

/* The generic address: space, width in bits, offset in bits, access size 0 (undefined) or 2^(n-1) bytes, address. */
static enum err parse_address(struct cursor c, struct console_config *config, struct acpi_why *why)
{
	u8 space = cursor_u8(&c), width = cursor_u8(&c), offset, access;

	offset = cursor_u8(&c);
	access = cursor_u8(&c);
	config->addr = cursor_u64(&c);
	if (offset)
		return refuse(why, "SPCR names registers at bit offset %u", offset);
	if (space == SPACE_IO) {
		config->access = CONSOLE_IO;
		if (config->addr > 0x10000 - UART_PORTS)
			return refuse(why, "SPCR names port 0x%llx, above the limit 0xfff8", config->addr);
		return ERR_OK;
	}
	if (space != SPACE_MEMORY)
		return refuse(why, "SPCR names address space %u, neither memory (0) nor ports (1)", space);
	if (access != 0 && access != 1 && access != 3)
		return refuse(why, "SPCR names access size %u, neither bytes (1) nor 32 bits (3)", access);
	config->access = access == 3 || (!access && width == 32) ? CONSOLE_MMIO32 : CONSOLE_MMIO;
	if (config->addr >= PADDR_LIMIT - 4 * UART_PORTS || config->addr % 4)
		return refuse(why, "SPCR names address 0x%llx, not 4-aligned below 52 bits", config->addr);
	return ERR_OK;
}

/* 0, "as is", and codes that are not assigned: as firmware set it. */
static u32 rate_of(u8 code)
{
	switch (code) {
	case 3:
		return 9600;
	case 4:
		return 19200;
	case 6:
		return 57600;
	case 7:
		return 115200;
	default:
		return 0;
	}
}

static void parse_rate(struct cursor c, u8 revision, struct console_config *config)
{
	u32 precise = 0;

	cursor_seek(&c, AT_RATE);
	config->baud = rate_of(cursor_u8(&c));
	cursor_seek(&c, AT_CLOCK);
	if (revision >= 3)
		config->clock = cursor_u32(&c);
	cursor_seek(&c, AT_PRECISE_RATE);
	if (revision >= 4)
		precise = cursor_u32(&c);
	if (precise)
		config->baud = precise;
}

static enum err parse_pci(struct cursor c, struct console_config *config, u32 *pci_id, struct acpi_why *why)
{
	u16 device, vendor;
	u8 segment;

	cursor_seek(&c, AT_PCI);
	device = cursor_u16(&c);
	vendor = cursor_u16(&c);
	config->pci_bus = cursor_u8(&c);
	config->pci_device = cursor_u8(&c);
	config->pci_function = cursor_u8(&c);
	cursor_seek(&c, AT_SEGMENT);
	segment = cursor_u8(&c);
	config->has_pci = device != PCI_NONE && vendor != PCI_NONE && (device || vendor);
	*pci_id = (u32)device << 16 | vendor;
	if (!config->has_pci)
		return ERR_OK;
	if (segment)
		return refuse(why, "SPCR names a PCI device of segment %u, out of reach", segment);
	if (config->pci_device > 0x1f || config->pci_function > 7)
		return refuse(why, "SPCR names PCI device %02x:%02x.%x", config->pci_bus, config->pci_device,
			      config->pci_function);
	return ERR_OK;
}

enum err spcr_parse(const struct boot_blob *table, struct console_config *config, u32 *pci_id, struct acpi_why *why)
{
	struct console_config parsed = { .kind = CONSOLE_UART, .parity = 'n', .bits = 8 };
	struct cursor c;
	u8 revision, type;
	enum err err;

	cursor_init(&c, table->data, table->size);
	cursor_seek(&c, ACPI_TABLE_REVISION);
	revision = cursor_u8(&c);
	cursor_seek(&c, AT_INTERFACE);
	type = cursor_u8(&c);
	if (table->size < SPCR_SIZE)
		return refuse(why, "SPCR has %u bytes of %u", table->size, SPCR_SIZE);
	if (!is_16550(type))
		return refuse(why, "SPCR names interface type %u, which is no 16550", type);
	cursor_seek(&c, AT_ADDRESS);
	err = parse_address(c, &parsed, why);
	if (!err)
		err = parse_pci(c, &parsed, pci_id, why);
	if (err)
		return err;
	if (!parsed.addr && !parsed.has_pci)
		return refuse(why, "SPCR says that redirection is off (address 0)");
	parse_rate(c, revision, &parsed);
	*config = parsed;
	return ERR_OK;
}
