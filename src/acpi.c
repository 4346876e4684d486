/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "acpi.h"

#include <string.h>

#include "arch.h"
#include "cursor.h"
#include "fmt.h"

#define RSDP_RSDT 16
#define RSDP_XSDT 24
#define TABLE_SIZE 4
#define SIGNATURE_SIZE 4
#define TABLE_SIZE_MAX MIB(16)		/* the largest that exist, of processors' objects, are below one */

bool acpi_sums_to_zero(const void *bytes, u32 size)
{
	const u8 *at = bytes;
	u8 sum = 0;

	while (size--)
		sum += *at++;
	return !sum;
}

/* The loader's copy of the RSDP, or the machine's own. Only what `size` covers may be read. */
static struct boot_blob find_rsdp(const struct bootinfo *info)
{
	struct boot_blob rsdp = info->rsdp_v2.data ? info->rsdp_v2 : info->rsdp_v1;
	paddr_t at;

	if (rsdp.data)
		return rsdp;
	at = bootinfo_find_rsdp(info);
	rsdp.data = at ? arch_phys(at, ACPI_RSDP_V1_SIZE) : NULL;
	if (!rsdp.data)
		return rsdp;
	rsdp.size = ACPI_RSDP_V1_SIZE;
	if (((const u8 *)rsdp.data)[ACPI_RSDP_REVISION] >= 2 && arch_phys(at, ACPI_RSDP_V2_SIZE))
		rsdp.size = ACPI_RSDP_V2_SIZE;
	return rsdp;
}

/* A whole table with a right checksum at `at`, its signature compared by the caller. */
static enum err map_table(paddr_t at, struct boot_blob *table, struct acpi_why *why)
{
	const u8 *header = arch_phys(at, ACPI_HEADER_SIZE);
	struct cursor c;
	u32 size;

	cursor_init(&c, header, header ? ACPI_HEADER_SIZE : 0);
	cursor_seek(&c, TABLE_SIZE);
	size = cursor_u32(&c);
	if (c.failed) {
		fmt_snprintf(why->text, sizeof(why->text), "an ACPI table at 0x%llx is out of reach", at);
		return ERR_RESERVED;
	}
	table->data = size >= ACPI_HEADER_SIZE && size <= TABLE_SIZE_MAX ? arch_phys(at, size) : NULL;
	table->size = size;
	if (!table->data) {
		fmt_snprintf(why->text, sizeof(why->text), "the ACPI table \"%.4s\" at 0x%llx has an impossible size=%u",
			     (const char *)header, at, size);
		return ERR_VALUE;
	}
	if (acpi_sums_to_zero(table->data, size))
		return ERR_OK;
	fmt_snprintf(why->text, sizeof(why->text), "the ACPI table \"%.4s\" at 0x%llx has a wrong checksum size=%u",
		     (const char *)header, at, size);
	return ERR_HASH;
}

/* XSDT or RSDT, and the size of its entries. */
static enum err find_root(const struct bootinfo *info, struct boot_blob *root, u32 *entry_size, struct acpi_why *why)
{
	struct boot_blob rsdp = find_rsdp(info);
	struct cursor c;
	u32 rsdt;
	u64 xsdt = 0;

	if (!rsdp.data || rsdp.size < ACPI_RSDP_V1_SIZE) {
		fmt_snprintf(why->text, sizeof(why->text), "this machine has no ACPI");
		return ERR_NOT_FOUND;
	}
	if (memcmp(rsdp.data, ACPI_RSDP_SIGNATURE, strlen(ACPI_RSDP_SIGNATURE)) ||
	    !acpi_sums_to_zero(rsdp.data, ACPI_RSDP_V1_SIZE)) {
		fmt_snprintf(why->text, sizeof(why->text), "the ACPI root pointer has a wrong signature or checksum");
		return ERR_HASH;
	}
	cursor_init(&c, rsdp.data, rsdp.size);
	cursor_seek(&c, RSDP_RSDT);
	rsdt = cursor_u32(&c);
	if (((const u8 *)rsdp.data)[ACPI_RSDP_REVISION] >= 2 && rsdp.size >= ACPI_RSDP_V2_SIZE) {
		cursor_seek(&c, RSDP_XSDT);
		xsdt = cursor_u64(&c);
	}
	*entry_size = xsdt ? 8 : 4;
	return map_table(xsdt ? xsdt : rsdt, root, why);
}

enum err acpi_find_table(const struct bootinfo *info, const char *signature, struct boot_blob *table,
			 struct acpi_why *why)
{
	struct boot_blob root;
	struct cursor c;
	u32 entry_size;
	enum err err = find_root(info, &root, &entry_size, why);

	if (err)
		return err;
	cursor_init(&c, root.data, root.size);
	cursor_seek(&c, ACPI_HEADER_SIZE);
	while (cursor_left(&c) >= entry_size) {
		paddr_t at = entry_size == 8 ? cursor_u64(&c) : cursor_u32(&c);
		const char *found = arch_phys(at, SIGNATURE_SIZE);

		if (found && !memcmp(found, signature, SIGNATURE_SIZE))
			return map_table(at, table, why);
	}
	fmt_snprintf(why->text, sizeof(why->text), "firmware gives no ACPI table \"%s\"", signature);
	return ERR_NOT_FOUND;
}
