/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The fault record that a rescue image gets: an ELF core file in memory, as Linux's crash kernel wants it
 * (elfcorehdr=). All of it is composed ahead but for the notes' contents, which core_fill writes at the fault.
 * docs/rescue.md describes it to its readers.
 *
 *   0        page with the notes (struct core_notes)
 *   0x1000   ELF header, one PT_NOTE, a PT_LOAD for each range of memory
 */
#ifndef TRAPEZE_CORE_H
#define TRAPEZE_CORE_H

#include "dump.h"
#include "error.h"
#include "memory.h"
#include "types.h"

#define CORE_VERSION 1
#define CORE_NO_VECTOR 0xffffffffu	/* no exception: pages did not arrive as prepared */
#define CORE_TEXT_SIZE 2048
#define CORE_HEADER_OFFSET PAGE_SIZE

/*
 * Types of the notes that are named "Trapeze"; the first one is "CORE" with NT_PRSTATUS. Far from the small numbers,
 * which debuggers take for their own whatever the name.
 */
#define CORE_NOTE_FAULT 0x54525001
#define CORE_NOTE_TEXT 0x54525002

enum core_where { CORE_IN_SHIM, CORE_IN_SWING };

/*
 * Linux, include/linux/elfcore.h, struct elf_prstatus of x86-64; its registers in the order of struct user_regs_struct.
 */
struct core_status {
	u32 signal, signal_code, signal_errno;
	u16 current_signal, pad;
	u64 pending, held;
	u32 pid, parent, group, session;
	u64 times[8];
	u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, original_ax;
	u64 ip, cs, flags, sp, ss, fs_base, gs_base, ds, es, fs, gs;
	u32 float_valid, pad2;
} PACKED;
_Static_assert(sizeof(struct core_status) == 336, "");

/* The rest of what the dump shows. */
struct core_fault {
	u32 version, vector;
	u32 width;			/* 64, 32 or 16: the mode of the code that was interrupted */
	u32 where;			/* enum core_where */
	u32 step;			/* of a swing: enum control_step */
	u32 gdt_limit, idt_limit, tr;
	u64 error, cr0, cr2, cr3, cr4, efer, dr6, gdt_base, idt_base;
	char title[48];			/* of a swing: the image's; else the shim's step */
} PACKED;

struct core_note {
	u32 name_size, size, type;
	char name[8];
} PACKED;

struct core_notes {
	struct core_note status_note;
	struct core_status status;
	struct core_note fault_note;
	struct core_fault fault;
	struct core_note text_note;
	char text[CORE_TEXT_SIZE];	/* the dump's lines, NUL-padded */
	u32 end[3];			/* an empty note, where Linux stops reading */
} PACKED;
_Static_assert(sizeof(struct core_notes) <= CORE_HEADER_OFFSET, "");

/* What a fault is, for the record. */
struct core_report {
	const struct dump_regs *regs;
	enum core_where where;
	u32 step;
	const char *title;
	const char *text;
	u32 text_size;
};

/* Bytes for the record of a machine with that map. */
u64 core_size(const struct memmap *map);
/*
 * Compose the record in `size` bytes at `paddr`. Its memory is what `map` calls usable and `own`, the rescue image's,
 * does not. What is wrong is logged.
 */
enum err core_build(paddr_t paddr, u64 size, const struct memmap *map, const struct memmap *own) MUST_CHECK;

/*
 * core_fill.c: the notes. In the shim and in the control pages: general registers only, no heap, no static pointers.
 */
void core_fill(struct core_notes *notes, const struct core_report *report);

/*
 * Where the record's ELF header lies, for the command line of the image that is being prepared; 0: it is no rescue
 * image.
 */
void core_set_address(paddr_t header);
paddr_t core_address(void);

#endif
