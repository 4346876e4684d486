/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "cpu.h"
#include "traps.h"

void traps_read_frame(struct dump_regs *regs, const struct trap_frame *f)
{
	regs->vector = (u32)f->vector;
	regs->error = f->error;
	regs->ax = f->ax;
	regs->bx = f->bx;
	regs->cx = f->cx;
	regs->dx = f->dx;
	regs->si = f->si;
	regs->di = f->di;
	regs->bp = f->bp;
	regs->sp = f->sp;
	regs->r8 = f->r8;
	regs->r9 = f->r9;
	regs->r10 = f->r10;
	regs->r11 = f->r11;
	regs->r12 = f->r12;
	regs->r13 = f->r13;
	regs->r14 = f->r14;
	regs->r15 = f->r15;
	regs->ip = f->ip;
	regs->flags = f->flags;
	regs->cs = (u16)f->cs;
	regs->ss = (u16)f->ss;
	regs->ds = read_ds();
	regs->es = read_es();
	regs->fs = read_fs();
	regs->gs = read_gs();
}
