/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The string instructions, a machine word at a time: processors run them at full width from a few dozen bytes on. The
 * direction flag is clear, as the C ABI has it.
 */
#ifndef LIBC_REP_H
#define LIBC_REP_H

#include <stddef.h>

#ifdef __x86_64__
#define REP_WORD "q"
#else
#define REP_WORD "l"
#endif

static inline void rep_movs_words(void **to, const void **from, size_t count)
{
	__asm__ volatile("rep movs" REP_WORD : "+D"(*to), "+S"(*from), "+c"(count) : : "memory");
}

static inline void rep_movs_bytes(void **to, const void **from, size_t count)
{
	__asm__ volatile("rep movsb" : "+D"(*to), "+S"(*from), "+c"(count) : : "memory");
}

static inline void rep_stos_words(void **to, unsigned long word, size_t count)
{
	__asm__ volatile("rep stos" REP_WORD : "+D"(*to), "+c"(count) : "a"(word) : "memory");
}

static inline void rep_stos_bytes(void **to, unsigned long byte, size_t count)
{
	__asm__ volatile("rep stosb" : "+D"(*to), "+c"(count) : "a"(byte) : "memory");
}

#endif
