/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the files of the dump share: lines that end at column 80, and addresses with names. */
#ifndef TRAPEZE_DUMP_PRIVATE_H
#define TRAPEZE_DUMP_PRIVATE_H

#include "dump.h"
#include "symbols.h"

#define LINE_WIDTH 80
#define DUMP_EXCEPTIONS 32		/* vectors below are the processor's own */

struct dump_line {
	u32 column;
};

/* --- dump_line.c: text up to the line's width, the rest is dropped --- */
void dump_put_char(struct dump_line *line, char c);
void dump_put_text(struct dump_line *line, const char *text);
void dump_put_hex(struct dump_line *line, u64 value, u32 digits);
/* As many digits as the number has, at least one. */
u32 dump_digits_of(u64 value);
void dump_put_hex_short(struct dump_line *line, u64 value);
void dump_pad_to(struct dump_line *line, u32 column, char c);
void dump_end_line(struct dump_line *line);

static inline u32 address_digits(const struct dump_regs *regs)
{
	return regs->width == 64 ? 16 : 8;
}

/* --- dump_place.c --- */
/* An address in code as it is shown: "name+0x1f" where the table has a name for it, else a number. */
struct dump_place {
	u64 address;
	bool has_name;
	struct symbol_hit hit;
};

/*
 * A return address points behind its call, which may be the last instruction of a function that never comes back: it
 * belongs to the byte before.
 */
struct dump_place dump_find_place(const void *symbols, u64 address, bool is_return);
u32 dump_place_width(const struct dump_place *place);
/* At most `width` columns: a longer name is cut and ends in dots. */
void dump_put_place(struct dump_line *line, const struct dump_place *place, u32 width);

/* --- dump_memory.c --- */
void dump_print_code(struct dump_line *line, const struct dump_regs *regs);
void dump_print_stack(struct dump_line *line, const struct dump_regs *regs);
void dump_print_trace(struct dump_line *line, const struct dump_regs *regs, const void *symbols);

#endif
