/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Formatted text: %s %c %d %i %u %x %X %p %% with flags '-', '0', '+', width and precision (numbers or '*') and the
 * sizes hh h l ll z t. %p is 0x and hex digits, %s of NULL is "(null)". Nothing else is known; an unknown conversion
 * is printed as it stands and takes no argument (but for a '*' in it).
 */
#ifndef TRAPEZE_FMT_H
#define TRAPEZE_FMT_H

#include <stdarg.h>
#include "types.h"

/*
 * Write at most size - 1 characters and a NUL (nothing when size is 0); what is in the rest of the `size` bytes then, is not said.
 * Returns the length that the whole text has, as C99's snprintf does. Behind a format there has to be a word that can be read, whatever
 * is in it: there is behind every string of the program's own.
 */
size_t fmt_snprintf(char *buf, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);
size_t fmt_vput(char *buf, size_t size, bool is_printable_only, const char *fmt, va_list args) PRINTF_LIKE(4, 0);

static inline PRINTF_LIKE(3, 0) size_t fmt_vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	return fmt_vput(buf, size, false, fmt, args);
}

/* What comes by %s and %c is made printable: all but ASCII from ' ' to '~' becomes '?'. The format's own text is printable as it stands. */
static inline PRINTF_LIKE(3, 0) size_t fmt_vprintable(char *buf, size_t size, const char *fmt, va_list args)
{
	return fmt_vput(buf, size, true, fmt, args);
}

/* The same of "%s". A size of 0 is not allowed. */
size_t fmt_text(char *buf, size_t size, const char *text);

/* "00" to "99", and one of them in two bytes. */
extern const char fmt_pairs[];
static inline void fmt_put_pair(char *to, u32 number)
{
	__builtin_memcpy(to, fmt_pairs + 2 * number, 2);
}

/*
 * A number of bytes for people: "512 B", "4 KiB", "13.5 MiB", "1.3 GiB", rounded to one decimal at most. Returns buf.
 */
char *fmt_size(char *buf, size_t size, u64 bytes);

#endif
