/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The shim's own traps: every exception is explained on the console; a breakpoint or NMI goes on, all else stops. */
#include "traps.h"

#include "console.h"
#include "dump.h"
#include "fmt.h"
#include "log.h"
#include "probe.h"
#include "rescue_enter.h"
#include "tables.h"
#include "x86.h"

#define STACK_SIZE 8192
#define VECTOR_NMI 2
#define VECTOR_BP 3
#define VECTOR_NM 7
#define PROBED_VECTORS (1u << 6 | 1u << 13 | 1u << 14)	/* #UD, #GP, #PF */

static struct cpu_tables tables __attribute__((aligned(4096)));
static u8 stacks[STACK_COUNT][STACK_SIZE] __attribute__((aligned(16)));
static const char *step = "start";
static unsigned int depth;
static bool task_switched;		/* by an NMI: the next floating-point instruction raises #NM */

/* Provided by arch/ARCH/vectors.S. */
extern char vector_stubs[];

struct cpu_tables *traps_tables(void)
{
	return &tables;
}

void traps_init(void)
{
	struct tables_config config = {
		.vectors = (uintptr_t)vector_stubs,
		.cr3 = read_cr3(),
		.canary = (uintptr_t)canary_block,
		.code_selector = SEL_CODE_BUILD,
	};

	for (unsigned int i = 0; i < STACK_COUNT; i++)
		config.stack_top[i] = (uintptr_t)stacks[i] + STACK_SIZE;
	traps_config_width(&config);
	tables_build(&tables, &config);
	tables_load(&tables);
}

void arch_set_step(const char *name)
{
	step = name;
}

/* A line at a time to the console. */
static char line[96];
static size_t line_used;
static char text[CORE_TEXT_SIZE];	/* all of it, for the rescue image */
static u32 text_used;

void dump_putc(char c)
{
	line[line_used++] = c;
	if (text_used < sizeof(text))
		text[text_used++] = c;
	if (c == '\n' || line_used == sizeof(line)) {
		console_write(line, line_used);
		line_used = 0;
	}
}

NORETURN static void stop(void)
{
	console_puts("---- stopped; r reboots\n");
	for (;;) {
		if (console_getc() == 'r')
			arch_reboot();
		cpu_pause();
	}
}

/* The rescue image, where there is one. It may come back. */
NORETURN static void give_up(const struct dump_regs *regs)
{
	rescue_enter(&(struct core_report){
		.regs = regs, .where = CORE_IN_SHIM, .title = step, .text = text, .text_size = text_used,
	});
	stop();
}

/* i386: an NMI's task and the way back set CR0.TS behind the back of whoever was about to use the coprocessor. */
static bool is_left_over(const struct dump_regs *regs)
{
	bool is = !BUILD_IS_64 && regs->vector == VECTOR_NM && task_switched && (regs->cr0 & CR0_TS);

	if (regs->vector == VECTOR_NM)
		task_switched = false;
	return is;
}

/* An instruction that was allowed to fault: go on where its line says. */
static bool is_expected(struct dump_regs *regs)
{
	if (regs->vector >= 32 || !(PROBED_VECTORS >> regs->vector & 1))
		return false;
	for (const struct probe *p = probes_start; p < probes_end; p++) {
		if (p->at != regs->ip)
			continue;
		regs->ip = p->resume;
		probe_faulted = true;
		return true;
	}
	return false;
}

void traps_report(struct dump_regs *regs)
{
	char where[64];

	if (is_expected(regs))
		return;

	/* One dump at a time: an NMI inside another is forgotten. */
	if (regs->vector == VECTOR_NMI && depth) {
		task_switched = true;
		return;
	}
	traps_read_system(regs, arch_features.can_long_mode || arch_features.has_nx);
	dump_find_interrupt(regs);
	if (is_left_over(regs)) {
		asm volatile("clts");
		return;
	}
	/* All that is called from here on may use SSE; up to here nothing does (mk/shim.mk), so that #NM is no loop. */
	asm volatile("clts");
	depth++;
	if (depth > 2)
		arch_halt();
	if (depth > 1) {
		char name[32];

		dump_vector_name(regs->vector, name, sizeof(name));
		console_printf("\n---- %s inside the dump, ip=0x%llx address=0x%llx\n", name, regs->ip, regs->cr2);
		stop();
	}
	fmt_snprintf(where, sizeof(where), "in Trapeze, step \"%s\"", step);
	text_used = 0;
	dump_print(regs, where, NULL);
	if (regs->vector != VECTOR_BP && regs->vector != VECTOR_NMI)
		give_up(regs);
	console_puts("---- going on\n");
	console_disturb();
	if (regs->vector == VECTOR_NMI)
		task_switched = true;
	depth--;
}

void trap_handle(struct trap_frame *frame)
{
	struct dump_regs regs = { 0 };

	traps_read_frame(&regs, frame);
	traps_report(&regs);
	frame->ip = (reg_t)regs.ip;
}
