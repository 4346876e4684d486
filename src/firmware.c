/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Where the machine's own RSDP lies: the tag holds a copy, kernels want the address. */
#include <string.h>

#include "arch.h"
#include "bootinfo.h"
#include "cursor.h"
#include "log.h"

/* ACPI 6.4, 5.2.5.1 and 5.2.5.3. */
#define RSDP_SIGNATURE "RSD PTR "
#define RSDP_V1_SIZE 20
#define RSDP_V2_SIZE 36
#define RSDP_STEP 16
#define EBDA_SEGMENT 0x40e
#define EBDA_SEARCHED KIB(1)
#define BIOS_START 0xe0000
#define BIOS_END 0x100000

/* UEFI 2.9, 4.3: the system table behind its 24-byte header; the tables at its end are {GUID, pointer}. */
#define EFI_SIGNATURE 0x5453595320494249ull	/* "IBI SYST" */
#define EFI_COUNT_64 104
#define EFI_COUNT_32 64
#define EFI_TABLES_MAX 1024

static const u8 guid_acpi_2[16] = { 0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11, 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 };
static const u8 guid_acpi_1[16] = { 0x30, 0x2d, 0x9d, 0xeb, 0x88, 0x2d, 0xd3, 0x11, 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d };

static bool sums_to_zero(const u8 *bytes, u32 size)
{
	u8 sum = 0;

	while (size--)
		sum += *bytes++;
	return !sum;
}

/* An RSDP with right checksums that equals the tag's copy, as far as there is one. */
static bool is_rsdp(const struct bootinfo *info, paddr_t paddr)
{
	const u8 *p = arch_phys(paddr, RSDP_V1_SIZE);

	if (!p || memcmp(p, RSDP_SIGNATURE, 8) || !sums_to_zero(p, RSDP_V1_SIZE))
		return false;
	if (p[15] >= 2 && (!arch_phys(paddr, RSDP_V2_SIZE) || !sums_to_zero(p, RSDP_V2_SIZE)))
		return false;
	if (info->rsdp_v2.data)
		return !memcmp(p, info->rsdp_v2.data, RSDP_V1_SIZE);
	return !info->rsdp_v1.data || !memcmp(p, info->rsdp_v1.data, RSDP_V1_SIZE);
}

static paddr_t search_rsdp(const struct bootinfo *info, paddr_t start, paddr_t end)
{
	for (paddr_t at = align_up(start, RSDP_STEP); at + RSDP_V1_SIZE <= end; at += RSDP_STEP) {
		if (is_rsdp(info, at))
			return at;
	}
	return 0;
}

static paddr_t search_bios(const struct bootinfo *info)
{
	const u16 *segment = arch_phys(EBDA_SEGMENT, sizeof(*segment));
	paddr_t ebda = segment ? (paddr_t)*segment << 4 : 0;
	paddr_t found = 0;

	if (ebda >= KIB(512) && ebda < KIB(640))
		found = search_rsdp(info, ebda, ebda + EBDA_SEARCHED);
	return found ? found : search_rsdp(info, BIOS_START, BIOS_END);
}

/* One configuration table entry; *rsdp takes ACPI 2.0's before 1.0's. */
static void take_table(const struct bootinfo *info, struct cursor *c, bool wide, paddr_t *rsdp)
{
	const u8 *guid = cursor_bytes(c, sizeof(guid_acpi_2));
	paddr_t table = wide ? cursor_u64(c) : cursor_u32(c);

	if (c->failed || !is_rsdp(info, table))
		return;
	if (!memcmp(guid, guid_acpi_2, sizeof(guid_acpi_2)) || (!*rsdp && !memcmp(guid, guid_acpi_1, sizeof(guid_acpi_1))))
		*rsdp = table;
}

static paddr_t search_efi(const struct bootinfo *info)
{
	bool wide = info->has_efi64_table;
	u32 offset = wide ? EFI_COUNT_64 : EFI_COUNT_32, entry_size = wide ? 24 : 20;
	const u8 *table = arch_phys(info->efi_table, offset + 16);
	paddr_t tables, rsdp = 0;
	const void *entries;
	struct cursor c;
	u64 count;

	if (!table)
		return 0;
	cursor_init(&c, table, offset + 16);
	if (cursor_u64(&c) != EFI_SIGNATURE)
		return 0;
	cursor_seek(&c, offset);
	count = wide ? cursor_u64(&c) : cursor_u32(&c);
	tables = wide ? cursor_u64(&c) : cursor_u32(&c);
	entries = count <= EFI_TABLES_MAX ? arch_phys(tables, count * entry_size) : NULL;
	if (!entries) {
		log_warn("firmware", "EFI configuration tables count=%llu at 0x%llx are out of reach", count, tables);
		return 0;
	}
	cursor_init(&c, entries, count * entry_size);
	while (count--)
		take_table(info, &c, wide, &rsdp);
	return rsdp;
}

paddr_t bootinfo_find_rsdp(const struct bootinfo *info)
{
	if (info->has_efi32_table || info->has_efi64_table)
		return search_efi(info);
	return search_bios(info);
}
