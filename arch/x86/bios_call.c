/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* BIOS calls: the page that the real-mode code lies in, and the machine around a call as the BIOS wants it. */
#include "bios16.h"
#include "bios_alarm.h"
#include "fpu.h"
#include "platform.h"
#include "serial.h"
#include "traps.h"
#include "x86.h"

#include <string.h>

#define IVT_ENTRY_SIZE 4
#define IVT_LIMIT 0x3ff
#define FLAGS_FIXED 0x002
#define FLAGS_GIVEN 0xcd5		/* CF PF AF ZF SF DF OF */
#define FLAGS_IF 0x200
/* Until then what the user types waits for the shim. */
#define LISTEN_MS 1000u
#define NEVER (1ull << 62)

extern char bios16_start[], bios16_end[], bios16_back[], bios16_nmi32[], bios16_nmi64[];

/* bios16.S knows it, too: below 4 GiB, so that its lower half is all of it. */
struct bios16 *bios16_page;

static u64 gate(const char *handler, u16 selector)
{
	u32 at = (u32)(uintptr_t)handler;

	return (at & 0xffff) | (u64)selector << 16 | (u64)DESC_INTERRUPT_GATE << 40 | (u64)(at >> 16) << 48;
}

void arch_bios_start(paddr_t page)
{
	struct bios16 *b = (struct bios16 *)(uintptr_t)page;
	struct cpu_tables *tables = traps_tables();

	memset(b, 0, BIOS16_SIZE);
	memcpy(b, bios16_start, (size_t)(bios16_end - bios16_start));
	b->real_offset = b->enter_real;
	b->real_segment = bios_segment(page);
	b->back_offset = (u32)(uintptr_t)bios16_back;
	b->back_selector = SEL_CODE32;
	b->gap.real = (u32)bios_segment(page) << 16 | b->nmi;
	b->gap.protected = gate(bios16_nmi32, SEL_CODE32);
	if (BUILD_IS_64)
		b->gap.long_mode[0] = gate(bios16_nmi64, SEL_CODE64);
	b->gap_idtr = (struct control_pointer){ .limit = sizeof(b->gap) - 1, .base = (uintptr_t)&b->gap };
	b->ivt_idtr.limit = IVT_LIMIT;
	b->gdtr = (struct bios16_pointer){ .limit = sizeof(tables->gdt) - 1, .base = (u32)(uintptr_t)tables->gdt };
	tables->gdt[SEL_CODE16 / 8] = desc_segment((u32)page, 0xffff, DESC_CODE, DESC_FLAGS_16);
	tables->gdt[SEL_DATA16 / 8] = desc_segment((u32)page, 0xffff, DESC_DATA, DESC_FLAGS_16);
	bios16_page = b;
	platform_bios_take();
}

static void set_call(struct bios16 *b, const struct arch_bios_target *target, const struct bios_regs *regs)
{
	u32 flags = (regs->eflags & FLAGS_GIVEN) | FLAGS_FIXED;
	u32 stack = BIOS16_SIZE - target->word_count * sizeof(*target->words);

	b->regs = *regs;
	b->kind = (u16)target->kind;
	b->vector = (u16)(target->address * IVT_ENTRY_SIZE);
	b->target = target->address;
	b->sp = (u16)stack;
	b->regs.eflags = target->kind == ARCH_BIOS_CALL32 ? flags : flags | FLAGS_IF;
	b->flags = (u16)(target->kind == ARCH_BIOS_INT ? flags : flags | FLAGS_IF);
	if (target->word_count)
		memcpy((u8 *)b + stack, target->words, target->word_count * sizeof(*target->words));
}

/* A count of milliseconds from now, as TSC. */
static u64 tsc_in(u64 now, u32 ms)
{
	return now + (u64)ms * arch_features.tsc_khz;
}

static void set_watch(struct bios16 *b, const struct arch_bios_target *target, u64 now)
{
	const struct serial_port *port = serial_current();
	bool has_port = port->present && port->config.access == CONSOLE_IO;

	b->watch.watched = target->is_watched && arch_features.tsc_khz;
	b->watch.ended = ARCH_BIOS_RETURNED;
	b->watch.keys = 0;
	b->watch.in_service = 0;
	b->watch.listen = tsc_in(now, LISTEN_MS);
	b->watch.deadline = target->limit_ms ? tsc_in(now, target->limit_ms) : NEVER;
	b->watch.uart_data = has_port ? (u16)port->config.addr : 0;
	b->watch.uart_status = has_port ? (u16)(port->config.addr + (UART_LSR_OFFSET << port->shift)) : 0;
}

/* TSC at the last call's beginning and end. */
static u64 tsc_called, tsc_done;

enum arch_bios_end arch_bios_call(const struct arch_bios_target *target, struct bios_regs *regs, u32 *left)
{
	tsc_called = rdtsc();
	set_call(bios16_page, target, regs);
	set_watch(bios16_page, target, tsc_called);
	fpu_save();
	platform_bios_enter();
	bios_alarm_set(target->is_watched ? target->limit_ms : 0);
	bios_switch(bios16_page);
	bios_alarm_stop();
	if (bios16_page->watch.ended)
		platform_bios_ended();
	platform_bios_leave();
	fpu_restore();
	*regs = bios16_page->regs;
	*left = bios16_page->watch.left;
	tsc_done = rdtsc();
	return (enum arch_bios_end)bios16_page->watch.ended;
}

void arch_bios_add_cost(struct arch_bios_cost *cost)
{
	const u64 *tsc = bios16_page->tsc;

	cost->there += tsc[BIOS16_TSC_ENTERED] - tsc_called;
	cost->bios += tsc[BIOS16_TSC_RETURNED] - tsc[BIOS16_TSC_ENTERED];
	cost->back += tsc_done - tsc[BIOS16_TSC_RETURNED];
}
