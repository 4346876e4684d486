/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Firmware's tables, as far as the shim reads them itself. Source: ACPI 6.4, chapter 5. */
#ifndef TRAPEZE_ACPI_H
#define TRAPEZE_ACPI_H

#include "bootinfo.h"
#include "error.h"
#include "types.h"

#define ACPI_RSDP_SIGNATURE "RSD PTR "
#define ACPI_RSDP_V1_SIZE 20
#define ACPI_RSDP_V2_SIZE 36
#define ACPI_RSDP_REVISION 15
#define ACPI_HEADER_SIZE 36
#define ACPI_TABLE_REVISION 8

/* Why something is not taken, as the end of a sentence. */
#define ACPI_WHY_MAX 112
struct acpi_why {
	char text[ACPI_WHY_MAX];
};

/* Do the bytes add up to zero, as firmware's tables do? */
bool acpi_sums_to_zero(const void *bytes, u32 size);

/*
 * The header at `at`, and the table as far as its size is possible: whole and with a right checksum, or *why tells
 * what is wrong. table->data is NULL where it is out of reach. The FACS has no checksum.
 */
enum err acpi_read_table(paddr_t at, struct boot_blob *table, struct acpi_why *why) MUST_CHECK;
/*
 * Show the addresses of all tables to `visit`: the XSDT or RSDT, those that it names, and the FACS and DSDT that the
 * FADT names. `visit` returns false to end it. On an error *why tells.
 */
enum err acpi_visit(const struct bootinfo *info, bool (*visit)(void *ctx, paddr_t at), void *ctx,
		    struct acpi_why *why) MUST_CHECK;
/* The place that a table's field of four bytes, or the one of eight where it is there and set, names. 0: none. */
paddr_t acpi_pointer(const struct boot_blob *table, u32 field, u32 wide_field);

/*
 * The first table with this signature (four characters) of those that acpi_visit shows.
 * `table` is its bytes in place, whole and with a right checksum. ERR_NOT_FOUND: there is none; other errors: there is
 * something wrong. Either way *why tells; nothing is logged.
 */
enum err acpi_find_table(const struct bootinfo *info, const char *signature, struct boot_blob *table,
			 struct acpi_why *why) MUST_CHECK;

#endif
