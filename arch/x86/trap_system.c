/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "cpu.h"
#include "traps.h"

void traps_read_system(struct dump_regs *regs, bool has_efer)
{
	struct table_pointer gdt = read_gdtr(), idt = read_idtr();

	regs->width = BUILD_IS_64 ? 64 : 32;
	regs->cr0 = read_cr0();
	regs->cr2 = read_cr2();
	regs->cr3 = read_cr3();
	regs->cr4 = read_cr4();
	regs->dr6 = read_dr6();
	regs->efer = has_efer ? rdmsr(MSR_EFER) : 0;
	regs->gdt_base = gdt.base;
	regs->gdt_limit = gdt.limit;
	regs->idt_base = idt.base;
	regs->idt_limit = idt.limit;
	regs->tr = read_tr();
}
