/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What the test payloads share. They stand alone: nothing of the shim's own code is in here, so that what they report
 * is a second opinion. All of it is position-independent and needs nothing but general registers and a stack.
 */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;

#define NORETURN __attribute__((noreturn))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* General registers as the entry code found them and pushed them; its layout is known to entry*.S. */
struct registers {
	unsigned long ax, bx, cx, dx, si, di, bp, sp, r8, r9;
};

static inline void out8(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out32(u16 port, u32 value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 in8(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* --- print.c: text to COM1. Knows %s, %.*s, %c, %u, %08x, %llu, %llx and %%. "\n" becomes "\r\n". --- */
void print(const char *format, ...) PRINTF_LIKE(1, 2);

/*
 * --- keys.c: the end of every payload: `r` reboots, `x` leaves QEMU (isa-debug-exit), a second without a key halts.
 * ---
 */
void NORETURN wait_and_stop(void);

/* --- memory.c: what the compiler may call by itself. --- */
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);

/* --- regs.c: the line about registers at entry. --- */
void print_registers(const struct registers *registers);

#endif
