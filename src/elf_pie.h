/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Position-independent static executables (ET_DYN without an interpreter): laid out in staging memory, placed wherever
 * there is room below 4 GiB, and relocated there. Not for the control pages.
 */
#ifndef TRAPEZE_ELF_PIE_H
#define TRAPEZE_ELF_PIE_H

#include "elf_file.h"

struct elf_pie {
	paddr_t stage;			/* 0: none */
	u8 *bytes;			/* the image there */
	u64 low, span;			/* virtual addresses: [low, low + span) */
	u64 file_span;			/* the part of it up to the last byte of the file's */
	u64 align;
	u32 segment;			/* of the plan */
	u64 bias;			/* after elf_pie_finish: what all addresses of the file are off by */
};

/* Check segments and relocations, lay the image out in staging memory, add it to the plan. Logs. */
enum err elf_pie_plan(const struct elf_file *file, struct load_request *request, struct elf_pie *pie) MUST_CHECK;
/* Now that the plan is placed: apply the relocations. */
enum err elf_pie_finish(const struct elf_file *file, const struct plan *plan, struct elf_pie *pie) MUST_CHECK;
void elf_pie_release(struct elf_pie *pie, struct memory *memory);

/*
 * elf_reloc.c. Go through all relocations; where `apply` says so add pie->bias to the words that they name. Relative ones
 * only, and only in the file's bytes; others are refused by number and name. *count: how many.
 */
enum err elf_relocate(const struct elf_file *file, const struct elf_pie *pie, bool apply, u64 *count) MUST_CHECK;

#endif
