/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* An ELF file's header and program headers, decoded and checked. */
#include "elf_file.h"

#include "cursor.h"
#include "log.h"

#define HEADER_SIZE_32 52u
#define HEADER_SIZE_64 64u
#define SEGMENT_SIZE_32 32u
#define SEGMENT_SIZE_64 56u

const char *elf_probe_bytes(const void *data, u64 size)
{
	struct cursor c;

	cursor_init(&c, data, size);
	if (cursor_u32(&c) != ELF_MAGIC)
		return c.failed ? "too short for an ELF header" : "no 0x7f \"ELF\" at 0";
	return NULL;
}

static enum err refuse(const struct elf_file *file, enum err err, const char *field, u64 value, const char *wanted)
{
	log_err("elf", "%s: %s=0x%llx: %s", file->blob->name, field, value, wanted);
	return err;
}

/* A field as wide as the class's addresses. */
static u64 read_word(const struct elf_file *file, struct cursor *c)
{
	return file->is_64 ? cursor_u64(c) : cursor_u32(c);
}

static enum err check_ident(struct elf_file *file, struct cursor *c)
{
	u32 magic = cursor_u32(c);
	u8 class, data, version;

	class = cursor_u8(c);
	data = cursor_u8(c);
	version = cursor_u8(c);
	if (magic != ELF_MAGIC)
		return refuse(file, ERR_MAGIC, "e_ident", magic, "no 0x7f \"ELF\"");
	if (class != ELF_CLASS_32 && class != ELF_CLASS_64)
		return refuse(file, ERR_VERSION, "EI_CLASS", class, "neither 32-bit (1) nor 64-bit (2)");
	if (data != ELF_DATA_LSB)
		return refuse(file, ERR_UNSUPPORTED, "EI_DATA", data, "not little-endian (1)");
	if (version != ELF_VERSION)
		return refuse(file, ERR_VERSION, "EI_VERSION", version, "only version 1 is known");
	file->is_64 = class == ELF_CLASS_64;
	cursor_seek(c, 16);
	return ERR_OK;
}

static enum err check_kind(const struct elf_file *file, u16 type, u16 machine)
{
	if (type != ELF_TYPE_EXEC && type != ELF_TYPE_DYN)
		return refuse(file, ERR_UNSUPPORTED, "e_type", type, "no executable (ET_EXEC is 2, ET_DYN 3)");
	if (machine != (file->is_64 ? ELF_MACHINE_X86_64 : ELF_MACHINE_386))
		return refuse(file, ERR_UNSUPPORTED, "e_machine", machine,
			      file->is_64 ? "a 64-bit file must be for x86-64 (0x3e)" :
					    "a 32-bit file must be for i386 (0x3)");
	return ERR_OK;
}

static enum err check_table(const struct elf_file *file, u16 entry_size)
{
	u64 wanted = file->is_64 ? SEGMENT_SIZE_64 : SEGMENT_SIZE_32, size = file->blob->size;

	if (entry_size != wanted)
		return refuse(file, ERR_VALUE, "e_phentsize", entry_size, file->is_64 ? "must be 56" : "must be 32");
	if (!file->segment_count)
		return refuse(file, ERR_VALUE, "e_phnum", 0, "no program headers, so nothing to load");
	if (file->segment_count == ELF_MANY_SEGMENTS)
		return refuse(file, ERR_UNSUPPORTED, "e_phnum", file->segment_count,
			      "the extended form is not supported");
	if (file->segments_at > size || size - file->segments_at < wanted * file->segment_count) {
		log_err("elf", "%s: program headers end beyond the file: e_phoff=0x%llx e_phnum=%u size=%llu",
			file->blob->name, file->segments_at, file->segment_count, size);
		return ERR_TRUNCATED;
	}
	return ERR_OK;
}

enum err elf_parse(const struct blob *blob, struct elf_file *file)
{
	struct cursor c;
	u16 type, machine, entry_size;
	u32 version;
	enum err err;

	*file = (struct elf_file){ .blob = blob };
	cursor_init(&c, blob->data, blob->size);
	if ((err = check_ident(file, &c)))
		return err;
	type = cursor_u16(&c);
	machine = cursor_u16(&c);
	version = cursor_u32(&c);
	file->entry = read_word(file, &c);
	file->segments_at = read_word(file, &c);
	file->sections_at = read_word(file, &c);
	cursor_skip(&c, 4 + 2);		/* e_flags, e_ehsize */
	entry_size = cursor_u16(&c);
	file->segment_count = cursor_u16(&c);
	file->section_size = cursor_u16(&c);
	file->section_count = cursor_u16(&c);
	if (c.failed) {
		log_err("elf", "%s: ends inside its header: size=%llu needs at least %u", blob->name, blob->size,
			file->is_64 ? HEADER_SIZE_64 : HEADER_SIZE_32);
		return ERR_TRUNCATED;
	}
	if (version != ELF_VERSION)
		return refuse(file, ERR_VERSION, "e_version", version, "only version 1 is known");
	file->is_pie = file->use_vaddr = type == ELF_TYPE_DYN;
	err = check_kind(file, type, machine);
	return err ? err : check_table(file, entry_size);
}

static enum err check_segment(const struct elf_file *file, u32 index, const struct elf_segment *segment)
{
	const char *name = file->blob->name;
	u64 size = file->blob->size, end;

	if (segment->file_size > segment->mem_size) {
		log_err("elf", "%s: segment %u: p_filesz=0x%llx is above p_memsz=0x%llx", name, index,
			segment->file_size, segment->mem_size);
		return ERR_VALUE;
	}
	if (segment->offset > size || size - segment->offset < segment->file_size) {
		log_err("elf", "%s: segment %u ends beyond the file: p_offset=0x%llx p_filesz=0x%llx size=%llu", name,
			index, segment->offset, segment->file_size, size);
		return ERR_TRUNCATED;
	}
	if (__builtin_add_overflow(segment->paddr, segment->mem_size, &end) || end > PADDR_LIMIT) {
		log_err("elf", "%s: segment %u: %s=0x%llx + p_memsz=0x%llx is beyond 0x%llx", name, index,
			file->use_vaddr ? "p_vaddr" : "p_paddr", segment->paddr, segment->mem_size, PADDR_LIMIT);
		return ERR_OVERFLOW;
	}
	return ERR_OK;
}

enum err elf_read_segment(const struct elf_file *file, u32 index, struct elf_segment *segment)
{
	struct cursor c;

	cursor_init(&c, file->blob->data, file->blob->size);
	cursor_seek(&c, file->segments_at + (u64)index * (file->is_64 ? SEGMENT_SIZE_64 : SEGMENT_SIZE_32));
	segment->type = cursor_u32(&c);
	if (file->is_64)
		segment->flags = cursor_u32(&c);
	segment->offset = read_word(file, &c);
	segment->vaddr = read_word(file, &c);
	segment->paddr = read_word(file, &c);
	segment->file_size = read_word(file, &c);
	segment->mem_size = read_word(file, &c);
	if (!file->is_64)
		segment->flags = cursor_u32(&c);
	segment->align = read_word(file, &c);
	if (file->use_vaddr)
		segment->paddr = segment->vaddr;
	if (segment->type == ELF_SEGMENT_INTERP)
		return refuse(file, ERR_UNSUPPORTED, "p_type", segment->type,
			      "wants a dynamic linker; only static executables run");
	return segment->type == ELF_SEGMENT_LOAD ? check_segment(file, index, segment) : ERR_OK;
}

/* Is `address` within [base, base + size)? */
static bool is_within(u64 address, u64 base, u64 size)
{
	return address >= base && address - base < size;
}

enum err elf_find_entry(const struct elf_file *file, paddr_t *entry)
{
	struct elf_segment segment;
	bool found = false;
	enum err err;

	for (u32 i = 0; i < file->segment_count; i++) {
		if ((err = elf_read_segment(file, i, &segment)))
			return err;
		if (segment.type != ELF_SEGMENT_LOAD)
			continue;
		if (is_within(file->entry, segment.vaddr, segment.file_size)) {
			*entry = segment.paddr + (file->entry - segment.vaddr);
			return ERR_OK;
		}
		if (is_within(file->entry, segment.paddr, segment.file_size)) {
			*entry = file->entry;
			found = true;
		}
	}
	return found ? ERR_OK : refuse(file, ERR_VALUE, "e_entry", file->entry, "lies in no segment's file part");
}
