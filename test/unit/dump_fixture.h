/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the tests of the dump share: memory for it to read, its text, a register file. Once per program. */
#ifndef TEST_DUMP_FIXTURE_H
#define TEST_DUMP_FIXTURE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "../../arch/x86/dump.c"
#include "../../arch/x86/dump_interrupt.c"
#include "../../arch/x86/dump_line.c"
#include "../../arch/x86/dump_memory.c"
#include "../../arch/x86/dump_place.c"

#define SCREEN_LINES 24
/* Memory that can be read, at the same place in both widths, and below 1 MiB for real mode; what follows cannot. */
#define HIGH_START 0x50000000u
#define LOW_START 0x20000u
#define READABLE 8192u

static char out[8192];
static size_t out_used;

void dump_putc(char c)
{
	assert_true(out_used < sizeof(out) - 1);
	out[out_used++] = c;
	out[out_used] = '\0';
}

static bool is_inside(u64 address, u64 size, u64 start)
{
	return address >= start && size <= READABLE && address - start <= READABLE - size;
}

bool dump_can_read(u64 address, u64 size)
{
	return is_inside(address, size, HIGH_START) || is_inside(address, size, LOW_START);
}

static inline int map_memory(void **state)
{
	static const uintptr_t starts[] = { HIGH_START, LOW_START };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_COUNT(starts); i++) {
		u8 *p = mmap((void *)starts[i], READABLE + PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (p != (void *)starts[i] || mprotect(p + READABLE, PAGE_SIZE, PROT_NONE))
			return -1;
		for (u32 at = 0; at < READABLE; at++)
			p[at] = (u8)(at * 7 + (at >> 8));
	}
	return 0;
}

static inline void store(u64 address, unsigned int size, u64 value)
{
	memcpy((void *)(uintptr_t)address, &value, size);
}

static inline void dump_with(const struct dump_regs *regs, const char *where, const void *symbols)
{
	out_used = 0;
	out[0] = '\0';
	dump_print(regs, where, symbols);
}

static inline void dump(const struct dump_regs *regs, const char *where)
{
	dump_with(regs, where, NULL);
}

/* Any register file is one screen of printable text. */
static inline void check_shape(void)
{
	unsigned int lines = 0, column = 0;

	for (size_t i = 0; i < out_used; i++) {
		if (out[i] == '\n') {
			lines++;
			column = 0;
			continue;
		}
		assert_in_range(out[i], ' ', '~');
		assert_in_range(++column, 1, LINE_WIDTH);
	}
	assert_int_equal(column, 0);
	assert_in_range(lines, 10, SCREEN_LINES);
}

/* A register file with a different number in each place. */
static inline struct dump_regs sample(u32 vector, u32 width)
{
	u64 wide = width == 64 ? 0xffff800000000000ull : 0;

	return (struct dump_regs){
		.vector = vector, .width = width,
		.ax = wide | 0xa1a2a3a4, .bx = wide | 0xb1b2b3b4, .cx = wide | 0xc1c2c3c4, .dx = wide | 0xd1d2d3d4,
		.si = wide | 0x51525354, .di = wide | 0x61626364, .bp = 0, .sp = HIGH_START + 0x1000,
		.r8 = wide | 0x08, .r9 = wide | 0x09, .r10 = wide | 0x10, .r11 = wide | 0x11,
		.r12 = wide | 0x12, .r13 = wide | 0x13, .r14 = wide | 0x14, .r15 = wide | 0x15,
		.ip = HIGH_START + 0x100, .flags = 0x10246,
		.cr0 = 0x80010033, .cr2 = wide | 0xdeadb000, .cr3 = 0x7fe01000, .cr4 = 0x620, .efer = 0xd00,
		.gdt_base = 0x123000, .idt_base = 0x124000, .gdt_limit = 0x4f, .idt_limit = 0x1ff,
		.cs = 0x8, .ds = 0x18, .es = 0x19, .fs = 0x1a, .gs = 0x1b, .ss = 0x1c, .tr = 0x40,
	};
}

/* Line `number` (the blank first one is 0), with its newline. */
static inline void check_line(unsigned int number, const char *wanted)
{
	const char *at = out;

	while (number--)
		at = strchr(at, '\n') + 1;
	if (strncmp(at, wanted, strlen(wanted)) || at[strlen(wanted)] != '\n')
		fail_msg("wanted\n%s\nin\n%s", wanted, out);
}

#endif
