/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * An image to be called in protected mode that switches paging on, with tables of either kind (Intel SDM vol. 3, 4.3, 4.4): all
 * addresses map to themselves but a hole.
 */
#include "pager.h"

#define CR0_PG 0x80000000u
#define CR4_PSE 0x10u
#define CR4_PAE 0x20u
#define PRESENT_WRITE 0x3u
#define LARGE 0x80u
#define MIB4_SHIFT 22
#define MIB2_SHIFT 21
#define ENTRIES 512

unsigned long _start(unsigned long pae, unsigned long what, unsigned long cycles);

static u32 directory[2 * ENTRIES] __attribute__((aligned(4096)));
static u64 pointers[4] __attribute__((aligned(32)));
static u64 directories[4 * ENTRIES] __attribute__((aligned(4096)));

static u32 build(void)
{
	for (u32 i = 0; i < 2 * ENTRIES; i++)
		directory[i] = i << MIB4_SHIFT | LARGE | PRESENT_WRITE;
	directory[PAGER_HOLE >> MIB4_SHIFT] = 0;
	return (u32)(unsigned long)directory;
}

static u32 build_pae(void)
{
	for (u32 i = 0; i < 4 * ENTRIES; i++)
		directories[i] = i << MIB2_SHIFT | LARGE | PRESENT_WRITE;
	directories[PAGER_HOLE >> MIB2_SHIFT] = 0;
	for (u32 i = 0; i < 4; i++)
		pointers[i] = (unsigned long)&directories[i * ENTRIES] | 1;
	return (u32)(unsigned long)pointers;
}

static void switch_on(u32 root, u32 bit)
{
	u32 cr0, cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | bit));
	__asm__ volatile("mov %0, %%cr3" : : "r"(root));
	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("mov %0, %%cr0" : : "r"(cr0 | CR0_PG) : "memory");
}

static void switch_off(void)
{
	u32 cr0;

	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("mov %0, %%cr0" : : "r"(cr0 & ~CR0_PG) : "memory");
}

static u64 now(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

static void wait_for(u64 cycles)
{
	u64 start = now();

	while (now() - start < cycles)
		;
}

static void act(unsigned long what, unsigned long cycles)
{
	switch (what) {
	case PAGER_UD2:
		__asm__ volatile("ud2");
		break;
	case PAGER_READ:
		(void)*(volatile u32 *)(unsigned long)PAGER_HOLE;
		break;
	case PAGER_NO_STACK:
		__asm__ volatile("mov %0, %%esp; push %0" : : "r"(PAGER_HOLE + 0x1000u));
		break;
	case PAGER_LOOP:
		for (;;)
			__asm__ volatile("cli");
	case PAGER_WAIT:
		wait_for(cycles);
		break;
	case PAGER_INT3:
		__asm__ volatile("int3");
		wait_for(cycles);
		break;
	}
}

/* Whether the page tables were its own to the end. */
unsigned long _start(unsigned long pae, unsigned long what, unsigned long cycles)
{
	u32 root = pae ? build_pae() : build(), left;

	switch_on(root, pae ? CR4_PAE : CR4_PSE);
	act(what, cycles);
	__asm__ volatile("mov %%cr3, %0" : "=r"(left));
	switch_off();
	return left == root;
}
