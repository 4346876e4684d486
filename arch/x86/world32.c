/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "world32.h"

#include <string.h>

#include "early.h"
#include "tables.h"

/* The 32-bit task state segment, in words (Intel SDM vol. 3, figure 7-2). */
enum { T_CR3 = 7, T_EIP, T_EFLAGS, T_EBX = 13, T_ESP, T_ES = 18, T_CS, T_SS, T_DS, T_FS, T_GS, T_IO_BASE = 25 };
#define EFLAGS_FIXED 0x2
#define VECTOR_DF 8
#define TSS_BYTES (WORLD32_TSS_WORDS * 4)

static u64 task_descriptor(const u32 *tss)
{
	return desc_segment((u32)(uintptr_t)tss, TSS_BYTES - 1, DESC_TSS, 0);
}

static void build_task(struct world32 *world, const struct world32_config *config, unsigned int vector)
{
	u32 *tss = world->tss[1 + vector];
	u32 selector = WORLD32_SEL_TASK + 8 * vector;

	tss[T_CR3] = config->cr3;
	tss[T_EIP] = config->stubs + vector * WORLD32_STUB_SIZE;
	tss[T_EFLAGS] = EFLAGS_FIXED;
	tss[T_EBX] = config->control;
	tss[T_ESP] = vector == VECTOR_DF ? config->stack_df : config->stack;
	tss[T_CS] = SEL_CODE32;
	tss[T_ES] = tss[T_SS] = tss[T_DS] = tss[T_FS] = tss[T_GS] = SEL_DATA;
	tss[T_IO_BASE] = TSS_BYTES << 16;
	world->gdt[selector / 8] = task_descriptor(tss);
	if (vector < WORLD32_GATES)
		world->idt[vector] = (u64)selector << 16 | (u64)DESC_TASK_GATE << 40;
}

static u64 interrupt_gate(u32 handler)
{
	return (handler & 0xffff) | (u64)SEL_CODE32 << 16 | (u64)DESC_INTERRUPT_GATE << 40 | (u64)(handler >> 16) << 48;
}

void world32_build(struct world32 *world, const struct world32_config *config)
{
	memset(world, 0, sizeof(*world));
	world->gdt[SEL_CODE64 / 8] = desc_segment(0, 0xfffff, DESC_CODE, DESC_FLAGS_64);
	world->gdt[SEL_CODE32 / 8] = desc_segment(0, 0xfffff, DESC_CODE, DESC_FLAGS_32);
	world->gdt[SEL_DATA / 8] = desc_segment(0, 0xfffff, DESC_DATA, DESC_FLAGS_32);
	world->gdt[SEL_CODE16 / 8] = desc_segment(config->base16, 0xffff, DESC_CODE, DESC_FLAGS_16);
	world->gdt[SEL_DATA16 / 8] = desc_segment(config->base16, 0xffff, DESC_DATA, DESC_FLAGS_16);
	world->tss[0][T_CR3] = config->cr3;
	world->tss[0][T_IO_BASE] = TSS_BYTES << 16;
	world->gdt[WORLD32_SEL_MAIN / 8] = task_descriptor(world->tss[0]);
	world->gdt[WORLD32_SEL_LEAVE / 8] = task_descriptor(world->leave);
	for (unsigned int v = 0; v < WORLD32_VECTORS; v++)
		build_task(world, config, v);
	world->idt[WORLD32_VECTOR_NM] = interrupt_gate(config->stubs + WORLD32_VECTOR_NM * WORLD32_STUB_SIZE);
	world->gdt_limit = sizeof(world->gdt) - 1;
	world->gdt_base = (uintptr_t)world->gdt;
	world->idt_limit = sizeof(world->idt) - 1;
	world->idt_base = (uintptr_t)world->idt;
}
