/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Sources: PCI Local Bus 3.0, 6.1 to 6.2.5; PCI-to-PCI Bridge Architecture 1.2, 3.2. */
#include <string.h>

#include "arch.h"
#include "fmt.h"
#include "pci.h"
#include "shell_private.h"

#define PCI_ID 0x00
#define PCI_COMMAND 0x04
#define PCI_CLASS 0x08			/* class, subclass, interface, revision */
#define PCI_HEADER 0x0c
#define HEADER_MULTI 0x800000u
#define HEADER_TYPE(word) ((word) >> 16 & 0x7f)
#define PCI_BAR0 0x10
#define BAR_IO 0x1u
#define BAR_TYPE 0x6u
#define BAR_64_BIT 0x4u
#define BAR_PREFETCH 0x8u
#define PCI_BUSES 0x18			/* of a bridge: primary, secondary, subordinate */
#define PCI_SUBSYSTEM 0x2c
#define PCI_INTERRUPT 0x3c
#define TYPE_DEVICE 0
#define TYPE_BRIDGE 1
#define NOTHING 0xffffffffu

struct place {
	u8 bus, device, function;
};

static u32 read_word(struct place at, u32 offset)
{
	return arch_pci_read(at.bus, at.device, at.function, offset);
}

/* Returns how many registers it takes. */
static u32 show_bar(struct place at, u32 number, u32 count)
{
	u32 low = read_word(at, PCI_BAR0 + 4 * number);
	bool is_wide = !(low & BAR_IO) && (low & BAR_TYPE) == BAR_64_BIT && number + 1 < count;
	u64 address = low & ~15u;

	if (!low)
		return 1;
	if (is_wide)
		address |= (u64)read_word(at, PCI_BAR0 + 4 * (number + 1)) << 32;
	if (low & BAR_IO)
		shell_print("        bar %u  ports  0x%x", number, low & ~3u);
	else
		shell_print("        bar %u  memory 0x%llx%s%s", number, address, is_wide ? ", 64 bits" : "",
			    low & BAR_PREFETCH ? ", prefetchable" : "");
	return is_wide ? 2 : 1;
}

static void show_details(struct place at)
{
	static const char *const bits[] = { "ports", "memory", "master" };
	u32 type = HEADER_TYPE(read_word(at, PCI_HEADER)), word = read_word(at, PCI_COMMAND);
	u32 bars = type == TYPE_DEVICE ? 6 : type == TYPE_BRIDGE ? 2 : 0;
	char text[64] = "";
	size_t used = 0;

	for (u32 i = 0; i < ARRAY_COUNT(bits); i++)
		if (word >> i & 1)
			used += fmt_snprintf(text + used, sizeof(text) - used, " %s", bits[i]);
	shell_print("        enabled%s", used ? text : " nothing");
	word = read_word(at, PCI_SUBSYSTEM);
	if (type == TYPE_DEVICE && word)
		shell_print("        subsystem %04x:%04x", word & 0xffff, word >> 16);
	word = read_word(at, PCI_BUSES);
	if (type == TYPE_BRIDGE)
		shell_print("        leads to buses %02x..%02x", word >> 8 & 0xff, word >> 16 & 0xff);
	word = read_word(at, PCI_INTERRUPT);
	if (word >> 8 & 0xff)
		shell_print("        interrupt pin %c, line %u", (int)('A' + (word >> 8 & 0xff) - 1), word & 0xff);
	for (u32 number = 0; number < bars;)
		number += show_bar(at, number, bars);
}

static bool show_function(struct place at, bool details)
{
	u32 id = read_word(at, PCI_ID), class = read_word(at, PCI_CLASS);
	bool go_on = shell_print("%02x:%02x.%x %04x:%04x  class %04x, interface %02x, revision %02x: %s", at.bus,
				 at.device, at.function, id & 0xffff, id >> 16, class >> 16, class >> 8 & 0xff,
				 class & 0xff, pci_class_name((u16)(class >> 16)));

	if (go_on && details)
		show_details(at);
	return go_on;
}

/* The functions of one device. */
static bool show_device(struct place at, bool details)
{
	u32 count;

	if (read_word(at, PCI_ID) == NOTHING)
		return true;
	count = read_word(at, PCI_HEADER) & HEADER_MULTI ? 8 : 1;
	for (; at.function < count; at.function++)
		if (read_word(at, PCI_ID) != NOTHING && !show_function(at, details))
			return false;
	return true;
}

bool shell_lspci(struct shell *shell, const struct shell_words *words)
{
	bool details = words->count > 1;

	(void)shell;
	if (details && strcmp(words->word[1], "-v"))
		return shell_complain(words, "\"%s\" is not known: -v is", words->word[1]);
	if (!arch_has_pci())
		return shell_complain(words, "this machine has no PCI (configuration mechanism 1 does not answer)");
	/* Every bus number: firmware has given them, behind whichever bridges. */
	for (u32 bus = 0; bus < 256; bus++)
		for (u32 device = 0; device < 32; device++)
			if (!show_device((struct place){ .bus = (u8)bus, .device = (u8)device }, details))
				return true;
	return true;
}
