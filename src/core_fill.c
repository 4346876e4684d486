/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "core.h"

#include <string.h>

#define SIGILL 4
#define SIGTRAP 5
#define SIGBUS 7
#define SIGFPE 8
#define SIGSEGV 11

/* What Linux would send to a program for it: debuggers show that. */
static u32 signal_of(u32 vector)
{
	if (vector == 0 || vector == 16 || vector == 19)
		return SIGFPE;
	if (vector == 1 || vector == 3)
		return SIGTRAP;
	if (vector == 6)
		return SIGILL;
	return vector == 17 || vector == CORE_NO_VECTOR ? SIGBUS : SIGSEGV;
}

static void fill_status(struct core_status *s, const struct dump_regs *r)
{
	memset(s, 0, sizeof(*s));
	s->signal = signal_of(r->vector);
	s->current_signal = (u16)s->signal;
	s->pid = 1;			/* readers take 0 for an idle processor's */
	s->r15 = r->r15;
	s->r14 = r->r14;
	s->r13 = r->r13;
	s->r12 = r->r12;
	s->bp = r->bp;
	s->bx = r->bx;
	s->r11 = r->r11;
	s->r10 = r->r10;
	s->r9 = r->r9;
	s->r8 = r->r8;
	s->ax = r->ax;
	s->cx = r->cx;
	s->dx = r->dx;
	s->si = r->si;
	s->di = r->di;
	s->original_ax = ~0ull;
	s->ip = r->ip;
	s->cs = r->cs;
	s->flags = r->flags;
	s->sp = r->sp;
	s->ss = r->ss;
	s->ds = r->ds;
	s->es = r->es;
	s->fs = r->fs;
	s->gs = r->gs;
}

static void copy_text(char *to, u32 size, const char *from, u32 length)
{
	memset(to, 0, size);
	for (u32 i = 0; i + 1 < size && i < length && from[i]; i++)
		to[i] = from[i];
}

static void fill_fault(struct core_fault *f, const struct core_report *report)
{
	const struct dump_regs *r = report->regs;

	f->version = CORE_VERSION;
	f->vector = r->vector;
	f->width = r->width;
	f->where = report->where;
	f->step = report->step;
	f->gdt_limit = r->gdt_limit;
	f->idt_limit = r->idt_limit;
	f->tr = r->tr;
	f->error = r->error;
	f->cr0 = r->cr0;
	f->cr2 = r->cr2;
	f->cr3 = r->cr3;
	f->cr4 = r->cr4;
	f->efer = r->efer;
	f->dr6 = r->dr6;
	f->gdt_base = r->gdt_base;
	f->idt_base = r->idt_base;
	copy_text(f->title, sizeof(f->title), report->title, sizeof(f->title));
}

void core_fill(struct core_notes *notes, const struct core_report *report)
{
	fill_status(&notes->status, report->regs);
	fill_fault(&notes->fault, report);
	copy_text(notes->text, sizeof(notes->text), report->text, report->text_size);
}
