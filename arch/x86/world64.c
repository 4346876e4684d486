/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "world64.h"

#include <string.h>

#include "tables.h"
#include "x86.h"

#define TSS_IST1 9			/* in words: offset 36 (Intel SDM vol. 3, figure 7-11) */
#define TSS_IO_BASE 25
#define IST_COMMON 1
#define IST_NMI 2
#define NMI_LIKE_VECTORS (1u << 2 | 1u << 8 | 1u << 18)
#define PAE_ENTRIES 4
#define TABLE_ADDRESS 0x000ffffffffff000ull
#define TABLE_PRESENT_WRITE 0x3ull
#define TSS_BYTES (WORLD64_TSS_WORDS * 4)

static void build_gdt(struct world64 *world)
{
	u64 *gdt = world->gdt;

	gdt[SEL_CODE64 / 8] = desc_segment(0, 0xfffff, DESC_CODE, DESC_FLAGS_64);
	/* The image's code selector is the one at 0x10, whatever the mode. */
	gdt[SEL_CODE32 / 8] = gdt[SEL_CODE64 / 8];
	gdt[SEL_DATA / 8] = desc_segment(0, 0xfffff, DESC_DATA, DESC_FLAGS_32);
	gdt[SEL_CODE16 / 8] = desc_segment(0, 0xffff, DESC_CODE, DESC_FLAGS_16);
	gdt[SEL_DATA16 / 8] = desc_segment(0, 0xffff, DESC_DATA, DESC_FLAGS_16);
	gdt[SEL_TSS / 8] = desc_segment((u32)(uintptr_t)world->tss, TSS_BYTES - 1, DESC_TSS, 0);
}

static void build_idt(struct world64 *world, u32 stubs)
{
	for (u32 v = 0; v < WORLD64_VECTORS; v++) {
		u64 handler = stubs + v * WORLD64_STUB_SIZE;
		u64 ist = NMI_LIKE_VECTORS >> v & 1 ? IST_NMI : IST_COMMON;

		world->idt[v][0] = (handler & 0xffff) | (u64)SEL_CODE64 << 16 | ist << 32 | (u64)DESC_INTERRUPT_GATE << 40 |
				   (handler >> 16) << 48;
		world->idt[v][1] = 0;
	}
}

/* A page directory is the same in PAE paging and in long mode; only the levels above differ (Intel SDM vol. 3, 4.4, 4.5). */
static u32 build_paging(const struct world64_config *config)
{
	u64 *top = (u64 *)(uintptr_t)config->tables, *directories = top + PAGE_SIZE / sizeof(u64);
	const u64 *pae = (const u64 *)(uintptr_t)config->pae_root;

	memset(top, 0, 2 * PAGE_SIZE);
	top[0] = (uintptr_t)directories | TABLE_PRESENT_WRITE;
	for (u32 i = 0; i < PAE_ENTRIES; i++) {
		if (pae[i])
			directories[i] = (pae[i] & TABLE_ADDRESS) | TABLE_PRESENT_WRITE;
	}
	return (u32)(uintptr_t)top;
}

void world64_build(struct world64 *world, const struct world64_config *config)
{
	memset(world, 0, sizeof(*world));
	build_gdt(world);
	build_idt(world, config->stubs);
	world->tss[TSS_IST1] = config->stack;
	world->tss[TSS_IST1 + 2] = config->stack_nmi;
	world->tss[TSS_IO_BASE] = TSS_BYTES << 16;
	world->gdt_limit = sizeof(world->gdt) - 1;
	world->gdt_base = (uintptr_t)world->gdt;
	world->idt_limit = sizeof(world->idt) - 1;
	world->idt_base = (uintptr_t)world->idt;
	world->cr3 = build_paging(config);
	world->efer = EFER_LME | (config->no_execute ? EFER_NXE : 0);
}
