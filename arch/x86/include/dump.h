/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The dump of an exception: at most 24 lines of 80 columns, everything decoded. One source for the shim and for the net in
 * the control pages: general registers only, no static pointers, no calls but symbols.c's and the functions at the end,
 * which each of the two provides.
 */
#ifndef TRAPEZE_DUMP_H
#define TRAPEZE_DUMP_H

#include "types.h"

/* The state at an exception, the same for every mode. */
struct dump_regs {
	u32 vector;
	u32 width;			/* 64, 32 or 16: the mode of the code that was interrupted */
	u64 error;
	u64 ax, bx, cx, dx, si, di, bp, sp;
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 ip, flags;
	u64 cr0, cr2, cr3, cr4, dr6, efer;
	u64 gdt_base, idt_base;
	u16 gdt_limit, idt_limit;
	u16 cs, ds, es, fs, gs, ss, tr;
};

/*
 * Where the machine stood: "in Trapeze, step verify", "swing, pages moving". NUL-terminated, cut at the line's end. Names
 * come from `symbols`, a table that symbols_are_whole says yes to, or NULL.
 */
void dump_print(const struct dump_regs *regs, const char *where, const void *symbols);

/*
 * An interrupt beyond the end of the interrupt table arrives as #GP, whose error code names it: make it what it is, with error
 * 1 where hardware raised it, 0 for an int instruction.
 */
void dump_find_interrupt(struct dump_regs *regs);

/* One line for an instruction of a list of them. */
void dump_print_step(u64 number, u64 ip, const void *symbols);

/* The name of a vector for a log line: "#PF page fault". Copies at most size - 1 characters. */
void dump_vector_name(u32 vector, char *buf, size_t size);

/* Provided by whoever links dump.c: one character out ("\n" as it is); may these bytes be read without a fault? */
void dump_putc(char c);
bool dump_can_read(u64 address, u64 size);

#endif
