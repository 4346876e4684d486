/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What a BIOS leaves in its ROM, put to use: SMBIOS tables, PCI by the BIOS32 directory, Plug and Play. */
#include <string.h>

#include "arch.h"
#include "bios_private.h"
#include "bios_scan.h"
#include "log.h"
#include "printable.h"

#define SMBIOS_ENTRY_MIN 31u		/* DMTF DSP0134 3.6, 5.2.1 and 5.2.2 */
#define SMBIOS3_ENTRY_MIN 24u
#define SMBIOS_HEADER 4u
#define SMBIOS_END 127u
#define PCI_PRESENT 0xb101		/* PCI BIOS 2.1, 3.2 */
#define PCI_READ_WORD 0xb109
#define PCI_SIGNATURE 0x20494350	/* "PCI " in edx */
#define PNP_NODE_COUNT 0
#define TEXT_MAX 64

/* String `number` of a structure, whose strings lie between `at` and `end`, each with a NUL; "" where there is none. */
static const char *smbios_string(const u8 *at, const u8 *end, u8 number)
{
	while (number > 1 && at < end) {
		at += strnlen((const char *)at, (size_t)(end - at)) + 1;
		number--;
	}
	return number && at < end && memchr(at, 0, (size_t)(end - at)) ? (const char *)at : "";
}

/* Type 0 has the BIOS's vendor and version, type 1 the system's maker and product, at the same places. */
static void log_names(const u8 *s, const u8 *strings, const u8 *end)
{
	const char *first = smbios_string(strings, end, s[4]), *second = smbios_string(strings, end, s[5]);
	char shown[2][TEXT_MAX];

	printable(shown[0], TEXT_MAX, first, strlen(first));
	printable(shown[1], TEXT_MAX, second, strlen(second));
	log_info("bios", s[0] ? "smbios: system maker=\"%s\" product=\"%s\"" : "smbios: bios vendor=\"%s\" version=\"%s\"",
		 shown[0], shown[1]);
}

/* Each structure: type, length, handle, fields; then strings, ended by an empty one. Returns their number. */
static u32 walk_smbios(const u8 *at, const u8 *end)
{
	u32 count = 0;

	while ((size_t)(end - at) >= SMBIOS_HEADER && at[1] >= SMBIOS_HEADER && (size_t)(end - at) > at[1] && at[0] != SMBIOS_END) {
		const u8 *strings = at + at[1], *next = strings;

		while (end - next >= 2 && (next[0] || next[1]))
			next++;
		if (at[0] <= 1 && at[1] > 5)
			log_names(at, strings, next + 1);
		count++;
		at = (size_t)(end - next) >= 2 ? next + 2 : end;
	}
	return count;
}

enum err bios_smbios(const struct bios_scene *scene)
{
	struct bios_found found;
	bool is_3 = bios_scan("_SM3_", 6, 1, SMBIOS3_ENTRY_MIN, &found);
	const u8 *table;
	u64 address;
	u32 size;

	(void)scene;
	if (!is_3 && !bios_scan("_SM_", 5, 1, SMBIOS_ENTRY_MIN, &found)) {
		log_info("bios", "smbios: none in the ROM");
		return ERR_OK;
	}
	address = is_3 ? le64(found.bytes + 16) : le32(found.bytes + 24);
	size = is_3 ? le32(found.bytes + 12) : le16(found.bytes + 22);
	log_info("bios", "smbios: version=%u.%u entry=0x%llx table=0x%llx bytes=%u", found.bytes[is_3 ? 7 : 6],
		 found.bytes[is_3 ? 8 : 7], found.paddr, address, size);
	table = arch_phys(address, size);
	if (table)
		log_info("bios", "smbios: structures=%u", walk_smbios(table, table + size));
	else
		log_info("bios", "smbios: the table is out of reach");
	return ERR_OK;
}

/* The vendor of device 0 on bus 0 through a service, beside what the shim reads itself. */
static void pci_vendor(const char *how, enum err (*call)(u32 entry, struct bios_regs *regs), u32 entry)
{
	struct bios_regs regs = { .eax = PCI_PRESENT };
	u32 version, last_bus;

	if (call(entry, &regs) || bios_carry(&regs) || bios_ah(&regs) || regs.edx != PCI_SIGNATURE) {
		log_info("bios", "bios32: no PCI BIOS by %s", how);
		return;
	}
	version = regs.ebx & 0xffff;
	last_bus = regs.ecx & 0xff;
	regs = (struct bios_regs){ .eax = PCI_READ_WORD };
	if (call(entry, &regs) || bios_carry(&regs))
		return;
	log_info("bios", "bios32: PCI BIOS by %s version=%x.%02x last_bus=%u vendor=0x%04x directly=0x%04x", how, version >> 8,
		 version & 0xff, last_bus, regs.ecx & 0xffff, arch_has_pci() ? arch_pci_read(0, 0, 0, 0) & 0xffff : 0xffff);
}

static enum err by_interrupt(u32 vector, struct bios_regs *regs)
{
	return bios_int((u8)vector, regs);
}

enum err bios_bios32(const struct bios_scene *scene)
{
	u32 directory = bios32_directory();
	u32 pci = directory ? bios32_find_service(directory, "$PCI") : 0;

	(void)scene;
	log_info("bios", "bios32: directory=0x%x pci=0x%x", directory, pci);
	if (pci)
		pci_vendor("the directory", bios_call32, pci);
	pci_vendor("int 0x1a", by_interrupt, 0x1a);
	return ERR_OK;
}

/* Get Number of System Device Nodes (4.5.1): arguments as a C function's, far pointers to the results. */
enum err bios_pnp(const struct bios_scene *scene)
{
	u16 segment = bios_segment(scene->buffer), offset = bios_offset(scene->buffer);
	struct pnp_bios pnp;
	struct bios_regs regs = { 0 };

	if (!pnp_find(&pnp)) {
		log_info("bios", "pnp: no Plug and Play BIOS");
		return ERR_OK;
	}
	log_info("bios", "pnp: version=%u.%u at=0x%llx control=0x%x entry=%04x:%04x", pnp.version >> 4, pnp.version & 15, pnp.paddr,
		 pnp.control, pnp.real_segment, pnp.real_offset);
	const u16 words[] = { PNP_NODE_COUNT, offset, segment, (u16)(offset + 2), segment, pnp.data_segment };

	if (bios_far_call(pnp.real_segment, pnp.real_offset, &regs, words, ARRAY_COUNT(words)))
		return ERR_OK;
	if (regs.eax & 0xffff)
		log_info("bios", "pnp: number of nodes refused ax=0x%x", regs.eax & 0xffff);
	else
		log_info("bios", "pnp: nodes=%u largest=%u", le16(scene->bytes), le16(scene->bytes + 2));
	return ERR_OK;
}
