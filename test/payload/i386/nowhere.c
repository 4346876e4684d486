/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Without paging every address can be read: so we turn it on, all memory mapped to itself but for 4 MiB. */
#include "nowhere.h"

#include "payload.h"

#define NOWHERE 0xdeadb000u
#define LARGE_PAGE_SHIFT 22
#define PRESENT_WRITABLE_LARGE 0x83u
#define CR0_PAGING 0x80000000u
#define CR4_LARGE_PAGES 0x10u

static u32 page_directory[1024] __attribute__((aligned(4096)));

unsigned long find_nowhere(void)
{
	u32 cr0;

	for (u32 i = 0; i < 1024; i++)
		page_directory[i] = i << LARGE_PAGE_SHIFT | PRESENT_WRITABLE_LARGE;
	page_directory[NOWHERE >> LARGE_PAGE_SHIFT] = 0;
	__asm__ volatile("movl %0, %%cr4" : : "r"(CR4_LARGE_PAGES));
	__asm__ volatile("movl %0, %%cr3" : : "r"(page_directory) : "memory");
	__asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("movl %0, %%cr0" : : "r"(cr0 | CR0_PAGING) : "memory");
	return NOWHERE;
}
