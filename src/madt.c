/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "madt.h"

#include "acpi.h"
#include "cursor.h"

#define ENTRIES (ACPI_HEADER_SIZE + 8)
#define ENTRY_HEADER_SIZE 2u
#define ENABLED 1u
#define X2APIC_FIRST 255		/* lower identities have entries of the local APIC */

#define POLARITY 0x3u
#define POLARITY_LOW 0x3u
#define TRIGGER 0xcu
#define TRIGGER_LEVEL 0xcu

enum { ENTRY_LOCAL_APIC = 0, ENTRY_IO_APIC = 1, ENTRY_OVERRIDE = 2, ENTRY_LOCAL_X2APIC = 9 };

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

static struct cursor first_entry(const struct boot_blob *table)
{
	struct cursor c;

	cursor_init(&c, table->data, table->size);
	cursor_skip(&c, ENTRIES);
	return c;
}

/* False at the table's end, or where it is damaged. *entry is what follows type and size. */
static bool next_entry(struct cursor *c, u8 *type, struct cursor *entry)
{
	u8 size;

	if (c->failed || cursor_left(c) < ENTRY_HEADER_SIZE)
		return false;
	*type = cursor_u8(c);
	size = cursor_u8(c);
	if (size < ENTRY_HEADER_SIZE || size - ENTRY_HEADER_SIZE > cursor_left(c))
		return false;
	*entry = cursor_sub(c, size - ENTRY_HEADER_SIZE);
	return true;
}

u32 madt_count_processors(const struct boot_blob *table)
{
	u32 apics = 0, x2apics = 0, high_x2apics = 0, id = 0;
	struct cursor c = first_entry(table), entry;
	u8 type;

	while (next_entry(&c, &type, &entry)) {
		if (type == ENTRY_LOCAL_APIC && is_enabled_apic(entry))
			apics++;
		if (type != ENTRY_LOCAL_X2APIC || !is_enabled_x2apic(entry, &id))
			continue;
		x2apics++;
		high_x2apics += id >= X2APIC_FIRST;
	}
	return apics ? apics + high_x2apics : x2apics;
}

/* 5.2.12.5: bus (0, ISA), source, global interrupt, flags: polarity and trigger mode, in which ISA's are active high, edge. */
static void find_override(const struct boot_blob *table, u32 *interrupt, u16 *flags)
{
	struct cursor c = first_entry(table), entry;
	u8 type;

	*interrupt = 0;
	*flags = 0;
	while (next_entry(&c, &type, &entry)) {
		u16 bus_and_source;
		u32 gsi;
		u16 how;

		if (type != ENTRY_OVERRIDE)
			continue;
		bus_and_source = cursor_u16(&entry);
		gsi = cursor_u32(&entry);
		how = cursor_u16(&entry);
		if (entry.failed || bus_and_source)
			continue;
		*interrupt = gsi;
		*flags = how;
	}
}

bool madt_find_timer(const struct boot_blob *table, struct arch_timer_wire *wire)
{
	struct cursor c = first_entry(table), entry;
	u32 interrupt, best = 0;
	bool found = false;
	u16 flags;
	u8 type;

	find_override(table, &interrupt, &flags);
	/* 5.2.12.3: identity, reserved, address, the first of its global interrupts. */
	while (next_entry(&c, &type, &entry)) {
		u32 address, first;

		if (type != ENTRY_IO_APIC)
			continue;
		cursor_skip(&entry, 2);
		address = cursor_u32(&entry);
		first = cursor_u32(&entry);
		if (entry.failed || first > interrupt || (found && first < best))
			continue;
		found = true;
		best = first;
		wire->io_apic = address;
	}
	wire->pin = interrupt - best;
	wire->is_active_low = (flags & POLARITY) == POLARITY_LOW;
	wire->is_level = (flags & TRIGGER) == TRIGGER_LEVEL;
	return found;
}

u32 madt_find_io_apics(const struct boot_blob *table, paddr_t *where, u32 max)
{
	struct cursor c = first_entry(table), entry;
	u32 count = 0;
	u8 type;

	while (count < max && next_entry(&c, &type, &entry)) {
		if (type != ENTRY_IO_APIC)
			continue;
		cursor_skip(&entry, 2);
		where[count] = cursor_u32(&entry);
		count += !entry.failed;
	}
	return count;
}
