/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The net's words about an image in real mode, which nothing but the watchdog ends. */
#include "control.h"
#include "dump.h"
#include "real16.h"

#define VECTOR_NMI 2

void control_explain_real(void)
{
	struct control *c = &control_data;
	const struct real16 *r = (const struct real16 *)(uintptr_t)c->real16;
	const struct real16_regs *left = &r->out;
	const struct dump_regs regs = {
		.vector = VECTOR_NMI, .width = 16,
		.ax = left->ax, .bx = left->bx, .cx = left->cx, .dx = left->dx, .si = left->si, .di = left->di, .bp = left->bp,
		.sp = left->sp, .ip = left->ip, .flags = left->flags, .cr0 = r->watch.cr0, .cr4 = r->watch.cr4,
		.gdt_base = r->watch.gdt_base, .gdt_limit = r->watch.gdt_limit, .idt_base = r->idt_base, .idt_limit = r->idt_limit,
		.cs = left->cs, .ds = left->ds, .es = left->es, .fs = left->fs, .gs = left->gs, .ss = left->ss,
	};

	control_explain(&regs);
	c->depth = 0;
}
