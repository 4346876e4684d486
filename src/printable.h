/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Foreign text made fit for a terminal and for a log that is read by the line. */
#ifndef TRAPEZE_PRINTABLE_H
#define TRAPEZE_PRINTABLE_H

#include "types.h"

/* Printable ASCII, the blank included. Everything else may steer a terminal or pass for what it is not. */
static inline bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

/*
 * Copy `length` bytes of text into buf[size] (at least 5) with a NUL: what is not printable as \xNN, what does not fit
 * cut off and marked with "...". Returns buf.
 */
char *printable(char *buf, size_t size, const char *text, size_t length);

#endif
