/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Sources: PCI Local Bus 3.0, 6.1 to 6.2.5; PCI-to-PCI Bridge Architecture 1.2, 3.2. */
#include <string.h>

#include "arch.h"
#include "fmt.h"
#include "pci.h"
#include "shell_private.h"

#define PCI_COMMAND 0x04
#define HEADER_TYPE(word) ((word) >> 16 & 0x7f)
#define BAR_IO 0x1u
#define BAR_TYPE 0x6u
#define BAR_64_BIT 0x4u
#define BAR_PREFETCH 0x8u
#define PCI_BUSES 0x18			/* of a bridge: primary, secondary, subordinate */
#define PCI_SUBSYSTEM 0x2c
#define PCI_INTERRUPT 0x3c
#define TYPE_DEVICE 0
#define TYPE_BRIDGE 1

/* Returns how many registers it takes. */
static u32 show_bar(struct pci_place at, u32 number, u32 count)
{
	u32 low = pci_read(at, PCI_BAR0 + 4 * number);
	bool is_wide = !(low & BAR_IO) && (low & BAR_TYPE) == BAR_64_BIT && number + 1 < count;
	u64 address = low & ~15u;

	if (!low)
		return 1;
	if (is_wide)
		address |= (u64)pci_read(at, PCI_BAR0 + 4 * (number + 1)) << 32;
	if (low & BAR_IO)
		shell_print("        bar %u  ports  0x%x", number, low & ~3u);
	else
		shell_print("        bar %u  memory 0x%llx%s%s", number, address, is_wide ? ", 64 bits" : "",
			    low & BAR_PREFETCH ? ", prefetchable" : "");
	return is_wide ? 2 : 1;
}

static void show_details(struct pci_place at)
{
	static const char *const bits[] = { "ports", "memory", "master" };
	u32 type = HEADER_TYPE(pci_read(at, PCI_HEADER)), word = pci_read(at, PCI_COMMAND);
	u32 bars = type == TYPE_DEVICE ? 6 : type == TYPE_BRIDGE ? 2 : 0;
	char text[64] = "";
	size_t used = 0;

	for (u32 i = 0; i < ARRAY_COUNT(bits); i++)
		if (word >> i & 1)
			used += fmt_snprintf(text + used, sizeof(text) - used, " %s", bits[i]);
	shell_print("        enabled%s", used ? text : " nothing");
	word = pci_read(at, PCI_SUBSYSTEM);
	if (type == TYPE_DEVICE && word)
		shell_print("        subsystem %04x:%04x", word & 0xffff, word >> 16);
	word = pci_read(at, PCI_BUSES);
	if (type == TYPE_BRIDGE)
		shell_print("        leads to buses %02x..%02x", word >> 8 & 0xff, word >> 16 & 0xff);
	word = pci_read(at, PCI_INTERRUPT);
	if (word >> 8 & 0xff)
		shell_print("        interrupt pin %c, line %u", (int)('A' + (word >> 8 & 0xff) - 1), word & 0xff);
	for (u32 number = 0; number < bars;)
		number += show_bar(at, number, bars);
}

static bool show_function(struct pci_place at, bool details)
{
	u32 id = pci_read(at, PCI_ID), class = pci_read(at, PCI_CLASS);
	bool go_on = shell_print("%02x:%02x.%x %04x:%04x  class %04x, interface %02x, revision %02x: %s", at.bus,
				 at.device, at.function, id & 0xffff, id >> 16, class >> 16, class >> 8 & 0xff,
				 class & 0xff, pci_class_name((u16)(class >> 16)));

	if (go_on && details)
		show_details(at);
	return go_on;
}

static bool visit(void *ctx, struct pci_place at)
{
	return show_function(at, *(const bool *)ctx);
}

bool shell_lspci(struct shell *shell, const struct shell_words *words)
{
	bool details = words->count > 1;

	(void)shell;
	if (details && strcmp(words->word[1], "-v"))
		return shell_complain(words, "\"%s\" is not known: -v is", words->word[1]);
	if (!arch_has_pci())
		return shell_complain(words, "this machine has no PCI (configuration mechanism 1 does not answer)");
	pci_visit(visit, &details);
	return true;
}
