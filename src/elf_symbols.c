/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Source of every number: System V ABI, gABI 4.1, chapters "Sections" and "Symbol Table". */
#include "elf_symbols.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "cursor.h"
#include "log.h"
#include "printable.h"

#define SECTION_SIZE_32 40u
#define SECTION_SIZE_64 64u
#define SYMBOL_SIZE_32 16u
#define SYMBOL_SIZE_64 24u
#define SECTION_SYMTAB 2u
#define SECTION_DYNSYM 11u
#define SYMBOL_UNTYPED 0
#define SYMBOL_FUNC 2
#define SYMBOL_IFUNC 10			/* STT_GNU_IFUNC */
#define BIND_LOCAL 0
#define BIND_GLOBAL 1
#define INDEX_UNDEF 0
#define INDEX_RESERVED 0xff00		/* SHN_LORESERVE: absolute, common and the like */
#define INDEX_EXTENDED 0xffff		/* SHN_XINDEX */

/* Segments beyond this number keep their symbols to themselves. */
#define SPAN_LIMIT 16u
/* More symbols than any kernel has; a file that claims so would only keep us busy. */
#define SCAN_LIMIT (1u << 20)

/* Whose name an address gets: a function that others call says more than a file's own one, that more than a label. */
enum rank { RANK_GLOBAL, RANK_LOCAL, RANK_LABEL, RANK_COUNT };

struct section {
	u32 type, link;
	u64 offset, size, entry_size;
};

/* A segment: what its symbols' values become. */
struct span {
	u64 vaddr, size, paddr;
	bool is_code;
};

struct candidate {
	u64 address, size;
	u32 name, length;		/* in the string table */
	u8 rank;
	bool is_kept;
};

struct maker {
	const struct elf_file *file;
	struct cursor symbols;
	const u8 *names;
	u64 name_size;
	u32 symbol_count;
	struct span spans[SPAN_LIMIT];
	u32 span_count;
	struct candidate *found;
	u32 found_count, kept_count, left_out;
	u64 size;			/* of the table */
};

static u64 read_word(const struct maker *m, struct cursor *c)
{
	return m->file->is_64 ? cursor_u64(c) : cursor_u32(c);
}

/* A section header and what it says of the file; false: it ends beyond it. */
static bool read_section(const struct maker *m, u32 index, struct section *section)
{
	const struct blob *blob = m->file->blob;
	u32 size = m->file->is_64 ? SECTION_SIZE_64 : SECTION_SIZE_32;
	struct cursor c;

	cursor_init(&c, blob->data, blob->size);
	cursor_seek(&c, m->file->sections_at);
	cursor_skip(&c, (u64)index * size);
	cursor_skip(&c, 4);		/* sh_name */
	section->type = cursor_u32(&c);
	(void)read_word(m, &c);		/* sh_flags */
	(void)read_word(m, &c);		/* sh_addr */
	section->offset = read_word(m, &c);
	section->size = read_word(m, &c);
	section->link = cursor_u32(&c);
	cursor_skip(&c, 4);		/* sh_info */
	(void)read_word(m, &c);		/* sh_addralign */
	section->entry_size = read_word(m, &c);
	return !c.failed && section->offset <= blob->size && blob->size - section->offset >= section->size;
}

static bool find_section(const struct maker *m, u32 type, struct section *section)
{
	for (u32 i = 0; i < m->file->section_count; i++) {
		struct section s = { 0 };

		if (!read_section(m, i, &s) || s.type != type || !s.size)
			continue;
		*section = s;
		return true;
	}
	return false;
}

/* The symbols and their strings. NULL: there; "": none; else why they cannot be used. */
static const char *find_tables(struct maker *m)
{
	u32 wanted = m->file->is_64 ? SYMBOL_SIZE_64 : SYMBOL_SIZE_32;
	const u8 *data = m->file->blob->data;
	struct section symbols = { 0 }, names = { 0 };

	if (m->file->section_count && m->file->section_size != (m->file->is_64 ? SECTION_SIZE_64 : SECTION_SIZE_32))
		return "e_shentsize is not that of its class";
	if (!find_section(m, SECTION_SYMTAB, &symbols) && !find_section(m, SECTION_DYNSYM, &symbols))
		return "";
	if (symbols.entry_size != wanted)
		return "sh_entsize is not that of its class";
	if (symbols.link >= m->file->section_count || !read_section(m, symbols.link, &names))
		return "sh_link leads to no string table within the file";
	cursor_init(&m->symbols, data + symbols.offset, symbols.size);
	m->names = data + names.offset;
	m->name_size = min_u64(names.size, UINT32_MAX);
	m->symbol_count = (u32)min_u64(symbols.size / wanted, SCAN_LIMIT);
	return NULL;
}

static enum err find_spans(struct maker *m)
{
	struct elf_segment segment;
	enum err err;

	for (u32 i = 0; i < m->file->segment_count && m->span_count < SPAN_LIMIT; i++) {
		if ((err = elf_read_segment(m->file, i, &segment)))
			return err;
		if (segment.type == ELF_SEGMENT_LOAD && segment.mem_size)
			m->spans[m->span_count++] = (struct span){
				.vaddr = segment.vaddr,
				.size = segment.mem_size,
				.paddr = segment.paddr,
				.is_code = segment.flags & ELF_FLAG_EXECUTE,
			};
	}
	return ERR_OK;
}

static const struct span *span_of(const struct maker *m, u64 value)
{
	for (u32 i = 0; i < m->span_count; i++)
		if (value - m->spans[i].vaddr < m->spans[i].size)
			return &m->spans[i];
	return NULL;
}

static const struct span *span_at(const struct maker *m, u64 address)
{
	for (u32 i = 0; i < m->span_count; i++)
		if (address - m->spans[i].paddr < m->spans[i].size)
			return &m->spans[i];
	return NULL;
}

static u32 name_length(const struct maker *m, u32 name)
{
	u32 length = 0;

	while (length < SYMBOLS_NAME_LIMIT && name + length < m->name_size && m->names[name + length])
		length++;
	return length;
}

/* The next symbol; false: none that the net would name. */
static bool read_symbol(struct maker *m, struct candidate *out)
{
	struct cursor *c = &m->symbols;
	u64 value = 0, size = 0;
	const struct span *span;
	u32 name = cursor_u32(c), info, type, index;

	if (!m->file->is_64) {
		value = cursor_u32(c);
		size = cursor_u32(c);
	}
	info = cursor_u8(c);
	cursor_skip(c, 1);		/* st_other */
	index = cursor_u16(c);
	if (m->file->is_64) {
		value = cursor_u64(c);
		size = cursor_u64(c);
	}
	type = info & 15;
	span = span_of(m, value);
	if (!span || index == INDEX_UNDEF || (index >= INDEX_RESERVED && index != INDEX_EXTENDED))
		return false;
	if (type != SYMBOL_FUNC && type != SYMBOL_IFUNC &&
	    (type != SYMBOL_UNTYPED || info >> 4 == BIND_LOCAL || !span->is_code))
		return false;
	*out = (struct candidate){
		.address = span->paddr + (value - span->vaddr),
		.size = min_u64(size, span->size - (value - span->vaddr)),
		.name = name,
		.length = name_length(m, name),
		.rank = type == SYMBOL_UNTYPED ? RANK_LABEL : info >> 4 == BIND_GLOBAL ? RANK_GLOBAL : RANK_LOCAL,
	};
	return out->length;
}

/* By address; at the same one the best first. */
static int compare(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return a->name < b->name ? -1 : a->name > b->name;
}

static enum err collect(struct maker *m)
{
	const struct cursor start = m->symbols;
	struct candidate one;
	u32 count = 0;

	for (u32 i = 0; i < m->symbol_count; i++)
		count += read_symbol(m, &one);
	m->symbols = start;
	m->found = calloc(count ? count : 1, sizeof(*m->found));
	if (!m->found)
		return ERR_MEMORY;
	for (u32 i = 0; i < m->symbol_count; i++)
		if (read_symbol(m, &one))
			m->found[m->found_count++] = one;
	qsort(m->found, m->found_count, sizeof(*m->found), compare);
	return ERR_OK;
}

/* One name for each address; those without a size, as assembly leaves them, reach to the next, or to the segment's end. */
static void settle(struct maker *m)
{
	u32 kept = 0;

	for (u32 i = 0; i < m->found_count; i++)
		if (!kept || m->found[kept - 1].address != m->found[i].address)
			m->found[kept++] = m->found[i];
	m->found_count = kept;
	for (u32 i = 0; i < kept; i++) {
		struct candidate *c = &m->found[i];
		const struct span *span = span_at(m, c->address);
		u64 end = span->paddr + span->size;

		if (!c->size)
			c->size = (i + 1 < kept ? min_u64(m->found[i + 1].address, end) : end) - c->address;
	}
}

/* Where not all fit, the better ranks come first. */
static void choose(struct maker *m)
{
	m->size = sizeof(struct symbols);
	for (u32 rank = 0; rank < RANK_COUNT; rank++) {
		for (u32 i = 0; i < m->found_count; i++) {
			struct candidate *c = &m->found[i];
			u64 cost = sizeof(struct symbol) + c->length + 1;

			if (c->rank != rank)
				continue;
			c->is_kept = cost <= SYMBOLS_SIZE_LIMIT - m->size &&
				     c->address - m->found[0].address <= UINT32_MAX;
			m->size += c->is_kept ? cost : 0;
			m->kept_count += c->is_kept;
			m->left_out += !c->is_kept;
		}
	}
}

static void write_name(const struct maker *m, const struct candidate *c, char *to)
{
	for (u32 i = 0; i < c->length; i++) {
		char letter = (char)m->names[c->name + i];

		to[i] = is_printable(letter) ? letter : '?';
	}
	to[c->length] = '\0';
}

static void write_table(const struct maker *m, struct symbols *header)
{
	struct symbol *entry = (struct symbol *)(header + 1);
	u32 name = (u32)(sizeof(*header) + m->kept_count * sizeof(*entry));
	const struct span *first = span_at(m, m->found[0].address);

	*header = (struct symbols){
		.magic = SYMBOLS_MAGIC,
		.size = (u32)m->size,
		.count = m->kept_count,
		.base = m->found[0].address,
		.alias = first->vaddr - first->paddr,
	};
	for (u32 i = 0; i < m->found_count; i++) {
		const struct candidate *c = &m->found[i];

		if (!c->is_kept)
			continue;
		*entry++ = (struct symbol){
			.start = (u32)(c->address - header->base), .size = (u32)min_u64(c->size, UINT32_MAX), .name = name,
		};
		write_name(m, c, (char *)header + name);
		name += c->length + 1;
	}
	header->sum = symbols_sum(header, header->size);
}

/* NULL: done, perhaps with nothing in it; else why not. */
static const char *make(struct maker *m, struct memory *memory, struct symbol_table *table)
{
	const struct memory_where anywhere = { 0 };
	const char *why = find_tables(m);

	if (why)
		return *why ? why : NULL;
	if (find_spans(m))
		return "segments";
	if (collect(m))
		return "no heap to sort them";
	settle(m);
	choose(m);
	if (!m->kept_count)
		return NULL;
	if (memory_alloc(memory, m->size, &anywhere, OWNER_STAGE, "symbols", &table->paddr))
		return "no memory";
	table->size = (u32)m->size;
	write_table(m, arch_phys(table->paddr, table->size));
	return NULL;
}

void elf_symbols_make(const struct elf_file *file, struct memory *memory, struct symbol_table *table)
{
	struct maker m = { .file = file };
	const char *why;

	*table = (struct symbol_table){ 0 };
	why = make(&m, memory, table);
	if (why)
		log_warn("elf", "%s: boots without symbols: %s", file->blob->name, why);
	else if (table->size)
		log_info("elf", "%s: symbols=%u bytes=%u left-out=%u", file->blob->name, m.kept_count, table->size,
			 m.left_out);
	free(m.found);
}

void elf_symbols_move(const struct symbol_table *table, u64 bias)
{
	struct symbols *header = table->size ? arch_phys(table->paddr, table->size) : NULL;

	if (header)
		header->base += bias;
}

void elf_symbols_release(struct symbol_table *table, struct memory *memory)
{
	if (table->size)
		memory_release(memory, table->paddr);
	*table = (struct symbol_table){ 0 };
}
