/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Relocations of a position-independent executable. Source of the numbers: gABI 4.1, "Dynamic Section" and "Relocation";
 * x86-64 psABI 1.0, table 4.9; i386 psABI 1.1, table 2.11; for DT_RELR the gABI draft of 2018.
 */
#include <string.h>

#include "cursor.h"
#include "elf_pie.h"
#include "log.h"

enum {
	DT_NULL = 0, DT_NEEDED = 1, DT_PLTRELSZ = 2, DT_RELA = 7, DT_RELASZ = 8, DT_RELAENT = 9, DT_REL = 17, DT_RELSZ = 18,
	DT_RELENT = 19, DT_PLTREL = 20, DT_JMPREL = 23, DT_RELRSZ = 35, DT_RELR = 36, DT_RELRENT = 37, TAG_COUNT = 38
};

#define RELOC_NONE 0u
#define RELOC_RELATIVE 8u		/* R_X86_64_RELATIVE and R_386_RELATIVE */

struct relocator {
	const struct elf_file *file;
	const struct elf_pie *pie;
	bool apply;
	u64 count;
	u64 tags[TAG_COUNT];		/* the dynamic section's; 0: not there */
};

struct type_name {
	u32 type;
	const char *name;
};

static const struct type_name names_64[] = {
	{ 1, "R_X86_64_64" }, { 2, "R_X86_64_PC32" }, { 4, "R_X86_64_PLT32" }, { 5, "R_X86_64_COPY" },
	{ 6, "R_X86_64_GLOB_DAT" }, { 7, "R_X86_64_JUMP_SLOT" }, { 8, "R_X86_64_RELATIVE" }, { 10, "R_X86_64_32" },
	{ 11, "R_X86_64_32S" }, { 16, "R_X86_64_DTPMOD64" }, { 17, "R_X86_64_DTPOFF64" }, { 18, "R_X86_64_TPOFF64" },
	{ 36, "R_X86_64_TLSDESC" }, { 37, "R_X86_64_IRELATIVE" }, { 0, NULL },
};
static const struct type_name names_32[] = {
	{ 1, "R_386_32" }, { 2, "R_386_PC32" }, { 4, "R_386_PLT32" }, { 5, "R_386_COPY" }, { 6, "R_386_GLOB_DAT" },
	{ 7, "R_386_JMP_SLOT" }, { 8, "R_386_RELATIVE" }, { 14, "R_386_TLS_TPOFF" }, { 35, "R_386_TLS_DTPMOD32" },
	{ 36, "R_386_TLS_DTPOFF32" }, { 41, "R_386_TLS_DESC" }, { 42, "R_386_IRELATIVE" }, { 0, NULL },
};

static const char *type_name(const struct relocator *r, u32 type)
{
	const struct type_name *n = r->file->is_64 ? names_64 : names_32;

	while (n->name && n->type != type)
		n++;
	return n->name ? n->name : "unknown";
}

static u32 word_size(const struct relocator *r)
{
	return r->file->is_64 ? 8 : 4;
}

static u64 read_word(const struct relocator *r, struct cursor *c)
{
	return r->file->is_64 ? cursor_u64(c) : cursor_u32(c);
}

/* [vaddr, vaddr + size) of the image as a cursor; logs when it is not in the file's bytes. */
static enum err open_range(const struct relocator *r, const char *what, u64 vaddr, u64 size, struct cursor *c)
{
	const struct elf_pie *pie = r->pie;

	if (vaddr < pie->low || vaddr - pie->low > pie->file_span || pie->file_span - (vaddr - pie->low) < size) {
		log_err("elf", "%s: %s at 0x%llx size=0x%llx lies outside of the loaded bytes 0x%llx..0x%llx",
			r->file->blob->name, what, vaddr, size, pie->low, pie->low + pie->file_span);
		return ERR_VALUE;
	}
	cursor_init(c, pie->bytes + (vaddr - pie->low), size);
	return ERR_OK;
}

static enum err read_dynamic(struct relocator *r, const struct elf_segment *dynamic)
{
	struct cursor c;
	enum err err = open_range(r, "the dynamic section", dynamic->vaddr, dynamic->file_size, &c);

	if (err)
		return err;
	while (cursor_left(&c) >= 2 * word_size(r)) {
		u64 tag = read_word(r, &c), value = read_word(r, &c);

		if (tag == DT_NULL)
			break;
		if (tag == DT_NEEDED) {
			log_err("elf", "%s: needs shared libraries (DT_NEEDED); only static executables run",
				r->file->blob->name);
			return ERR_UNSUPPORTED;
		}
		if (tag < TAG_COUNT)
			r->tags[tag] = value;
	}
	return ERR_OK;
}

static enum err find_dynamic(struct relocator *r)
{
	struct elf_segment segment;
	enum err err;

	for (u32 i = 0; i < r->file->segment_count; i++) {
		if ((err = elf_read_segment(r->file, i, &segment)))
			return err;
		if (segment.type == ELF_SEGMENT_DYNAMIC)
			return read_dynamic(r, &segment);
	}
	return ERR_OK;
}

/* One word; what it holds is the addend where the relocation brings none. */
static enum err relocate_word(struct relocator *r, u64 vaddr, const u64 *addend)
{
	u32 size = word_size(r);
	struct cursor c;
	u64 value;
	enum err err = open_range(r, "a relocated word", vaddr, size, &c);

	if (err)
		return err;
	r->count++;
	value = (addend ? *addend : read_word(r, &c)) + r->pie->bias;
	if (r->apply)
		memcpy(r->pie->bytes + (vaddr - r->pie->low), &value, size);
	return ERR_OK;
}

static enum err relocate_entry(struct relocator *r, struct cursor *c, bool has_addend)
{
	u64 vaddr = read_word(r, c), info = read_word(r, c), addend = has_addend ? read_word(r, c) : 0;
	u32 type = r->file->is_64 ? (u32)info : (u32)info & 0xff;

	if (type == RELOC_NONE)
		return ERR_OK;
	if (type == RELOC_RELATIVE)
		return relocate_word(r, vaddr, has_addend ? &addend : NULL);
	log_err("elf", "%s: relocation of 0x%llx: type=%u (%s); only relative ones can be applied", r->file->blob->name,
		vaddr, type, type_name(r, type));
	return ERR_UNSUPPORTED;
}

static enum err relocate_table(struct relocator *r, const char *name, u64 vaddr, u64 size, bool has_addend)
{
	struct cursor c;
	enum err err = size ? open_range(r, name, vaddr, size, &c) : ERR_OK;

	if (err || !size)
		return err;
	while (!err && cursor_left(&c) >= word_size(r) * (has_addend ? 3 : 2))
		err = relocate_entry(r, &c, has_addend);
	return err;
}

/* Packed: an even word is an address, an odd one says which of the next 63 (31) words behind it are meant, too. */
static enum err relocate_packed(struct relocator *r)
{
	u32 width = word_size(r);
	u64 size = r->tags[DT_RELRSZ], next = 0;
	struct cursor c;
	enum err err = size ? open_range(r, "DT_RELR", r->tags[DT_RELR], size, &c) : ERR_OK;

	while (!err && size && cursor_left(&c) >= width) {
		u64 word = read_word(r, &c);

		if (!(word & 1)) {
			err = relocate_word(r, word, NULL);
			next = word + width;
			continue;
		}
		for (u32 i = 0; !err && word >> (i + 1) && i < 8 * width - 1; i++)
			if (word >> (i + 1) & 1)
				err = relocate_word(r, next + i * width, NULL);
		next += (8 * width - 1) * width;
	}
	return err;
}

/* Sizes of entries are given in the file; a wrong one would make nonsense of the tables. */
static enum err check_entry_size(const struct relocator *r, const char *name, u32 tag, u32 wanted)
{
	if (!r->tags[tag] || r->tags[tag] == wanted)
		return ERR_OK;
	log_err("elf", "%s: %s=%llu: must be %u", r->file->blob->name, name, r->tags[tag], wanted);
	return ERR_VALUE;
}

static enum err check_entry_sizes(const struct relocator *r)
{
	enum err err = check_entry_size(r, "DT_RELAENT", DT_RELAENT, 3 * word_size(r));

	if (!err)
		err = check_entry_size(r, "DT_RELENT", DT_RELENT, 2 * word_size(r));
	return err ? err : check_entry_size(r, "DT_RELRENT", DT_RELRENT, word_size(r));
}

enum err elf_relocate(const struct elf_file *file, const struct elf_pie *pie, bool apply, u64 *count)
{
	struct relocator r = { .file = file, .pie = pie, .apply = apply };
	enum err err = find_dynamic(&r);

	if (!err)
		err = check_entry_sizes(&r);
	if (!err)
		err = relocate_table(&r, "DT_RELA", r.tags[DT_RELA], r.tags[DT_RELASZ], true);
	if (!err)
		err = relocate_table(&r, "DT_REL", r.tags[DT_REL], r.tags[DT_RELSZ], false);
	if (!err)
		err = relocate_table(&r, "DT_JMPREL", r.tags[DT_JMPREL], r.tags[DT_PLTRELSZ],
				     r.tags[DT_PLTREL] == DT_RELA);
	if (!err)
		err = relocate_packed(&r);
	*count = r.count;
	return err;
}
