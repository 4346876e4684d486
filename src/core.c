/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "core.h"

#include <string.h>

#include "arch.h"
#include "log.h"
#include "rangeset.h"

/* System V ABI, "Object Files"; Linux, include/uapi/linux/elf.h. */
#define ET_CORE 4
#define EM_X86_64 62
#define PT_LOAD 1
#define PT_NOTE 4
#define PF_RWX 7
#define NT_PRSTATUS 1

struct elf_header {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	u64 entry, segments, sections;
	u32 flags;
	u16 header_size, segment_size, segment_count, section_size, section_count, section_names;
} PACKED;
_Static_assert(sizeof(struct elf_header) == 64, "");

struct elf_segment {
	u32 type, flags;
	u64 offset, vaddr, paddr, file_size, mem_size, align;
} PACKED;
_Static_assert(sizeof(struct elf_segment) == 56, "");

/* The image's own ranges cut holes: its window, low memory, and its segments that have a fixed place. */
#define HOLES 64u
#define SEGMENTS_MAX 0xfffeu

static paddr_t told;

void core_set_address(paddr_t header)
{
	told = header;
}

paddr_t core_address(void)
{
	return told;
}

u64 core_size(const struct memmap *map)
{
	u64 segments = (1 + (u64)map->count + HOLES) * sizeof(struct elf_segment);

	return CORE_HEADER_OFFSET + align_up(sizeof(struct elf_header) + segments, PAGE_SIZE);
}

static struct core_note note(const char *name, u32 type, u32 size)
{
	struct core_note note = { .name_size = (u32)strlen(name) + 1, .type = type, .size = size };

	memcpy(note.name, name, note.name_size);
	return note;
}

static void build_notes(struct core_notes *notes)
{
	notes->status_note = note("CORE", NT_PRSTATUS, sizeof(notes->status));
	notes->fault_note = note("Trapeze", CORE_NOTE_FAULT, sizeof(notes->fault));
	notes->text_note = note("Trapeze", CORE_NOTE_TEXT, sizeof(notes->text));
}

/*
 * Offsets are physical addresses, as in every core header that one kernel leaves to the next (Linux, fs/proc/vmcore.c).
 */
static void build_header(struct elf_header *header, paddr_t notes, const struct rangeset *memory)
{
	struct elf_segment *segment = (struct elf_segment *)(header + 1);

	*header = (struct elf_header){
		.ident = { 0x7f, 'E', 'L', 'F', 2, 1, 1 },
		.type = ET_CORE, .machine = EM_X86_64, .version = 1, .segments = sizeof(*header),
		.header_size = sizeof(*header), .segment_size = sizeof(*segment),
		.segment_count = (u16)(1 + memory->count),
	};
	*segment++ = (struct elf_segment){
		.type = PT_NOTE, .offset = notes, .paddr = notes, .file_size = sizeof(struct core_notes),
		.mem_size = sizeof(struct core_notes), .align = 4,
	};
	for (u32 i = 0; i < memory->count; i++) {
		const struct range *r = &memory->items[i];

		*segment++ = (struct elf_segment){
			.type = PT_LOAD, .flags = PF_RWX, .offset = r->start, .vaddr = r->start, .paddr = r->start,
			.file_size = r->end - r->start, .mem_size = r->end - r->start, .align = PAGE_SIZE,
		};
	}
}

/* Whole pages that are memory and not the image's own. */
static enum err find_memory(struct rangeset *memory, const struct memmap *map, const struct memmap *own)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < map->count && !err; i++) {
		const struct mem_range *r = &map->ranges[i];

		if (r->type == MEM_USABLE)
			err = rangeset_add(memory, align_up(r->start, PAGE_SIZE), align_down(r->end, PAGE_SIZE));
	}
	for (u32 i = 0; i < own->count && !err; i++) {
		const struct mem_range *r = &own->ranges[i];

		if (r->type == MEM_USABLE)
			err = rangeset_remove(memory, align_down(r->start, PAGE_SIZE), align_up(r->end, PAGE_SIZE));
	}
	return err;
}

enum err core_build(paddr_t paddr, u64 size, const struct memmap *map, const struct memmap *own)
{
	u8 *at = arch_phys(paddr, size);
	u64 room = (size - CORE_HEADER_OFFSET - sizeof(struct elf_header)) / sizeof(struct elf_segment);
	struct rangeset memory;
	enum err err;

	rangeset_init(&memory);
	err = find_memory(&memory, map, own);
	if (!err && memory.count >= min_u64(room, SEGMENTS_MAX)) {
		log_err("rescue", "memory in %u pieces, the fault record has room for %llu", memory.count, room - 1);
		err = ERR_NO_ROOM;
	}
	if (!err) {
		memset(at, 0, (size_t)size);
		build_notes((struct core_notes *)at);
		build_header((struct elf_header *)(at + CORE_HEADER_OFFSET), paddr, &memory);
	}
	rangeset_free(&memory);
	return err;
}
