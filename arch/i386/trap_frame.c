/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <string.h>

#include "cpu.h"
#include "traps.h"

/* The task state segment's saved registers, in words (Intel SDM vol. 3, figure 7-2). */
enum { TSS_EIP = 8, TSS_EFLAGS, TSS_EAX, TSS_ECX, TSS_EDX, TSS_EBX, TSS_ESP, TSS_EBP, TSS_ESI, TSS_EDI, TSS_ES, TSS_CS,
       TSS_SS, TSS_DS, TSS_FS, TSS_GS };

/* arch/i386/vectors.S */
void trap_handle_task(u32 vector, u32 error);

void traps_read_frame(struct dump_regs *regs, const struct trap_frame *f)
{
	regs->vector = f->vector;
	regs->error = f->error;
	regs->ax = f->ax;
	regs->bx = f->bx;
	regs->cx = f->cx;
	regs->dx = f->dx;
	regs->si = f->si;
	regs->di = f->di;
	regs->bp = f->bp;
	regs->sp = trap_frame_sp(f);
	regs->ip = f->ip;
	regs->flags = f->flags;
	regs->cs = (u16)f->cs;
	regs->ss = trap_frame_ss(f);
	regs->ds = read_ds();
	regs->es = read_es();
	regs->fs = read_fs();
	regs->gs = read_gs();
}

/* A task was entered: the interrupted state lies in the world's main TSS. */
void trap_handle_task(u32 vector, u32 error)
{
	u32 *tss = traps_tables()->tss[0];
	struct dump_regs regs;

	memset(&regs, 0, sizeof(regs));
	regs.vector = vector;
	regs.error = error;
	regs.ip = tss[TSS_EIP];
	regs.flags = tss[TSS_EFLAGS];
	regs.ax = tss[TSS_EAX];
	regs.bx = tss[TSS_EBX];
	regs.cx = tss[TSS_ECX];
	regs.dx = tss[TSS_EDX];
	regs.si = tss[TSS_ESI];
	regs.di = tss[TSS_EDI];
	regs.bp = tss[TSS_EBP];
	regs.sp = tss[TSS_ESP];
	regs.cs = (u16)tss[TSS_CS];
	regs.ss = (u16)tss[TSS_SS];
	regs.ds = (u16)tss[TSS_DS];
	regs.es = (u16)tss[TSS_ES];
	regs.fs = (u16)tss[TSS_FS];
	regs.gs = (u16)tss[TSS_GS];
	traps_report(&regs);
	tss[TSS_EIP] = (u32)regs.ip;
}
