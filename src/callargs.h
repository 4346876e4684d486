/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The arguments of a called image as a line of text: integers between blanks, decimal, or hexadecimal behind 0x. */
#ifndef TRAPEZE_CALLARGS_H
#define TRAPEZE_CALLARGS_H

#include "error.h"
#include "types.h"

#define CALLARGS_MAX 6u
/* Enough for the text of any six numbers. */
#define CALLARGS_TEXT_MAX (CALLARGS_MAX * 19)

/* Returns the number of them in *count, the rest of args[] zero. What is no such integer is logged with `name`. */
enum err callargs_parse(const char *name, const char *text, u64 args[CALLARGS_MAX], u32 *count) MUST_CHECK;
/* The same numbers as text that callargs_parse reads. Returns buf. */
char *callargs_format(char *buf, size_t size, const u64 *args, u32 count);

#endif
