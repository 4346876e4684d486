/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * An image to be called. Behaves well or badly, as its first argument says, on the stack that it is given. Bytes around
 * the code and a bss of some pages let the tests see whether memory comes and goes as it should.
 */
#include "callee.h"

#define BSS_BYTES (3 * 4096 + 100)

#define PIC1_DATA 0x21
#define PIC2_DATA 0xa1
#define PIT_CHANNEL_0 0x40
#define PIT_COMMAND 0x43
#define PIT_SQUARE_WAVE 0x36
#define MSR_PAT 0x277
#define PAT_OTHER 0x400
#define APIC_ICR 0xfee00300ul
#define ICR_SELF 0x40000u
#define ICR_ASSERT 0x4000u

unsigned long _start(unsigned long choice, unsigned long value, unsigned long size);

static u8 zeros[BSS_BYTES];

static unsigned long fill_bss(void)
{
	for (u32 i = 0; i < BSS_BYTES; i++) {
		if (zeros[i])
			return 0;
		zeros[i] = (u8)(i | 1);
	}
	return 1;
}

static void write_pattern(unsigned long at, unsigned long size)
{
	for (unsigned long i = 0; i < size; i++)
		*(volatile u8 *)(at + i) = (u8)(i * 7 + (i >> 8) + 1);
}

static void turn_timer_knobs(void)
{
	out8(PIC1_DATA, 0x00);
	out8(PIC2_DATA, 0x0f);
	out8(PIT_COMMAND, PIT_SQUARE_WAVE);
	out8(PIT_CHANNEL_0, 0x34);
	out8(PIT_CHANNEL_0, 0x12);
}

/* Entry 1 of the page attribute table, write-through, becomes uncached (Intel SDM vol. 3, 11.12.2). */
static unsigned long change_pat(void)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(MSR_PAT));
	__asm__ volatile("wrmsr" : : "c"(MSR_PAT), "a"(low ^ PAT_OTHER), "d"(high));
	return low;
}

/* Fixed delivery to the processor itself (Intel SDM vol. 3, 10.6.1). */
static void raise_interrupt(unsigned long vector)
{
	*(volatile u32 *)(unsigned long)APIC_ICR = ICR_SELF | ICR_ASSERT | (u32)vector;
	__asm__ volatile("sti; nop; nop; cli");
}

static void NORETURN loop(void)
{
	__asm__ volatile("cli");
	for (;;)
		__asm__ volatile("");
}

static void NORETURN halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

static void print_state(const struct entry_state *s)
{
	print("callee: flags=0x%llx cr0=0x%llx cr4=0x%llx efer=0x%llx\n", (u64)s->flags, (u64)s->cr0, (u64)s->cr4,
	      (u64)s->efer);
	print("callee: cs=0x%llx ds=0x%llx es=0x%llx fs=0x%llx gs=0x%llx ss=0x%llx\n", (u64)s->cs, (u64)s->ds,
	      (u64)s->es,
	      (u64)s->fs, (u64)s->gs, (u64)s->ss);
}

static u64 cycles_now(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

/* An empty interrupt table: whatever comes while it is loaded resets the machine. */
static void stand_bare(u64 cycles)
{
	static const struct {
		u16 limit;
		unsigned long base;
	} __attribute__((packed)) nothing;
	u64 start = cycles_now();

	__asm__ volatile("lidt %0" : : "m"(nothing));
	while (cycles_now() - start < cycles)
		;
}

static void misbehave(unsigned long choice, unsigned long value, unsigned long *slot)
{
	switch (choice) {
	case CALLEE_UD2:
		__asm__ volatile("ud2");
		break;
	case CALLEE_NOWHERE:
		callee_nowhere();
		break;
	case CALLEE_LOOP:
		loop();
	case CALLEE_NO_STACK:
		callee_no_stack();
	case CALLEE_GARBAGE:
		callee_garbage(slot, value + 0x1000);
	case CALLEE_CONTROL:
		callee_control();
		break;
	case CALLEE_TIMER:
		turn_timer_knobs();
		break;
	case CALLEE_HALT:
		halt();
	case CALLEE_JUMP:
		callee_jump();
	case CALLEE_INTERRUPT:
		raise_interrupt(value);
		break;
	case CALLEE_BARE:
		stand_bare(value);
		break;
	case CALLEE_VECTOR:
		callee_interrupt(value);
		break;
	}
}

unsigned long _start(unsigned long choice, unsigned long value, unsigned long size)
{
	unsigned long *slot = (unsigned long *)__builtin_frame_address(0) + 1;
	struct entry_state state;

	callee_read_state(&state);
	switch (choice) {
	case CALLEE_FLOAT:
		return (unsigned long)callee_float(value);
	case CALLEE_AVX:
		return callee_avx();
	case CALLEE_BSS:
		return fill_bss();
	case CALLEE_PAT:
		return change_pat();
	case CALLEE_WRITE:
		write_pattern(value, size);
		return size;
	case CALLEE_ENTRY_STATE:
		print_state(&state);
		break;
	default:
		misbehave(choice, value, slot);
	}
	return value + 0x1000;
}
