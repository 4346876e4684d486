/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The kernel's ELF section headers, which kernels read their symbols through (format 1: 3.3, "syms"; format 2: 3.6.7).
 * Sections that no program header loads, symbols and strings, are handed over as well: the part of the file that holds
 * them becomes a segment, and their addresses are filled in. All of this is a courtesy: a file whose sections make no
 * sense is booted without them.
 */
#include "multiboot.h"

#include <string.h>

#include "cursor.h"
#include "log.h"

#define SECTION_NULL 0
#define SECTION_NOBITS 8
/* Section header: System V gABI 4.1, "Sections". */
#define HEADER_32 40u
#define HEADER_64 64u

struct section {
	u32 type;
	u64 addr, offset, size;
};

static u64 read_word(bool is_64, struct cursor *c)
{
	return is_64 ? cursor_u64(c) : cursor_u32(c);
}

static struct section read_section(const struct blob *blob, const struct multiboot_sections *s, u32 index)
{
	struct section section;
	struct cursor c;

	cursor_init(&c, blob->data, blob->size);
	cursor_seek(&c, s->table + (u64)index * s->entry_size);
	cursor_skip(&c, 4);
	section.type = cursor_u32(&c);
	cursor_skip(&c, s->is_64 ? 8 : 4);	/* sh_flags */
	section.addr = read_word(s->is_64, &c);
	section.offset = read_word(s->is_64, &c);
	section.size = read_word(s->is_64, &c);
	return section;
}

static bool needs_place(const struct section *section)
{
	return section->type != SECTION_NULL && section->type != SECTION_NOBITS && section->size && !section->addr;
}

static void read_table(const struct blob *blob, struct multiboot_sections *s)
{
	struct cursor c;

	cursor_init(&c, blob->data, blob->size);
	cursor_seek(&c, 4);
	s->is_64 = cursor_u8(&c) == ELF_CLASS_64;
	cursor_seek(&c, s->is_64 ? 40 : 32);
	s->table = read_word(s->is_64, &c);
	cursor_seek(&c, s->is_64 ? 58 : 46);
	s->entry_size = cursor_u16(&c);
	s->count = cursor_u16(&c);
	s->names = cursor_u16(&c);
	if (c.failed || !s->table)
		s->count = 0;
}

/* The part of the file that holds what needs a place; false: some of it lies beyond the file. */
static bool find_span(const struct blob *blob, struct multiboot_sections *s)
{
	u64 start = blob->size, end = 0;

	for (u32 i = 0; i < s->count; i++) {
		const struct section section = read_section(blob, s, i);

		if (!needs_place(&section))
			continue;
		if (section.offset > blob->size || blob->size - section.offset < section.size)
			return false;
		start = min_u64(start, section.offset);
		end = max_u64(end, section.offset + section.size);
	}
	s->start = align_down(start, 16);
	s->size = end > start ? end - s->start : 0;
	return true;
}

static bool is_sound(const struct blob *blob, struct multiboot_sections *s)
{
	u64 table_size = (u64)s->count * s->entry_size;

	return s->entry_size == (s->is_64 ? HEADER_64 : HEADER_32) && s->names < s->count && s->table <= blob->size &&
	       blob->size - s->table >= table_size && find_span(blob, s);
}

enum err multiboot_plan_sections(struct load_request *request)
{
	struct multiboot_state *state = multiboot_state(request);
	struct multiboot_sections *s = &state->sections;
	const struct blob *blob = &request->kernel.blob;
	struct plan_segment segment = {
		.name = "sections", .where = PLAN_BOTTOM, .min = MIB(1), .max = GIB(4), .align = PAGE_SIZE,
	};

	if (state->header.has_address)
		return ERR_OK;
	read_table(blob, s);
	if (s->count && !is_sound(blob, s)) {
		log_warn(state->area,
			 "%s: the ELF sections are not handed over: e_shoff=0x%llx e_shnum=%u e_shentsize=%u size=%llu",
			 blob->name, s->table, s->count, s->entry_size, blob->size);
		s->count = 0;
	}
	if (!s->count || !s->size)
		return ERR_OK;
	segment.source = blob->paddr + s->start;
	segment.file_size = segment.mem_size = s->size;
	return plan_add(request->plan, &segment, &s->segment);
}

void multiboot_put_sections(const struct load_request *request, u8 *out)
{
	const struct multiboot_state *state = multiboot_state(request);
	const struct multiboot_sections *s = &state->sections;
	const struct blob *blob = &request->kernel.blob;

	memcpy(out, (const u8 *)blob->data + s->table, (size_t)s->count * s->entry_size);
	for (u32 i = 0; i < s->count; i++) {
		const struct section section = read_section(blob, s, i);
		u8 *header = out + (size_t)i * s->entry_size;
		u64 addr = section.addr;

		if (needs_place(&section))
			addr = request->plan->segments[s->segment].dest + (section.offset - s->start);
		else if (addr)
			addr += multiboot_delta(request);
		multiboot_put(header, s->is_64 ? 16 : 12, s->is_64 ? 8 : 4, addr);
	}
}
