/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "real16.h"

#include <string.h>

#include "control/control.h"
#include "early.h"
#include "real16_build.h"

#define IVT_LIMIT 0x3ff
#define FLAGS_FIXED 0x2

void real16_build(paddr_t page, const struct real16_config *config)
{
	struct real16 *r = (struct real16 *)(uintptr_t)page;
	struct control *c = config->control;

	memset(r, 0, REAL16_SIZE);
	memcpy(r, config->code, config->code_size);
	r->enter_offset = r->enter_real;
	r->enter_segment = (u16)(page >> 4);
	r->leave_offset = config->back;
	r->leave_selector = SEL_CODE32;
	r->control = (u32)(uintptr_t)c;
	r->gap_limit = c->gap_idtr.limit;
	r->gap_base = (u32)c->gap_idtr.base;
	r->gdt_limit = config->gdt_limit;
	r->gdt_base = config->gdt_base;
	r->idt_limit = IVT_LIMIT;
	c->gap.real = (u32)(page >> 4) << 16 | r->nmi;
	c->real16 = (u32)page;
}

void real16_set_entry(paddr_t page, const struct entry_state *entry)
{
	struct real16 *r = (struct real16 *)(uintptr_t)page;

	r->in = (struct real16_regs){
		.ax = (u32)entry->ax, .bx = (u32)entry->bx, .cx = (u32)entry->cx, .dx = (u32)entry->dx,
		.si = (u32)entry->si, .di = (u32)entry->di, .bp = (u32)entry->bp,
		.sp = (u32)entry->sp, .flags = entry->flags | FLAGS_FIXED, .ip = (u32)entry->ip,
		.cs = entry->cs, .ds = entry->ds, .es = entry->es, .fs = entry->fs, .gs = entry->gs, .ss = entry->ss,
	};
	if (entry->sp || entry->ss)
		return;
	r->in.ss = (u16)(page >> 4);
	r->in.sp = REAL16_STACK;
}

void real16_read_state(paddr_t page, struct entry_state *state)
{
	const struct real16_regs *out = &((const struct real16 *)(uintptr_t)page)->out;

	*state = (struct entry_state){
		.mode = ENTRY_REAL,
		.ax = out->ax, .bx = out->bx, .cx = out->cx, .dx = out->dx, .si = out->si, .di = out->di, .bp = out->bp,
		.sp = out->sp, .flags = out->flags, .ip = out->ip,
		.cs = out->cs, .ds = out->ds, .es = out->es, .fs = out->fs, .gs = out->gs, .ss = out->ss,
	};
}
