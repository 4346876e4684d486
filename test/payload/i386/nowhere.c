/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Without paging every address can be read: so we turn it on, all memory mapped to itself but for the few MiB around
 * one address; with 64-bit entries where the processor has them, as whoever catches the fault is likely to have it.
 */
#include "nowhere.h"

#include "payload.h"

#define NOWHERE 0xdeadb000u
#define PRESENT_WRITABLE_LARGE 0x83u
#define PRESENT 0x01u
#define SHIFT_32 22			/* large pages: 4 MiB, Intel SDM vol. 3, 4.3 */
#define SHIFT_PAE 21			/* 2 MiB, 4.4 */
#define CPUID_PAE 0x40u
#define CR0_PAGING 0x80000000u
#define CR4_LARGE_PAGES 0x10u
#define CR4_PAE 0x20u

static union {
	u32 entries_32[1024];
	u64 entries_pae[4 * 512];
} directory __attribute__((aligned(4096)));
static u64 directory_pointers[4] __attribute__((aligned(32)));

static bool has_pae(void)
{
	u32 leaf = 1, features;

	__asm__("cpuid" : "+a"(leaf), "=d"(features) : : "ebx", "ecx");
	return features & CPUID_PAE;
}

static void start_paging(u32 cr4, const void *tables)
{
	u32 cr0;

	__asm__ volatile("movl %0, %%cr4" : : "r"(cr4));
	__asm__ volatile("movl %0, %%cr3" : : "r"(tables) : "memory");
	__asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("movl %0, %%cr0" : : "r"(cr0 | CR0_PAGING) : "memory");
}

static void start_paging_32(void)
{
	for (u32 i = 0; i < 1024; i++)
		directory.entries_32[i] = i << SHIFT_32 | PRESENT_WRITABLE_LARGE;
	directory.entries_32[NOWHERE >> SHIFT_32] = 0;
	start_paging(CR4_LARGE_PAGES, directory.entries_32);
}

static void start_paging_pae(void)
{
	for (u32 i = 0; i < 4 * 512; i++)
		directory.entries_pae[i] = (u64)i << SHIFT_PAE | PRESENT_WRITABLE_LARGE;
	directory.entries_pae[NOWHERE >> SHIFT_PAE] = 0;
	for (u32 i = 0; i < 4; i++)
		directory_pointers[i] = (u32)(directory.entries_pae + 512 * i) | PRESENT;
	start_paging(CR4_PAE, directory_pointers);
}

unsigned long find_nowhere(void)
{
	if (has_pae())
		start_paging_pae();
	else
		start_paging_32();
	return NOWHERE;
}
