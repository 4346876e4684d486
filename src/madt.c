/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "madt.h"

#include "acpi.h"
#include "cursor.h"

#define ENTRIES (ACPI_HEADER_SIZE + 8)
#define ENTRY_HEADER_SIZE 2u
#define ENABLED 1u
#define X2APIC_FIRST 255		/* lower identities have entries of the local APIC */

enum { ENTRY_LOCAL_APIC = 0, ENTRY_LOCAL_X2APIC = 9 };

/* ACPI 6.4, 5.2.12.2: processor, identity, flags. */
static bool is_enabled_apic(struct cursor c)
{
	cursor_skip(&c, 2);
	return cursor_u32(&c) & ENABLED && !c.failed;
}

/* 5.2.12.12: two reserved bytes, identity, flags. */
static bool is_enabled_x2apic(struct cursor c, u32 *id)
{
	cursor_skip(&c, 2);
	*id = cursor_u32(&c);
	return cursor_u32(&c) & ENABLED && !c.failed;
}

u32 madt_count_processors(const struct boot_blob *table)
{
	u32 apics = 0, x2apics = 0, high_x2apics = 0, id = 0;
	struct cursor c;

	cursor_init(&c, table->data, table->size);
	cursor_skip(&c, ENTRIES);
	while (!c.failed && cursor_left(&c) >= ENTRY_HEADER_SIZE) {
		u8 type = cursor_u8(&c), size = cursor_u8(&c);
		struct cursor entry;

		if (size < ENTRY_HEADER_SIZE || size - ENTRY_HEADER_SIZE > cursor_left(&c))
			break;
		entry = cursor_sub(&c, size - ENTRY_HEADER_SIZE);
		if (type == ENTRY_LOCAL_APIC && is_enabled_apic(entry))
			apics++;
		if (type != ENTRY_LOCAL_X2APIC || !is_enabled_x2apic(entry, &id))
			continue;
		x2apics++;
		high_x2apics += id >= X2APIC_FIRST;
	}
	return apics ? apics + high_x2apics : x2apics;
}
