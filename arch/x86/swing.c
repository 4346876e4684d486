/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The swing, on the shim's side: control pages are made ready here; they take over at execute. */
#include "swing_build.h"

#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "fpu.h"
#include "guard.h"
#include "log.h"
#include "platform.h"
#include "real16_build.h"
#include "rescue_enter.h"
#include "traps.h"
#include "watchdog.h"

/* Return address and six arguments, the first of these 16-byte aligned; a few zero words above stop stack walkers. */
#define PROTECTED_FRAME 36

enum err arch_swing_prepare(struct swing *swing, struct memory *memory)
{
	const struct control_header *header = blob_header();
	struct arch_swing *a = swing_spare_take(swing);
	bool is_kept = a;
	enum err err = is_kept ? ERR_OK : swing_pages_make(&a, swing, memory);

	if (err)
		return err;
	swing->arch = a;
	swing->way_back = a->code + header->return64;
	swing->control_start = a->code;
	swing->control_end = a->end;
	log_info("prepare", "control pages 0x%llx..0x%llx code=%u data=%u tables=%llu%s", a->code, a->end, header->text_size,
		 header->total_size - header->text_size, (a->paging.pool.next - a->tables) / PAGE_SIZE, is_kept ? " kept" : "");
	return ERR_OK;
}

static void set_args(struct control *c, const u64 *args)
{
	c->give_args = true;
	for (u32 i = 0; i < ARRAY_COUNT(c->args); i++)
		c->args[i] = (u32)args[i];
}

static void set_entry(struct control *c, const struct arch_swing *a, const struct swing *swing)
{
	const struct entry_state *entry = &swing->plan->entry;

	c->mode = entry->mode == ENTRY_LONG ? CONTROL_MODE_LONG :
		  entry->mode == ENTRY_REAL ? CONTROL_MODE_REAL : CONTROL_MODE_PROTECTED;
	if (a->real16)
		real16_set_entry(a->real16, entry);
	c->ip = entry->ip;
	c->sp = entry->sp ? entry->sp : a->tables;
	if (entry->mode == ENTRY_PROTECTED && !entry->sp) {
		c->sp -= PROTECTED_FRAME;
		set_args(c, swing->args);
	}
	c->ax = entry->ax;
	c->bx = entry->bx;
	c->cx = entry->cx;
	c->dx = entry->dx;
	c->si = entry->si;
	c->di = entry->di;
	c->bp = entry->bp;
	c->r8 = entry->r8;
	c->r9 = entry->r9;
	/* Linux wants its code segment at 0x10, whatever the mode (Documentation/arch/x86/boot.rst, "32-bit boot protocol"). */
	if (entry->mode == ENTRY_LONG && BUILD_IS_64)
		c->tables.gdt[SEL_CODE32 / 8] = c->tables.gdt[SEL_CODE64 / 8];
}

static void set_symbols(struct control *c, const struct arch_swing *a, const struct symbol_table *symbols)
{
	if (!symbols->size)
		return;
	memcpy((void *)(uintptr_t)a->symbols, arch_phys(symbols->paddr, symbols->size), symbols->size);
	c->symbols = a->symbols;
	c->symbols_size = symbols->size;
}

static void fill_sums(const struct arch_swing *a, const struct swing *swing)
{
	struct control_sum *sums = (struct control_sum *)(uintptr_t)a->sums;

	for (u32 i = 0; i < swing->checksum_count; i++) {
		sums[i].dest = swing->checksums[i].dest;
		sums[i].size = swing->checksums[i].size;
		sums[i].sum = swing->checksums[i].sum;
		fmt_text(sums[i].name, sizeof(sums[i].name), swing->checksums[i].name);
	}
}

/* All that the swing says of itself, over the template; a->sums has its memory. */
static void fill(struct arch_swing *a, const struct swing *swing)
{
	struct control *c = a->control;

	set_entry(c, a, swing);
	set_symbols(c, a, &swing->symbols);
	c->int3 = swing->int3;
	c->flight = swing->flight;
	c->steps_left = swing->single_step;
	c->entry_flags = swing->single_step || (swing->int3 & SWING_INT3_ENTRY) ? ENTRY_EFLAGS | FLAGS_TRAP : ENTRY_EFLAGS;
	c->has_efer = arch_features.can_long_mode || arch_features.has_nx;
	c->can_wide = cpu_features.has_fxsr && cpu_features.has_sse2;
	c->returns = swing->returns;
	c->resident = swing->resident;
	c->list = swing->list.head;
	fmt_text(c->title, sizeof(c->title), swing->title);
	fill_sums(a, swing);
	c->sums = a->sums;
	c->sum_count = swing->checksum_count;
}

enum err arch_swing_arm(struct swing *swing, struct memory *memory)
{
	enum err err = swing_pages_take_sums(swing->arch, swing, memory);

	if (!err)
		fill(swing->arch, swing);
	return err;
}

static u32 flights;

u32 swing_flights(void)
{
	return flights;
}

/*
 * Into the control pages. The shim's own tables do not let them be executed; theirs map the shim as well, and control_start
 * goes back to the shim's.
 */
void swing_fly(struct arch_swing *a)
{
	uintptr_t entry = (uintptr_t)a->code + blob_header()->entry;
	reg_t host_cr3 = read_cr3();

	flights++;
	traps_set_cr3((reg_t)a->paging.root);
	write_cr3((reg_t)a->paging.root);
	control_call(entry, a->control);
	traps_set_cr3(host_cr3);
	write_cr3(host_cr3);
}

static void start_watchdog(const struct arch_swing *a, u32 limit_ms)
{
	hpet_stand_back();
	if (a->real16)
		watchdog16_start(a->real16, a->control, limit_ms);
	else
		watchdog_start(a->control, limit_ms);
}

void arch_swing_execute(struct swing *swing)
{
	struct arch_swing *a = swing->arch;
	struct control *c = a->control;

	asm volatile("cli");
	rescue_tell(c, swing->returns || swing->keep_net);
	if (!swing->returns) {
		if (a->real16)
			platform_bios_enter();
		swing_fly(a);
	}
	platform_save();
	guard_take();
	if (!swing->resident)
		start_watchdog(a, swing->watchdog_ms);
	fpu_save();
	swing_fly(a);
	fpu_restore();
	platform_restore(a->real16 ? watchdog16_stop() : watchdog_stop());
	hpet_stand_in();
	if (a->real16)
		real16_read_state(a->real16, &swing->left);
	swing->outcome = c->outcome;
	swing->result = a->real16 ? swing->left.ax : c->result;
	swing->reentry = c->reentry;
	swing->changed = c->changed | guard_restore();
	/* A kernel has memory types of its own, and sets them again. */
	if (swing->resident)
		swing->changed = 0;
	swing->call_us = c->outcome == SWING_RETURNED ? time_us_of(c->tsc_back - c->tsc_call) : 0;
	swing->swap_us = time_us_of(c->move_cycles);
	swing->check_us = time_us_of(c->check_cycles);
	swing->swapped_pages = c->swapped;
	c->text[c->text_used] = '\0';
	swing->text = c->text;
	if (c->outcome != SWING_RETURNED)
		rescue_note(c);
}

bool arch_swing_again(struct swing *swing)
{
	struct arch_swing *a = swing->arch;

	if (!swing_template_restore(a))
		return false;
	fill(a, swing);
	a->control->again = true;
	return true;
}

void arch_swing_resume(struct swing *swing)
{
	struct arch_swing *a = swing->arch;
	struct control *c = a->control;

	c->resume = true;
	c->flight = swing->flight;
	c->entry_flags = ENTRY_EFLAGS;
	c->ip = swing->reentry;
	c->sum_count = 0;	/* what the image made of its memory is its own */
	c->outcome = SWING_NONE;
	c->text_used = 0;
	c->move_cycles = c->check_cycles = 0;
	c->depth = 0;
	if (c->mode != CONTROL_MODE_LONG) {
		set_args(c, swing->args);
		return;
	}
	/* x86-64 psABI, 3.2.3: the order in which integers are passed. */
	c->di = swing->args[0];
	c->si = swing->args[1];
	c->dx = swing->args[2];
	c->cx = swing->args[3];
	c->r8 = swing->args[4];
	c->r9 = swing->args[5];
}

void arch_swing_release(struct swing *swing, struct memory *memory)
{
	struct arch_swing *a = swing->arch;

	swing->arch = NULL;
	if (a)
		swing_pages_give_back(a, memory, swing->outcome == SWING_RETURNED && !swing->changed);
}
