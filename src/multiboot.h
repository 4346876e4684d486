/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What the loaders of the two multiboot formats share. Both find a header in the kernel's first bytes, load an ELF file
 * or a flat image whose addresses the header gives, put modules on page boundaries, and hand over one block of
 * information. Sources: Multiboot Specification 0.6.96 and Multiboot2 Specification 2.0; section numbers in the files
 * refer to these.
 */
#ifndef TRAPEZE_MULTIBOOT_H
#define TRAPEZE_MULTIBOOT_H

#include "elf_file.h"
#include "handover.h"
#include "record.h"

/* What a header asks for, whichever format it has. */
struct multiboot_header {
	u64 offset;			/* of the header in the file */
	u32 flags;			/* format 1 */
	bool has_address, has_entry;
	u32 header_addr, load_addr, load_end, bss_end, entry;
	bool wants_screen, wants_text;
	u32 width, height, depth;	/* 0: no preference */
	bool needs_console;
	bool relocatable;
	u32 min, max, align, preference;
};

#define MULTIBOOT_FROM_START 0xffffffffu	/* load_addr in format 2: load the file from its first byte */
#define MULTIBOOT_PREFER_LOW 1
#define MULTIBOOT_PREFER_HIGH 2

/* Bytes of the file and the memory that they fill. */
struct multiboot_piece {
	u64 offset, file_size, mem_size;
	paddr_t dest;			/* as linked */
};

/* The ELF section header table, and the part of the file that holds sections without an address of their own. */
struct multiboot_sections {
	u32 count, entry_size, names;	/* count 0: there is none to hand over */
	bool is_64;
	u64 table;			/* offset in the file */
	u64 start, size;		/* in the file; size 0: every section is loaded anyway */
	u32 segment;			/* of these bytes in the plan */
};

struct multiboot_state {
	const char *area;		/* for the log: the loader's name */
	struct multiboot_header header;
	struct multiboot_piece *pieces;	/* malloc'd */
	u32 piece_count;
	paddr_t link_start, link_end, entry;	/* as linked */
	u32 kernel;			/* the first segment of the kernel in the plan */
	paddr_t image_stage;		/* a relocatable kernel as it will lie, 0: none */
	struct multiboot_sections sections;
	u32 first_module;
	u8 *info;			/* the block of information in its staging memory */
	paddr_t info_stage;
	u64 info_size;
	u32 info_segment;
};

static inline struct multiboot_state *multiboot_state(const struct load_request *request)
{
	return request->state;
}

/* multiboot_image.c: pieces, entry and the kernel's segments. */
enum err multiboot_plan_image(struct load_request *request) MUST_CHECK;
/* How far the kernel lies from where it is linked; the plan has been placed. */
u64 multiboot_delta(const struct load_request *request);
/* "ELF32" ...: the form of the file, for people. */
const char *multiboot_form(const struct load_request *request, const struct multiboot_header *header);

/* multiboot_sections.c */
enum err multiboot_plan_sections(struct load_request *request) MUST_CHECK;
/* The table with the addresses at which sections without one have come to lie; `out` has count * entry_size bytes. */
void multiboot_put_sections(const struct load_request *request, u8 *out);

/*
 * A block that is written from front to back; without `data` it only counts, and multiboot_reserve gives NULL, at which
 * multiboot_put does nothing: the same code measures and writes.
 */
struct multiboot_tray {
	u8 *data;
	u64 size, at;
	paddr_t base;			/* where the block will lie */
	const struct memmap *map;	/* the memory map to hand over */
};

u8 *multiboot_reserve(struct multiboot_tray *tray, u64 size, u32 align);
void multiboot_put(u8 *at, u32 offset, u32 bytes, u64 value);
/* Copies of bytes and strings; the address at which they will lie comes back. */
paddr_t multiboot_append(struct multiboot_tray *tray, const void *data, u64 size, u32 align);
paddr_t multiboot_append_text(struct multiboot_tray *tray, const char *text);
/* The address of the next byte that is reserved at this alignment. */
paddr_t multiboot_next(const struct multiboot_tray *tray, u32 align);

/* multiboot_handover.c */
typedef void multiboot_writer(const struct load_request *request, struct multiboot_tray *tray);
/* state of the format `area`, checks that hold for both; frees nothing on errors: release does. */
enum err multiboot_open(struct load_request *request, const char *area) MUST_CHECK;
/* Modules, then the block, as large as the writer says. */
enum err multiboot_plan_handover(struct load_request *request, multiboot_writer *write) MUST_CHECK;
/* Write the block with the final memory map, and set the entry state. */
enum err multiboot_finish(struct load_request *request, multiboot_writer *write, u32 magic) MUST_CHECK;
void multiboot_release(struct load_request *request);
const char *multiboot_module_text(const struct load_request *request, u32 index);
const struct plan_segment *multiboot_module(const struct load_request *request, u32 index);
/* KiB of usable memory from 0 (at most 640) and from 1 MiB on, up to the first hole. */
void multiboot_memory_sizes(const struct memmap *map, u32 *lower, u32 *upper);
/* Both formats know the types 1 to 5; everything else is reserved. */
u32 multiboot_memory_type(u32 type);
/* Note what the header wants of the screen and does not get; an error where a console is required and there is none. */
enum err multiboot_check_screen(struct load_request *request) MUST_CHECK;

/*
 * Kernels read more out of this name than a name: Xen drops the first word of every command line, as if it were a
 * file name, unless it finds "GRUB " here followed by something other than "0". Ours are without file names, as GRUB
 * 2's are.
 */
#define MULTIBOOT_LOADER_NAME "Trapeze " TRAPEZE_VERSION " (strings as of GRUB 2)"

/* multiboot_record.c: lines that test/payload/got_multiboot.c prints as well. */
struct multiboot_record {
	struct record to;
	const struct load_request *request;
};

void multiboot_record_module(const struct multiboot_record *r, u32 index);

/* multiboot1_header.c, multiboot2_header.c. Probe: NULL, or why there is no header. Parse: checks all of it, logs. */
const char *multiboot1_probe_bytes(const void *data, u64 size);
enum err multiboot1_parse(const struct blob *blob, struct multiboot_header *header) MUST_CHECK;
const char *multiboot2_probe_bytes(const void *data, u64 size);
enum err multiboot2_parse(const struct blob *blob, struct multiboot_header *header) MUST_CHECK;

/* The blocks, and what the records say of them. */
void multiboot1_write(const struct load_request *request, struct multiboot_tray *tray);
void multiboot1_record(const struct load_request *request, const struct record *to);
void multiboot2_write(const struct load_request *request, struct multiboot_tray *tray);
void multiboot2_record(const struct load_request *request, const struct record *to);

/* multiboot2_efi.c: the EFI memory map with the net's pages taken out of what is free. */
void multiboot2_write_efi_map(const struct load_request *request, struct multiboot_tray *tray);
/* What that may add to the block that was measured without a net. */
u64 multiboot2_efi_slack(const struct bootinfo *info);

#endif
