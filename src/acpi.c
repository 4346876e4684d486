/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "acpi.h"

#include <string.h>

#include "arch.h"
#include "cursor.h"
#include "fmt.h"

#define RSDP_RSDT 16
#define RSDP_XSDT 24
#define TABLE_SIZE 4
#define FADT_FACS 36
#define FADT_DSDT 40
#define FADT_X_FACS 132
#define FADT_X_DSDT 140
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

enum err acpi_read_table(paddr_t at, struct boot_blob *table, struct acpi_why *why)
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
	if (acpi_sums_to_zero(table->data, size) || !memcmp(header, "FACS", SIGNATURE_SIZE))
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
	return acpi_read_table(xsdt ? xsdt : rsdt, root, why);
}

paddr_t acpi_pointer(const struct boot_blob *table, u32 field, u32 wide_field)
{
	struct cursor c;
	u64 narrow, wide;

	cursor_init(&c, table->data, table->size);
	cursor_seek(&c, field);
	narrow = cursor_u32(&c);
	if (c.failed)
		return 0;
	cursor_seek(&c, wide_field);
	wide = cursor_u64(&c);
	return !c.failed && wide ? wide : narrow;
}

/* What the FADT, if this is it, leads to. */
static bool visit_fadt(paddr_t at, bool (*visit)(void *ctx, paddr_t at), void *ctx)
{
	const char *signature = arch_phys(at, SIGNATURE_SIZE);
	struct boot_blob fadt;
	struct acpi_why why;
	paddr_t facs, dsdt;

	if (!signature || memcmp(signature, "FACP", SIGNATURE_SIZE) || acpi_read_table(at, &fadt, &why))
		return true;
	facs = acpi_pointer(&fadt, FADT_FACS, FADT_X_FACS);
	dsdt = acpi_pointer(&fadt, FADT_DSDT, FADT_X_DSDT);
	return (!facs || visit(ctx, facs)) && (!dsdt || visit(ctx, dsdt));
}

enum err acpi_visit(const struct bootinfo *info, bool (*visit)(void *ctx, paddr_t at), void *ctx, struct acpi_why *why)
{
	struct boot_blob root;
	struct cursor c;
	u32 entry_size;
	enum err err = find_root(info, &root, &entry_size, why);

	if (err || !visit(ctx, arch_paddr(root.data)))
		return err;
	cursor_init(&c, root.data, root.size);
	cursor_seek(&c, ACPI_HEADER_SIZE);
	while (cursor_left(&c) >= entry_size) {
		paddr_t at = entry_size == 8 ? cursor_u64(&c) : cursor_u32(&c);

		if (!visit(ctx, at) || !visit_fadt(at, visit, ctx))
			break;
	}
	return ERR_OK;
}

struct search {
	const char *signature;
	paddr_t found;
};

static bool compare_signature(void *ctx, paddr_t at)
{
	struct search *search = ctx;
	const char *signature = arch_phys(at, SIGNATURE_SIZE);

	if (signature && !memcmp(signature, search->signature, SIGNATURE_SIZE))
		search->found = at;
	return !search->found;
}

enum err acpi_find_table(const struct bootinfo *info, const char *signature, struct boot_blob *table,
			 struct acpi_why *why)
{
	struct search search = { .signature = signature };
	enum err err = acpi_visit(info, compare_signature, &search, why);

	if (err)
		return err;
	if (search.found)
		return acpi_read_table(search.found, table, why);
	fmt_snprintf(why->text, sizeof(why->text), "firmware gives no ACPI table \"%s\"", signature);
	return ERR_NOT_FOUND;
}
