/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The stub that makes a bzImage of the shim (trapeze.bzimage): entered by the Linux boot protocol, it builds the
 * multiboot2 information out of the zero page, saves what lies in the shim's place, puts the shim there and enters
 * it. It runs anywhere, above 4 GiB too, without relocations. See docs/kexec.md.
 *
 * Everything is read, and checked, before the first byte outside the stub's own memory is written: the loader's page
 * tables, the zero page and all it leads to may themselves lie in the shim's place.
 */
#ifndef TRAPEZE_LINUX_STUB_H
#define TRAPEZE_LINUX_STUB_H

#include "error.h"
#include "types.h"

#define COMMAND_LINE_MAX 4095u		/* characters; the header says so too */
#define SETUP_NODES_MAX 64u
#define SETUP_NODE_MAX 4096u		/* bytes of data; longer nodes are not handed on */

/* What the loader handed over. Filled in by params_read; all of it has been found in reach. */
struct params {
	const u8 *zero_page;
	const char *command_line;	/* at most COMMAND_LINE_MAX characters and a NUL */
	paddr_t initrd_start, initrd_end;	/* equal: none */
	paddr_t setup_data;		/* the first node, or 0; the list ends, within SETUP_NODES_MAX */
	bool efi_is_virtual;		/* a Linux has set EFI's virtual addresses: no other can */
};

struct params_node {
	paddr_t next;			/* 0: the last */
	u32 type, size;
	const u8 *data;
};

/* The walk over E820's entries: zero it, set `node` to params->setup_data. */
struct params_walk {
	paddr_t node;
	u32 at;				/* next entry: of the zero page's table, then of the node's before `node` */
	bool in_nodes;
	u32 left;
	const u8 *entries;
};

struct params_e820 {
	paddr_t start, end;		/* clipped to PADDR_LIMIT */
	u32 type;
};

/* --- params.c: what is wrong is logged --- */
enum err params_read(struct params *params, paddr_t zero_page) MUST_CHECK;
/* A node of the list that params_read has seen through. */
struct params_node params_node(paddr_t at);
bool params_next_e820(const struct params *params, struct params_walk *walk, struct params_e820 *out);
/* Where the loader put the stub, and where the shim and the information are to go. */
struct params_place {
	paddr_t image, image_end;
	paddr_t start, end;
	u32 align;			/* for the message: what the stub's header asks for */
};
/* Is the place memory, and is nothing there that is still needed? */
enum err params_check_place(const struct params *params, const struct params_place *place) MUST_CHECK;
/* Is all of [start, end) memory that may be used? */
bool params_is_memory(const struct params *params, paddr_t start, paddr_t end);
u32 params_u32(const struct params *params, u32 offset);
u64 params_u64(const struct params *params, u32 offset);
/* A number whose halves stand apart. */
u64 params_halves(const struct params *params, u32 low, u32 high);

/* --- info.c: the multiboot2 information --- */

/* What was saved of [start, end), for the tag; all 0: nothing. */
struct info_saved {
	paddr_t start, end, copy;
};

/*
 * Write the information into `capacity` bytes at `data`, of a block that will lie at `paddr`. ERR_NO_ROOM (logged):
 * it does not fit.
 */
enum err info_build(const struct params *params, const struct info_saved *saved, u8 *data, u32 capacity,
		    paddr_t paddr) MUST_CHECK;

/* --- the stub alone --- */

/* phys.c: arch_phys goes this far: 4 GiB behind the 32-bit entry. */
void phys_set_limit(paddr_t limit);
/*
 * tables.c, x86_64: own page tables for the first 4 GiB and [start, end), outside of which nothing is reached any
 * more.
 */
void tables_take(paddr_t start, paddr_t end);
/* Called by the entry code. Returns the address of the information, the shim being in its place; or never. */
u32 stub_main(paddr_t zero_page, paddr_t limit);

#endif
