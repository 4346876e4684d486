/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* From an ELF file's symbols to the net's table. */
#ifndef TRAPEZE_ELF_SYMBOLS_H
#define TRAPEZE_ELF_SYMBOLS_H

#include "elf_file.h"
#include "symbols.h"

/*
 * Make the table of a file that has been parsed, in staging memory that the caller releases (elf_symbols_release):
 * functions, and global labels in code, at the addresses that the segments' `paddr` gives. Uses .symtab, else .dynsym. A
 * file without symbols, with damaged ones or no memory left give no table (size 0) and at most a line in the log: an
 * image boots without.
 */
void elf_symbols_make(const struct elf_file *file, struct memory *memory, struct symbol_table *table);
/* The image lies `bias` bytes above the addresses that the table was made with. */
void elf_symbols_move(const struct symbol_table *table, u64 bias);
void elf_symbols_release(struct symbol_table *table, struct memory *memory);

#endif
