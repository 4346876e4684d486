/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The ELF file of elf_rig.h with section headers, symbols and their names behind its segments. Once per program. */
#ifndef TEST_ELF_SYMBOLS_FIXTURE_H
#define TEST_ELF_SYMBOLS_FIXTURE_H

#include "elf_rig.h"
#include "elf_symbols.h"

#define SECTIONS_AT 0x1200u
#define SYMBOLS_AT 0x1300u
#define NAMES_AT 0x1800u
#define NAMES_SIZE 0x700u
#define TEXT_SIZE 0x800u

struct sample_symbol {
	const char *name;
	u64 value, size;
	u8 bind, type;
	u16 section;
};

static u32 symbol_count, names_used;

static inline void set_section(bool is_64, u32 index, u32 type, u32 link, u64 offset, u64 size, u64 entry_size)
{
	if (is_64) {
		Elf64_Shdr *s = (Elf64_Shdr *)(image + SECTIONS_AT) + index;

		*s = (Elf64_Shdr){ .sh_type = type, .sh_link = link, .sh_offset = offset, .sh_size = size,
				   .sh_entsize = entry_size };
	} else {
		Elf32_Shdr *s = (Elf32_Shdr *)(image + SECTIONS_AT) + index;

		*s = (Elf32_Shdr){ .sh_type = type, .sh_link = link, .sh_offset = (u32)offset, .sh_size = (u32)size,
				   .sh_entsize = (u32)entry_size };
	}
}

static inline void set_sections(bool is_64, u32 type)
{
	u64 entry_size = is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);

	set_section(is_64, 0, SHT_NULL, 0, 0, 0, 0);
	set_section(is_64, 1, type, 2, SYMBOLS_AT, symbol_count * entry_size, entry_size);
	set_section(is_64, 2, SHT_STRTAB, 0, NAMES_AT, NAMES_SIZE, 0);
}

/* An image with its first segment executable, and no symbols yet but the empty first one. */
static inline void make_image(bool is_64)
{
	rig_make_elf(image, is_64, BASE);
	memset(image + SECTIONS_AT, 0, sizeof(image) - SECTIONS_AT);
	symbol_count = names_used = 1;
	if (is_64) {
		header_64()->e_shoff = SECTIONS_AT;
		header_64()->e_shentsize = sizeof(Elf64_Shdr);
		header_64()->e_shnum = 3;
		segment_64(0)->p_flags = PF_R | PF_X;
	} else {
		header_32()->e_shoff = SECTIONS_AT;
		header_32()->e_shentsize = sizeof(Elf32_Shdr);
		header_32()->e_shnum = 3;
		segment_32(0)->p_flags = PF_R | PF_X;
	}
	set_sections(is_64, SHT_SYMTAB);
}

static inline void add_symbol(bool is_64, const struct sample_symbol *s)
{
	u8 info = (u8)(s->bind << 4 | s->type);

	if (is_64)
		((Elf64_Sym *)(image + SYMBOLS_AT))[symbol_count++] = (Elf64_Sym){
			.st_name = names_used, .st_info = info, .st_shndx = s->section, .st_value = s->value,
			.st_size = s->size };
	else
		((Elf32_Sym *)(image + SYMBOLS_AT))[symbol_count++] = (Elf32_Sym){
			.st_name = names_used, .st_info = info, .st_shndx = s->section, .st_value = (u32)s->value,
			.st_size = (u32)s->size };
	strcpy((char *)image + NAMES_AT + names_used, s->name);
	names_used += (u32)strlen(s->name) + 1;
	set_sections(is_64, SHT_SYMTAB);
}

static inline const void *table_of(const struct load_request *request)
{
	return arch_phys(request->symbols.paddr, request->symbols.size);
}

/* "name+0x1f", or "" where no symbol is. Static storage. */
static inline const char *name_at(u64 address)
{
	static char text[256];
	struct symbol_hit hit;

	text[0] = '\0';
	if (rig.request.symbols.size && symbols_find(table_of(&rig.request), address, &hit))
		snprintf(text, sizeof(text), "%s+0x%llx", hit.name, hit.offset);
	return text;
}

#endif
