/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Registers as a line of text, "cs=0x1000 ip=0x100 ax=3", and as a log line of what an image left in them. */
#ifndef TRAPEZE_REGISTERS_H
#define TRAPEZE_REGISTERS_H

#include "error.h"
#include "plan.h"

/*
 * Put what the text names into *entry: ax bx cx dx si di bp sp ip flags, also with e or r before them; cs ds es fs gs ss in real
 * mode; r8 r9 in long mode. Numbers are decimal, or hexadecimal behind 0x, and must fit the mode's registers (ip and segments
 * in real mode: 16 bits). What is wrong is logged with `name`.
 */
enum err registers_parse(const char *name, const char *text, struct entry_state *entry) MUST_CHECK;

/* "0x202 [ZF IF]". Returns buf. */
char *registers_format_flags(char *buf, size_t size, u32 flags);
/* "ax=0x3 bx=0x0 ... flags=0x202 [ZF IF]": real mode's. Returns buf. */
char *registers_format(char *buf, size_t size, const struct entry_state *state);

#endif
