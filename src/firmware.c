/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Where the machine's own RSDP lies: the tag holds a copy, kernels want the address. */
#include <string.h>

#include "acpi.h"
#include "arch.h"
#include "bootinfo.h"
#include "cursor.h"
#include "log.h"

/* ACPI 6.4, 5.2.5.1 and 5.2.5.3. */
#define RSDP_STEP 16
#define EBDA_SEGMENT 0x40e
#define EBDA_SEARCHED KIB(1)
#define EBDA_MIN 0x500			/* behind the BIOS data area */
#define BIOS_START 0xe0000
#define BIOS_END 0x100000

/*
 * UEFI 2.9, 4.3: in the system table, of which only the width of pointers differs, the number of configuration tables
 * and the pointer to them come last. Each of those is a GUID and a pointer (4.6).
 */
#define EFI_SIGNATURE 0x5453595320494249ull	/* "IBI SYST" */
#define EFI_COUNT_64 104
#define EFI_COUNT_32 64
#define EFI_GUID_SIZE 16
#define EFI_TABLES_MAX 1024

static const u8 guid_acpi_2[EFI_GUID_SIZE] = {
	0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11, 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81
};
static const u8 guid_acpi_1[EFI_GUID_SIZE] = {
	0x30, 0x2d, 0x9d, 0xeb, 0x88, 0x2d, 0xd3, 0x11, 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d
};

/* An RSDP with right checksums, equal to the tag's copy where there is one (the newer where there are two). */
static bool is_rsdp(const struct bootinfo *info, paddr_t paddr)
{
	const u8 *v1 = arch_phys(paddr, ACPI_RSDP_V1_SIZE), *v2;

	if (!v1 || memcmp(v1, ACPI_RSDP_SIGNATURE, strlen(ACPI_RSDP_SIGNATURE)) || !acpi_sums_to_zero(v1, ACPI_RSDP_V1_SIZE))
		return false;
	if (v1[ACPI_RSDP_REVISION] >= 2) {
		v2 = arch_phys(paddr, ACPI_RSDP_V2_SIZE);
		if (!v2 || !acpi_sums_to_zero(v2, ACPI_RSDP_V2_SIZE))
			return false;
		if (info->rsdp_v2.data)
			return !memcmp(v2, info->rsdp_v2.data, ACPI_RSDP_V2_SIZE);
	}
	return !info->rsdp_v1.data || !memcmp(v1, info->rsdp_v1.data, ACPI_RSDP_V1_SIZE);
}

/* Where the area can be read as a whole, a look at the signature spares asking for each place apart. */
static paddr_t search_area(const struct bootinfo *info, paddr_t start, paddr_t end)
{
	const u8 *area = arch_phys(start, end - start);

	for (paddr_t at = start; end - at >= ACPI_RSDP_V1_SIZE; at += RSDP_STEP) {
		if (area && memcmp(area + (size_t)(at - start), ACPI_RSDP_SIGNATURE, strlen(ACPI_RSDP_SIGNATURE)))
			continue;
		if (is_rsdp(info, at))
			return at;
	}
	return 0;
}

static paddr_t search_bios(const struct bootinfo *info)
{
	const u8 *segment = arch_phys(EBDA_SEGMENT, 2);
	paddr_t ebda = segment ? (paddr_t)(segment[0] | segment[1] << 8) << 4 : 0;
	paddr_t found = 0;

	if (ebda >= EBDA_MIN)
		found = search_area(info, ebda, ebda + EBDA_SEARCHED);
	return found ? found : search_area(info, BIOS_START, BIOS_END);
}

/*
 * The configuration tables as a cursor over `*count` entries; false (logged): out of reach, or no system table there.
 */
static bool open_efi_tables(const struct bootinfo *info, bool is_wide, struct cursor *c, u64 *count)
{
	u32 offset = is_wide ? EFI_COUNT_64 : EFI_COUNT_32, pointer = is_wide ? 8 : 4;
	u32 size = offset + 2 * pointer;
	const void *table = arch_phys(info->efi_table, size), *tables;
	paddr_t at;

	cursor_init(c, table, table ? size : 0);
	if (cursor_u64(c) != EFI_SIGNATURE) {
		log_warn("firmware", "no EFI system table in reach at=0x%llx", info->efi_table);
		return false;
	}
	cursor_seek(c, offset);
	*count = is_wide ? cursor_u64(c) : cursor_u32(c);
	at = is_wide ? cursor_u64(c) : cursor_u32(c);
	tables = *count <= EFI_TABLES_MAX ? arch_phys(at, *count * (EFI_GUID_SIZE + pointer)) : NULL;
	if (!tables) {
		log_warn("firmware", "EFI configuration tables out of reach at=0x%llx count=%llu limit=%u", at, *count,
			 EFI_TABLES_MAX);
		return false;
	}
	cursor_init(c, tables, *count * (EFI_GUID_SIZE + pointer));
	return true;
}

/* ACPI 2.0's entry before 1.0's. */
static paddr_t search_efi(const struct bootinfo *info)
{
	bool is_wide = info->has_efi64_table;
	paddr_t newer = 0, older = 0;
	struct cursor c;
	u64 count;

	if (!open_efi_tables(info, is_wide, &c, &count))
		return 0;
	while (count--) {
		const u8 *guid = cursor_bytes(&c, EFI_GUID_SIZE);
		paddr_t table = is_wide ? cursor_u64(&c) : cursor_u32(&c);

		if (!memcmp(guid, guid_acpi_2, EFI_GUID_SIZE) && is_rsdp(info, table))
			newer = table;
		else if (!memcmp(guid, guid_acpi_1, EFI_GUID_SIZE) && is_rsdp(info, table))
			older = table;
	}
	return newer ? newer : older;
}

paddr_t bootinfo_find_rsdp(const struct bootinfo *info)
{
	bool is_efi = info->has_efi32_table || info->has_efi64_table;
	paddr_t rsdp = info->linux_rsdp && is_rsdp(info, info->linux_rsdp) ? info->linux_rsdp : 0;

	if (!rsdp && is_efi)
		rsdp = search_efi(info);
	if (!rsdp)
		rsdp = search_bios(info);
	if (rsdp)
		log_debug("firmware", "RSDP at=0x%llx", rsdp);
	else if (info->rsdp_v1.data || info->rsdp_v2.data)
		log_warn("firmware", "the RSDP that the loader copied is not found in memory");
	return rsdp;
}

void bootinfo_keep_rsdp(struct bootinfo *info, paddr_t rsdp)
{
	const u8 *v1 = rsdp ? arch_phys(rsdp, ACPI_RSDP_V1_SIZE) : NULL;

	if (!v1 || info->rsdp_v1.data || info->rsdp_v2.data)
		return;
	if (v1[ACPI_RSDP_REVISION] < 2)
		info->rsdp_v1 = (struct boot_blob){ v1, ACPI_RSDP_V1_SIZE };
	else
		info->rsdp_v2 = (struct boot_blob){ arch_phys(rsdp, ACPI_RSDP_V2_SIZE), ACPI_RSDP_V2_SIZE };
}
