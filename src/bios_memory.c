/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The memory map as the BIOS tells it (ACPI 6.4, 15.1), and whether the boot loader told us the same. */
#include "bios_private.h"
#include "log.h"
#include "machine.h"

#include <string.h>

#define SMAP 0x534d4150
#define ENTRY_MIN 20u
#define ENTRY_MAX 24u
#define ENTRIES_MAX 1024		/* a chain that does not end */

/* One more entry; false: there is none, or that was the last. At the end some BIOSes set carry in place of a zero in ebx. */
static bool next_entry(const struct bios_scene *scene, u32 *next, struct memmap *map)
{
	struct bios_regs regs = { .eax = 0xe820, .ebx = *next, .ecx = ENTRY_MAX, .edx = SMAP };
	const u8 *e = scene->bytes;
	bool is_first = !*next;

	memset(scene->bytes, 0, ENTRY_MAX);
	if (!(is_first ? bios_ask : bios_try)(scene, 0x15, &regs))
		return false;
	if (regs.eax != SMAP || (regs.ecx & 0xff) < ENTRY_MIN) {
		log_info("bios", "memory-map: not understood eax=0x%x ecx=0x%x", regs.eax, regs.ecx);
		return false;
	}
	log_info("bios", "memory-map: 0x%llx..0x%llx %s type=%u", le64(e), le64(e) + le64(e + 8), memmap_type_name(le32(e + 16)),
		 le32(e + 16));
	*next = regs.ebx;
	return !memmap_add(map, le64(e), le64(e + 8), le32(e + 16)) && *next;
}

/* Ranges that are in one map and not in the other. */
static u32 report_missing(const struct memmap *in, const struct memmap *out, const char *who)
{
	u32 missing = 0;

	for (u32 i = 0; i < in->count; i++) {
		const struct mem_range *r = &in->ranges[i];

		if (memmap_covers(out, r->start, r->end, r->type))
			continue;
		log_warn("bios", "memory-map: only %s says 0x%llx..0x%llx %s", who, r->start, r->end, memmap_type_name(r->type));
		missing++;
	}
	return missing;
}

static enum err compare(const struct bios_scene *scene, const struct memmap *map)
{
	struct memmap loader;
	enum err err;

	memmap_init(&loader);
	err = bootinfo_memory_map(&scene->machine->info, &loader);
	if (!err && !(report_missing(map, &loader, "the BIOS") + report_missing(&loader, map, "the boot loader")))
		log_info("bios", "memory-map: the boot loader's is the same ranges=%u usable=%llu", map->count,
			 memmap_total(map, MEM_USABLE));
	memmap_free(&loader);
	return err;
}

/* What came before E820: int 12h and AH=88h (IBM PS/2 and PC BIOS Technical Reference), E801h. */
static void older_sizes(const struct bios_scene *scene)
{
	struct bios_regs regs = { 0 };

	if (bios_ask(scene, 0x12, &regs))
		log_info("bios", "memory-map: int 0x12 below_640_kib=%u", regs.eax & 0xffff);
	regs = (struct bios_regs){ .eax = 0x8800 };
	if (bios_ask(scene, 0x15, &regs))
		log_info("bios", "memory-map: int 0x15 ah=0x88 above_1_mib_kib=%u", regs.eax & 0xffff);
	regs = (struct bios_regs){ .eax = 0xe801 };
	if (bios_ask(scene, 0x15, &regs))
		log_info("bios", "memory-map: int 0x15 ax=0xe801 1_to_16_mib_kib=%u above_16_mib_kib=%u", regs.ecx & 0xffff,
			 (regs.edx & 0xffff) * 64);
}

enum err bios_memory_map(const struct bios_scene *scene)
{
	struct memmap map;
	u32 next = 0, count = 0;
	enum err err;

	memmap_init(&map);
	while (count < ENTRIES_MAX && next_entry(scene, &next, &map))
		count++;
	err = memmap_sanitise(&map);
	if (!err && map.count)
		err = compare(scene, &map);
	memmap_free(&map);
	older_sizes(scene);
	return err;
}
