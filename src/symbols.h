/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The symbol table that the net reads names from: one block without pointers, so that it can be copied anywhere, sorted
 * by address. A header, `count` entries, then the names, NUL-terminated and printable. Its reader (symbols.c) runs in the
 * control pages, where the image may have written over the table: it reads nothing outside of the given size.
 */
#ifndef TRAPEZE_SYMBOLS_H
#define TRAPEZE_SYMBOLS_H

#include "error.h"
#include "types.h"

#define SYMBOLS_MAGIC 0x736d7973u	/* "syms" */
/* With header and names: what is worth reserving under a kernel. */
#define SYMBOLS_SIZE_LIMIT MIB(1)
/* Longer names are cut. */
#define SYMBOLS_NAME_LIMIT 127u

struct symbols {
	u32 magic;
	u32 size;			/* of the block in bytes */
	u32 count;
	u32 sum;			/* over all behind `alias` */
	paddr_t base;			/* the entries' addresses count from here */
	u64 alias;			/* virtual minus physical address of the code: the image may run at either */
};

struct symbol {
	u32 start, size;		/* [base + start, base + start + size); no empty ones */
	u32 name;			/* offset in the block */
};

/* A table in memory, or none (size 0). */
struct symbol_table {
	paddr_t paddr;
	u32 size;
};

/* What is at an address. */
struct symbol_hit {
	const char *name;		/* in the table, NUL-terminated there */
	u64 offset;			/* of the address in it */
};

u32 symbols_sum(const void *table, u32 size);
/* Is `size` bytes at `table` a table, as it was made? */
bool symbols_are_whole(const void *table, u32 size);
/* Find the function at `address` in a table that is whole. */
bool symbols_find(const void *table, u64 address, struct symbol_hit *hit);

#endif
