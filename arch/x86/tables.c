/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "tables.h"

#include <string.h>

#include "cpu.h"

void tables_build(struct cpu_tables *tables, const struct tables_config *config)
{
	u64 *gdt = tables->gdt;

	memset(tables, 0, sizeof(*tables));
	gdt[SEL_CODE64 / 8] = desc_segment(0, 0xfffff, DESC_CODE, DESC_FLAGS_64);
	gdt[SEL_CODE32 / 8] = desc_segment(0, 0xfffff, DESC_CODE, DESC_FLAGS_32);
	gdt[SEL_DATA / 8] = desc_segment(0, 0xfffff, DESC_DATA, DESC_FLAGS_32);
	gdt[SEL_CODE16 / 8] = desc_segment(0, 0xffff, DESC_CODE, DESC_FLAGS_16);
	gdt[SEL_DATA16 / 8] = desc_segment(0, 0xffff, DESC_DATA, DESC_FLAGS_16);
	gdt[SEL_CANARY / 8] = desc_segment((u32)config->canary, 0xfffff, DESC_DATA, DESC_FLAGS_32);
	tables_build_width(tables, config);
}

void tables_load(struct cpu_tables *tables)
{
	struct table_pointer gdt = { .limit = sizeof(tables->gdt) - 1, .base = (reg_t)tables->gdt };
	struct table_pointer idt = { .limit = sizeof(tables->idt) - 1, .base = (reg_t)tables->idt };

	asm volatile("lgdt %0" : : "m"(gdt));
	cpu_reload_segments();
	asm volatile("lidt %0" : : "m"(idt));
	asm volatile("lldt %0" : : "r"((u16)0));
	asm volatile("ltr %0" : : "r"((u16)SEL_TSS));
}
