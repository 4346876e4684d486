/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What the archives name and we never reach: the self tests of Mbed TLS print, its certificates ask for the date. The
 * linker wants the names; whoever does call gets an honest "nothing was done".
 */
#include <stddef.h>

#include "include/heap.h"

struct tm;

int __printf_chk(int flag, const char *fmt, ...);
int puts(const char *s);
int putchar(int c);
struct tm *gmtime_r(const void *time, struct tm *out);
void zstd_old_format(void);

int __printf_chk(int flag, const char *fmt, ...)
{
	(void)flag;
	(void)fmt;
	return -1;
}

int puts(const char *s)
{
	(void)s;
	return -1;
}

int putchar(int c)
{
	(void)c;
	return -1;
}

struct tm *gmtime_r(const void *time, struct tm *out)
{
	(void)time;
	(void)out;
	return NULL;
}

/* In place of libzstd's readers of old formats (mk/shim.mk). */
void zstd_old_format(void)
{
	heap_panic("libzstd came to a frame of an old format");
}
