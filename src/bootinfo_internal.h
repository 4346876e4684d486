/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the files of bootinfo share. */
#ifndef TRAPEZE_BOOTINFO_INTERNAL_H
#define TRAPEZE_BOOTINFO_INTERNAL_H

#include "bootinfo.h"
#include "cursor.h"
#include "linuxtag.h"

#define TAG_END 0
#define TAG_MODULE 3

/*
 * Understand one tag (Multiboot2 3.6.3 to 3.6.17) whose payload is what is left of the cursor. An unknown one is
 * counted and logged. ERR_VALUE (logged): the tag is damaged; info is as before. `seen` collects the kinds taken, one
 * bit each. info->modules has room for one more.
 */
enum err bootinfo_take_tag(struct bootinfo *info, u32 type, struct cursor *payload, u32 *seen) MUST_CHECK;

/* Takes TAG_LINUX's payload, which is long enough; false (logged): damaged, nothing is changed. */
bool bootinfo_take_linux(struct bootinfo *info, struct cursor *c);

/*
 * One thing said about memory. Which of them are there: the multiboot map, the EFI map, or else the basic memory tag.
 */
struct raw_entry {
	paddr_t start;
	u64 size;
	u32 type;			/* as struct mem_range */
};

u32 bootinfo_mmap_count(const struct bootinfo *info);
struct raw_entry bootinfo_mmap_entry(const struct bootinfo *info, u32 number);
u32 bootinfo_efi_count(const struct bootinfo *info);
struct raw_entry bootinfo_efi_entry(const struct bootinfo *info, u32 number);
/* Two entries where there is basic memory and no map, else none. */
u32 bootinfo_basic_count(const struct bootinfo *info);
struct raw_entry bootinfo_basic_entry(const struct bootinfo *info, u32 number);

#endif
