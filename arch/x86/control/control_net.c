/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The net: explains what goes wrong while the shim is away, and takes a called image back from it. */
#include "control.h"
#include "cpu.h"
#include "dump.h"
#include "swing.h"
#include "symbols.h"
#include "traps.h"

#define VECTOR_DB 1
#define VECTOR_NMI 2
#define VECTOR_BP 3
#define VECTOR_NM 7
#define DR6_SINGLE_STEP 0x4000

/* A 32-bit task state segment, in words (Intel SDM vol. 3, figure 7-2). */
enum { T_EIP = 8, T_EFLAGS, T_EAX, T_ECX, T_EDX, T_EBX, T_ESP, T_EBP, T_ESI, T_EDI, T_ES, T_CS, T_SS, T_DS, T_FS, T_GS };

static char *append(char *at, const char *end, const char *text)
{
	while (*text && at < end)
		*at++ = *text++;
	*at = '\0';
	return at;
}

struct cpu_tables *traps_tables(void)
{
	return &control_data.tables;
}

/* The image may have written over its names. */
static const void *names(void)
{
	const struct control *c = &control_data;
	const void *table = (const void *)(uintptr_t)c->symbols;

	return dump_can_read(c->symbols, c->symbols_size) && symbols_are_whole(table, c->symbols_size) ? table : NULL;
}

static void print(const struct dump_regs *regs)
{
	char where[72], *at = where;
	const char *end = where + sizeof(where) - 1;

	at = append(at, end, control_step_text(control_data.step, control_data.returns));
	at = append(at, end, "\"");
	at = append(at, end - 1, control_data.title);
	append(at, end, "\"");
	dump_print(regs, where, names());
}

/* Can the image be taken back from this? Only what happens inside a called one. */
static bool can_unwind(const struct control *c)
{
	return c->returns && c->step == CONTROL_ENTERING;
}

void control_explain(const struct dump_regs *regs)
{
	struct control *c = &control_data;

	if (++c->depth > 1) {
		control_puts("\n---- another fault inside the dump, vector 0x");
		control_put_hex(regs->vector);
		control_puts(" ip 0x");
		control_put_hex(regs->ip);
		control_puts("\n");
	} else {
		if (c->outcome == SWING_WATCHDOG)
			control_puts("\n---- the watchdog's time is over; the image stood here:");
		else if (c->outcome == SWING_ABORT)
			control_puts("\n---- Ctrl-C three times; the image stood here:");
		print(regs);
		c->fault = *regs;
		c->fault_step = c->step;
	}
}

/* The image's last instruction has run: back to the shim, or stop. */
NORETURN static void end_image(u32 vector)
{
	struct control *c = &control_data;

	c->fault_vector = vector;
	if (!can_unwind(c))
		control_give_up();
	c->depth = 0;
	if (c->outcome == SWING_NONE)
		c->outcome = SWING_FAULT;
	control_unwind();
}

static void take_timer(void)
{
	outb(PIC1_COMMAND, PIC_POLL);
	(void)inb(PIC1_COMMAND);
	outb(PIC1_COMMAND, PIC_EOI);
}

void control_watch(bool on)
{
	if (!control_data.lint0)
		return;
	if (on)
		take_timer();
	*(volatile u32 *)(uintptr_t)control_data.lint0 = on ? LINT0_NMI : LINT0_NMI_MASKED;
}

bool control_tick(void)
{
	struct control *c = &control_data;
	u8 key;

	if (!c->tick_limit)
		return false;
	take_timer();
	/* One that was latched while a dump was printed comes when the image has ended already. */
	if (c->step != CONTROL_ENTERING || c->outcome != SWING_NONE)
		return false;
	if (control_key(&key))
		c->abort_keys = key == KEY_ABORT ? c->abort_keys + 1 : 0;
	if (c->abort_keys >= ABORT_PRESSES)
		c->outcome = SWING_ABORT;
	else if (++c->ticks >= c->tick_limit)
		c->outcome = SWING_WATCHDOG;
	return c->outcome != SWING_NONE;
}

/* One instruction of those that are listed; before the first one, the dump at the entry. */
static void take_step(struct dump_regs *regs)
{
	struct control *c = &control_data;

	write_dr6(0);			/* the processor only ever sets its bits */
	if (!c->steps && (c->int3 & SWING_INT3_ENTRY)) {
		control_explain(regs);
		control_puts("---- at the entry; going on\n");
		c->depth--;
	}
	if (c->steps_left) {
		c->steps_left--;
		dump_print_step(c->steps + 1, regs->ip, names());
	}
	c->steps++;
	if (!c->steps_left)
		regs->flags &= ~(u64)FLAGS_TRAP;
}

/* The image itself may set its trap flag: that is no step of ours. */
static bool is_step(const struct control *c, const struct dump_regs *regs)
{
	return regs->vector == VECTOR_DB && (regs->dr6 & DR6_SINGLE_STEP) && c->step == CONTROL_ENTERING &&
	       (c->entry_flags & FLAGS_TRAP) && (!c->steps || c->steps_left);
}

void control_report(struct dump_regs *regs)
{
	struct control *c = &control_data;

	dump_find_interrupt(regs);
	if (is_step(c, regs)) {
		take_step(regs);
		return;
	}
	if (regs->vector != VECTOR_BP && can_unwind(c)) {
		control_watch(false);
		if (c->outcome == SWING_NONE)
			c->outcome = SWING_FAULT;
	}
	control_explain(regs);
	if (regs->vector != VECTOR_BP)
		end_image(regs->vector);
	control_puts("---- breakpoint; going on\n");
	c->depth--;
}

void traps_report(struct dump_regs *regs)
{
	if (regs->vector == VECTOR_NMI && !control_tick())
		return;
	/* i386: an NMI is a task, and each switch of tasks sets CR0.TS (Intel SDM vol. 3, 7.3). */
	if (regs->vector == VECTOR_NM && control_data.is_wide) {
		asm volatile("clts");
		return;
	}
	traps_read_system(regs, control_data.has_efer);
	control_report(regs);
}

void trap_handle(struct trap_frame *frame)
{
	struct dump_regs regs;

	traps_read_frame(&regs, frame);
	traps_report(&regs);
	frame->flags = (reg_t)regs.flags;
}

/* #NM came by an interrupt gate first: its frame lies on the image's stack. */
static void undo_interrupt(struct dump_regs *regs)
{
	const u32 *frame = (const u32 *)(uintptr_t)regs->sp;

	regs->vector = WORLD32_VECTOR_NM;
	if (!dump_can_read(regs->sp, 3 * sizeof(*frame)))
		return;
	regs->ip = frame[0];
	regs->flags = frame[2];
	regs->sp += 3 * sizeof(*frame);
}

void control_trap32(void)
{
	struct control *c = &control_data;
	struct world32 *world = (struct world32 *)(uintptr_t)c->world32;
	u32 *tss = world->main;
	struct dump_regs regs = {
		.vector = c->fault_vector, .width = 32, .error = c->fault_error,
		.ax = tss[T_EAX], .bx = tss[T_EBX], .cx = tss[T_ECX], .dx = tss[T_EDX],
		.si = tss[T_ESI], .di = tss[T_EDI], .bp = tss[T_EBP], .sp = tss[T_ESP],
		.ip = tss[T_EIP], .flags = tss[T_EFLAGS],
		.cr0 = c->fault_cr0, .cr2 = c->fault_cr2, .cr3 = c->fault_cr3, .cr4 = c->fault_cr4,
		.dr6 = read_dr6(),
		.gdt_base = world->gdt_base, .gdt_limit = world->gdt_limit,
		.idt_base = world->idt_base, .idt_limit = world->idt_limit,
		.cs = (u16)tss[T_CS], .ds = (u16)tss[T_DS], .es = (u16)tss[T_ES],
		.fs = (u16)tss[T_FS], .gs = (u16)tss[T_GS], .ss = (u16)tss[T_SS], .tr = WORLD32_SEL_MAIN,
	};

	if (regs.vector == WORLD32_VECTOR_EMULATE)
		undo_interrupt(&regs);
	control_report(&regs);
	world32_set_task(world, regs.vector);
	tss[T_EFLAGS] = (u32)regs.flags;
}
