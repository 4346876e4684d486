/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The ELF loader's private header. Source of every number: System V ABI, gABI 4.1, chapters "ELF Header" and "Program
 * Header"; the i386 and x86-64 supplements for the machine numbers.
 */
#ifndef TRAPEZE_ELF_FILE_H
#define TRAPEZE_ELF_FILE_H

#include "loader.h"

#define ELF_MAGIC 0x464c457fu		/* 0x7f "ELF" */
#define ELF_CLASS_32 1
#define ELF_CLASS_64 2
#define ELF_DATA_LSB 1
#define ELF_VERSION 1
#define ELF_TYPE_EXEC 2
#define ELF_TYPE_DYN 3
#define ELF_MACHINE_386 3
#define ELF_MACHINE_X86_64 62
#define ELF_SEGMENT_LOAD 1
#define ELF_SEGMENT_DYNAMIC 2
#define ELF_SEGMENT_INTERP 3
#define ELF_FLAG_EXECUTE 1		/* PF_X */
#define ELF_MANY_SEGMENTS 0xffff	/* PN_XNUM: the number stands elsewhere */

/* Nobody links that many; a file that claims so would only keep us busy. */
#define ELF_LOAD_LIMIT 256u

struct elf_segment {
	u32 type, flags;
	u64 offset, vaddr, paddr, file_size, mem_size, align;
};

struct elf_file {
	const struct blob *blob;
	bool is_64;
	bool is_pie;			/* ET_DYN: its addresses count from wherever it is put */
	bool use_vaddr;			/* a segment's `paddr` is its p_vaddr; the caller may set it after parsing */
	u64 entry;			/* as the header has it */
	u64 segments_at;		/* offset of the program headers */
	u32 segment_count;
	u64 sections_at;		/* of the section headers: not checked, symbols are optional */
	u32 section_count, section_size;
};

/* elf_file.c. Probe: NULL, or why these bytes are no ELF file of ours. Parse: checks the header, logs. */
const char *elf_probe_bytes(const void *data, u64 size);
enum err elf_parse(const struct blob *blob, struct elf_file *file) MUST_CHECK;
/* Program header `index` (below segment_count); checks what a loadable one says of file and memory, logs. */
enum err elf_read_segment(const struct elf_file *file, u32 index, struct elf_segment *segment) MUST_CHECK;
/*
 * The physical address of the entry: e_entry is a virtual address in some segment's file part, and lies there
 * physically; where it is in none, it is taken as a physical address itself, as some kernels linked high have it.
 */
enum err elf_find_entry(const struct elf_file *file, paddr_t *entry) MUST_CHECK;
/* elf.c: the loadable segments, below `max`, as fixed segments of the plan. */
enum err elf_plan_segments(struct load_request *request, const struct elf_file *file, paddr_t max) MUST_CHECK;

#endif
