/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "tables.h"

#define TSS_IST1 9			/* in words: offset 36 (Intel SDM vol. 3, figure 7-11) */
#define TSS_IO_BASE 25

static void set_gate(u8 *idt, unsigned int vector, u64 handler, u16 selector, u8 ist)
{
	u64 *gate = (u64 *)(idt + vector * GATE_SIZE);

	gate[0] = (handler & 0xffff) | (u64)selector << 16 | (u64)ist << 32 | (u64)DESC_INTERRUPT_GATE << 40 |
		  (handler >> 16 & 0xffff) << 48;
	gate[1] = handler >> 32;
}

/* IST numbers count from one. */
static u8 stack_of(unsigned int vector)
{
	switch (vector) {
	case 2:
		return STACK_NMI + 1;
	case 8:
		return STACK_DF + 1;
	case 14:
		return STACK_PF + 1;
	case 18:
		return STACK_MC + 1;
	default:
		return STACK_COMMON + 1;
	}
}

void tables_build_width(struct cpu_tables *tables, const struct tables_config *config)
{
	u64 tss = (u64)tables->tss[0];

	for (unsigned int i = 0; i < STACK_COUNT; i++) {
		tables->tss[0][TSS_IST1 + 2 * i] = (u32)config->stack_top[i];
		tables->tss[0][TSS_IST1 + 2 * i + 1] = (u32)((u64)config->stack_top[i] >> 32);
	}
	tables->tss[0][TSS_IO_BASE] = TSS_SIZE << 16;
	tables->gdt[SEL_TSS / 8] = desc_segment((u32)tss, TSS_SIZE - 1, DESC_TSS, 0);
	tables->gdt[SEL_TSS / 8 + 1] = tss >> 32;
	for (unsigned int v = 0; v < VECTOR_STUBS; v++)
		set_gate(tables->idt, v, config->vectors + v * VECTOR_STUB_SIZE, config->code_selector, stack_of(v));
}
