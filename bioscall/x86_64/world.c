/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Page tables of the image's own, since the way back from real mode loads a CR3 of 32 bits and the caller's may lie
 * above 4 GiB. With five levels on, which long mode does not let go of, there is one table more above them. Intel SDM
 * vol. 3, 4.5.
 *
 * CR8 is the local APIC's task priority: the highest holds back all that comes by vector (its timer, which Linux
 * leaves running, interrupts of other processors), since no vector of Linux's means anything to a BIOS. What waits is
 * Linux's to take afterwards. The 8259's interrupts pass (vol. 3, 10.8.3.1 and 10.8.6).
 */
#include "../machine.h"
#include "x86.h"

#define TABLE_ENTRIES 512
#define TABLE_COUNT 4			/* a gibibyte each */
#define ENTRY_TABLE 0x3			/* present, writable */
#define ENTRY_LARGE 0x83
#define LARGE_SIZE 0x200000ull
#define CR4_LA57 (1u << 12)
#define PRIORITY_HIGHEST 15ul

static u64 directories[TABLE_COUNT][TABLE_ENTRIES] __attribute__((aligned(4096)));
static u64 pointers[TABLE_ENTRIES] __attribute__((aligned(4096)));
static u64 level4[TABLE_ENTRIES] __attribute__((aligned(4096)));
static u64 level5[TABLE_ENTRIES] __attribute__((aligned(4096)));
static reg_t caller_cr3, caller_cr8;

void world_enter(void)
{
	u64 *page = directories[0];

	for (u64 i = 0; i < TABLE_COUNT * TABLE_ENTRIES; i++)
		page[i] = i * LARGE_SIZE | ENTRY_LARGE;
	for (u32 i = 0; i < TABLE_COUNT; i++)
		pointers[i] = (uintptr_t)directories[i] | ENTRY_TABLE;
	level4[0] = (uintptr_t)pointers | ENTRY_TABLE;
	level5[0] = (uintptr_t)level4 | ENTRY_TABLE;
	asm volatile("mov %%cr8, %0" : "=r"(caller_cr8));
	asm volatile("mov %0, %%cr8" : : "r"(PRIORITY_HIGHEST));
	caller_cr3 = read_cr3();
	write_cr3((uintptr_t)(read_cr4() & CR4_LA57 ? level5 : level4));
}

void world_leave(void)
{
	write_cr3(caller_cr3);
	asm volatile("mov %0, %%cr8" : : "r"(caller_cr8));
}
