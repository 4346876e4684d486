/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "hpet.h"

#include "acpi.h"
#include "arch.h"
#include "cursor.h"

#define TABLE_SPACE (ACPI_HEADER_SIZE + 4)	/* an ACPI address: the space, three bytes, then where */
#define TABLE_ADDRESS (ACPI_HEADER_SIZE + 8)
#define SPACE_MEMORY 0

paddr_t hpet_find(const struct bootinfo *info)
{
	struct boot_blob table;
	struct acpi_why why;
	struct cursor c;
	paddr_t at;
	u8 space;

	if (acpi_find_table(info, "HPET", &table, &why))
		return 0;
	cursor_init(&c, table.data, table.size);
	cursor_seek(&c, TABLE_SPACE);
	space = cursor_u8(&c);
	cursor_seek(&c, TABLE_ADDRESS);
	at = cursor_u64(&c);
	return c.failed || space != SPACE_MEMORY || at % 8 || at > arch_phys_limit() - HPET_SIZE ? 0 : at;
}
