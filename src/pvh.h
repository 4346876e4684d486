/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The PVH loader's private header: ELF files with a PVH entry. Source of every number: Xen's public headers elfnote.h
 * (XEN_ELFNOTE_PHYS32_ENTRY) and arch-x86/hvm/start_info.h, and docs/misc/pvh.pandoc for the state at entry.
 */
#ifndef TRAPEZE_PVH_H
#define TRAPEZE_PVH_H

#include "elf_file.h"
#include "handover.h"

#define PVH_NOTE_TYPE 18u		/* XEN_ELFNOTE_PHYS32_ENTRY, its name "Xen" */

/* struct hvm_start_info */
#define PVH_MAGIC 0x336ec578u
#define PVH_VERSION 1u			/* the first with a memory map */
#define PVH_INFO_MAGIC 0
#define PVH_INFO_VERSION 4
#define PVH_INFO_FLAGS 8
#define PVH_INFO_MODULE_COUNT 12
#define PVH_INFO_MODULES 16
#define PVH_INFO_CMDLINE 24
#define PVH_INFO_RSDP 32
#define PVH_INFO_MAP 40
#define PVH_INFO_MAP_COUNT 48
#define PVH_INFO_SIZE 56u

/* struct hvm_modlist_entry */
#define PVH_MODULE_START 0
#define PVH_MODULE_LENGTH 8
#define PVH_MODULE_CMDLINE 16
#define PVH_MODULE_SIZE 32u

/* struct hvm_memmap_table_entry */
#define PVH_MAP_START 0
#define PVH_MAP_LENGTH 8
#define PVH_MAP_TYPE 16
#define PVH_MAP_SIZE 24u

/* Behind the structure the modules, then the map, then the strings. */
#define PVH_MODULES_AT 64u

struct pvh_note {
	u64 at;				/* of the value, in the file */
	u32 size;			/* of the value */
	u64 entry;
};

struct pvh_state {
	struct elf_file file;
	struct pvh_note note;
	struct handover_area info;
	u32 first_ramdisk, first_module;
};

static inline struct pvh_state *pvh_state(const struct load_request *request)
{
	return request->state;
}

/* The ramdisks are one module, the first. */
static inline u32 pvh_module_count(const struct load_request *request)
{
	return (request->ramdisk_count ? 1 : 0) + request->module_count;
}

/* pvh_note.c. Find the first such note; NULL, or why there is none (static text). Looks at untrusted bytes, logs nothing. */
const char *pvh_find_note(const void *data, u64 size, struct pvh_note *note);

/* pvh_info.c: the start information. */
enum err pvh_plan_info(struct load_request *request, paddr_t kernel_start) MUST_CHECK;
enum err pvh_finish_info(struct load_request *request) MUST_CHECK;
void pvh_record(const struct load_request *request, const struct record *to);

#endif
