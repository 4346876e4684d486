/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "tables.h"

#include "cpu.h"

/* The 32-bit task state segment, in words (Intel SDM vol. 3, figure 7-2). */
enum { TSS_CR3 = 7, TSS_EIP, TSS_EFLAGS, TSS_EAX, TSS_ESP = 14, TSS_ES = 18, TSS_CS, TSS_SS, TSS_DS, TSS_FS, TSS_GS, TSS_IO_BASE = 25 };
#define EFLAGS_FIXED 0x2

static void set_gate(u8 *idt, unsigned int vector, u32 handler, u16 selector, u8 type)
{
	u32 *gate = (u32 *)(idt + vector * GATE_SIZE);

	gate[0] = (handler & 0xffff) | (u32)selector << 16;
	gate[1] = (u32)type << 8 | (handler & 0xffff0000u);
}

static void set_task(struct cpu_tables *tables, const struct tables_config *config, unsigned int number, unsigned int vector,
		     u16 selector, uintptr_t entry, uintptr_t stack)
{
	u32 *tss = tables->tss[number];

	tss[TSS_CR3] = config->cr3;
	tss[TSS_EIP] = entry;
	tss[TSS_EFLAGS] = EFLAGS_FIXED;
	tss[TSS_ESP] = stack;
	tss[TSS_CS] = config->code_selector;
	tss[TSS_ES] = tss[TSS_SS] = tss[TSS_DS] = tss[TSS_FS] = SEL_DATA;
	tss[TSS_GS] = SEL_CANARY;
	tss[TSS_IO_BASE] = TSS_SIZE << 16;
	tables->gdt[selector / 8] = desc_segment((u32)tss, TSS_SIZE - 1, DESC_TSS, 0);
	set_gate(tables->idt, vector, 0, selector, DESC_TASK_GATE);
}

void tables_build_width(struct cpu_tables *tables, const struct tables_config *config)
{
	tables->tss[0][TSS_CR3] = config->cr3;
	tables->tss[0][TSS_IO_BASE] = TSS_SIZE << 16;
	tables->gdt[SEL_TSS / 8] = desc_segment((u32)tables->tss[0], TSS_SIZE - 1, DESC_TSS, 0);
	for (unsigned int v = 0; v < VECTOR_STUBS; v++)
		set_gate(tables->idt, v, config->vectors + v * VECTOR_STUB_SIZE, config->code_selector, DESC_INTERRUPT_GATE);
	set_task(tables, config, 1, 8, SEL_TSS_DF, config->task_df, config->stack_top[STACK_DF]);
	set_task(tables, config, 2, 2, SEL_TSS_NMI, config->task_nmi, config->stack_top[STACK_NMI]);
	set_task(tables, config, 3, 14, SEL_TSS_PF, config->task_pf, config->stack_top[STACK_PF]);
}
