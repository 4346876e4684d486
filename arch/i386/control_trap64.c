/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The net under an image that the i386 build entered in long mode. */
#include "control/control.h"
#include "cpu.h"
#include "dump.h"
#include "traps.h"

#define VECTOR_NMI 2

/* control_long.S */
void control_trap64(struct frame64 *frame);

/* Returns where the image may go on. */
void control_trap64(struct frame64 *f)
{
	struct dump_regs regs = {
		.vector = (u32)f->vector, .width = 64, .error = f->error,
		.ax = f->ax, .bx = f->bx, .cx = f->cx, .dx = f->dx, .si = f->si, .di = f->di, .bp = f->bp, .sp = f->sp,
		.r8 = f->r8, .r9 = f->r9, .r10 = f->r10, .r11 = f->r11, .r12 = f->r12, .r13 = f->r13, .r14 = f->r14,
		.r15 = f->r15, .ip = f->ip, .flags = f->flags,
		.cr0 = f->cr0, .cr2 = f->cr2, .cr3 = f->cr3, .cr4 = f->cr4, .efer = f->efer,
		.gdt_base = f->gdt_base, .gdt_limit = f->gdt_limit, .idt_base = f->idt_base, .idt_limit = f->idt_limit,
		.cs = (u16)f->cs, .ds = (u16)f->ds, .es = (u16)f->es, .fs = (u16)f->fs, .gs = (u16)f->gs, .ss = (u16)f->ss,
		.dr6 = read_dr6(), .tr = SEL_TSS,
	};

	if (regs.vector != VECTOR_NMI || control_tick())
		control_report(&regs);
	f->flags = regs.flags;
}
