/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#ifndef LIBC_STDLIB_H
#define LIBC_STDLIB_H

#include <stddef.h>

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *p, size_t size);
void free(void *p);

/* Base 0 knows "0x" and a leading "0"; out of range gives the largest value. There is no errno. */
unsigned long strtoul(const char *s, char **end, int base);
unsigned long long strtoull(const char *s, char **end, int base);

/* A heap sort: in place, never quadratic, not stable. */
void qsort(void *items, size_t count, size_t size, int (*compare)(const void *a, const void *b));

#endif
