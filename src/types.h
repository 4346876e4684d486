/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Basic types and helpers that every part shares. u64 is `unsigned long long` in both builds, so that one printf format
 * ("%llx") is right everywhere.
 */
#ifndef TRAPEZE_TYPES_H
#define TRAPEZE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int32_t s32;

/* A physical address: 64 bits wide in both builds. Ranges of them are half open: [start, end). */
typedef u64 paddr_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096u
#define PAGE_MASK ((u64)PAGE_SIZE - 1)
#define KIB(n) ((u64)(n) << 10)
#define MIB(n) ((u64)(n) << 20)
#define GIB(n) ((u64)(n) << 30)

/* No x86 processor addresses more than 52 bits of physical memory (Intel SDM vol. 3, 4.1.4). */
#define PADDR_LIMIT ((paddr_t)1 << 52)

#define ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MUST_CHECK __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))
#define PACKED __attribute__((packed))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

static inline u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

static inline u64 max_u64(u64 a, u64 b)
{
	return a > b ? a : b;
}

/* `align` is a power of two. The caller knows that v + align does not wrap; untrusted values: align_up_checked. */
static inline u64 align_up(u64 v, u64 align)
{
	return (v + align - 1) & ~(align - 1);
}

static inline u64 align_down(u64 v, u64 align)
{
	return v & ~(align - 1);
}

static inline bool align_up_checked(u64 v, u64 align, u64 *out)
{
	return !__builtin_add_overflow(v, align - 1, out) && ((*out &= ~(align - 1)), true);
}

static inline bool is_power_of_two(u64 v)
{
	return v && !(v & (v - 1));
}

/* Do the half-open ranges [a, a_end) and [b, b_end) share a byte? Empty ranges share none. */
static inline bool ranges_overlap(u64 a, u64 a_end, u64 b, u64 b_end)
{
	return a < b_end && b < a_end && a < a_end && b < b_end;
}

#endif
