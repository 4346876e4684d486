/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The C part of the control pages: runs the mover and checks what arrived. Runs on its own stack, tables and page tables;
 * nothing of the shim exists any more. General registers only, no static pointers.
 */
#include "control.h"

#include <string.h>

#include "copy.h"
#include "core.h"
#include "cpu.h"
#include "dump.h"
#include "pit.h"
#include "swing.h"

_Static_assert(SWING_RETURNED == SWING_OUTCOME_RETURNED, "");
_Static_assert(SWING_WATCHDOG == SWING_OUTCOME_WATCHDOG, "");
_Static_assert(SWING_ABORT == SWING_OUTCOME_ABORT, "");

static void set_step(struct control *control, u32 step)
{
	control->step = step;
	if (control->flight)
		*(volatile u32 *)(uintptr_t)control->flight = step + 1;
}

static void breakpoint(const struct control *control, u32 which)
{
	if (control->int3 & which)
		asm volatile("int3");
}

static void tell_mismatch(const struct control_sum *sum)
{
	control_puts("\n---- checksum mismatch at the final place: ");
	control_puts(sum->name);
	control_puts(" at 0x");
	control_put_hex(sum->dest);
	control_puts(" bytes 0x");
	control_put_hex(sum->size);
	control_puts("\n");
}

static bool same(struct mover_sum a, struct mover_sum b)
{
	return a.a == b.a && a.b == b.b;
}

struct wide {
	reg_t cr0, cr4;
};

/* An NMI's task, and the way back from it, switch the XMM registers off again: traps_report sees to that. */
static struct wide begin_wide(struct control *control)
{
	const struct wide was = { read_cr0(), read_cr4() };

	control->is_wide = true;
	write_cr4(was.cr4 | CR4_OSFXSR);
	write_cr0(was.cr0 & ~(reg_t)(CR0_EM | CR0_TS));
	return was;
}

static void end_wide(struct control *control, struct wide was)
{
	write_cr0(was.cr0);
	write_cr4(was.cr4);
	control->is_wide = false;
}

struct mover_sum control_checksum(struct control *control, u64 start, u64 size)
{
	const void *data = (const void *)(uintptr_t)start;
	struct mover_sum sum;
	struct wide was;

	if (!control->can_wide)
		return mover_checksum(data, size);
	was = begin_wide(control);
	sum = mover_checksum_wide(data, size);
	end_wide(control, was);
	return sum;
}

/* Returns false, and says so, when a segment is not what was prepared. */
static bool check_sums(struct control *control)
{
	const struct control_sum *sums = (const struct control_sum *)(uintptr_t)control->sums;
	u64 start = rdtsc();
	bool good = true;

	for (u32 i = 0; i < control->sum_count && good; i++) {
		good = same(sums[i].sum, control_checksum(control, sums[i].dest, sums[i].size));
		if (!good && !control->again)
			tell_mismatch(&sums[i]);
	}
	control->check_cycles += rdtsc() - start;
	return good;
}

static u64 move_wide(struct control *control, enum mover_mode mode)
{
	const struct wide was = begin_wide(control);
	u64 pages = mover_run_wide(0, control->list, mode, &control->progress);

	end_wide(control, was);
	return pages;
}

static u64 move(struct control *control, enum mover_mode mode)
{
	u64 start = rdtsc(), pages = 0;

	if (control->list && control->can_wide && mode != MOVER_COPY)
		pages = move_wide(control, mode);
	else if (control->list)
		pages = mover_run(0, control->list, mode, &control->progress);
	control->move_cycles += rdtsc() - start;
	return pages;
}

static enum mover_mode way_in(const struct control *control)
{
	if (!control->returns || control->resident)
		return MOVER_COPY;
	return control->resume ? MOVER_SWAP_BACK : MOVER_SWAP;
}

/* An image in protected mode finds its arguments where cdecl has them, behind the return address. */
static void give_args(const struct control *control)
{
	u32 *args = (u32 *)(uintptr_t)control->sp + 1;

	if (!control->give_args)
		return;
	for (u32 i = 0; i < ARRAY_COUNT(control->args); i++)
		args[i] = control->args[i];
}

/* A copy of what an image has no business in. A BIOS at work changes its data area. */
static void take_guards(const struct control *control)
{
	if (control->low_kept)
		copy_bytes((void *)(uintptr_t)control->low_kept, (const void *)(uintptr_t)control->low, CONTROL_LOW_SIZE);
}

static u32 check_guards(const struct control *control)
{
	const u8 *now = (const u8 *)(uintptr_t)control->low, *kept = (const u8 *)(uintptr_t)control->low_kept;
	bool is_real = control->mode == CONTROL_MODE_REAL;
	u32 changed = 0;

	if (!copy_is_same(now, kept, CONTROL_IVT_SIZE))
		changed |= SWING_CHANGED_IVT;
	if (!is_real && !copy_is_same(now + CONTROL_IVT_SIZE, kept + CONTROL_IVT_SIZE, CONTROL_BDA_SIZE))
		changed |= SWING_CHANGED_BDA;
	return changed;
}

/* Before the timer is let through (control_watch, take_timer), which takes what it has asked for until then. */
static void start_ticks(const struct control *control)
{
	if (control->lint0)
		pit_program(PIT_CH0_MODE2, control->tick_cycles);
}

u32 control_main(struct control *control)
{
	bool good;

	set_step(control, CONTROL_AT_START);
	take_guards(control);
	breakpoint(control, SWING_INT3_BEFORE);
	set_step(control, CONTROL_MOVING);
	control->swapped = move(control, way_in(control));
	if (control->resident)
		control->list = 0;
	set_step(control, CONTROL_MOVED);
	breakpoint(control, SWING_INT3_INSIDE);
	set_step(control, CONTROL_CHECKING);
	give_args(control);
	good = check_sums(control);
	if (!good && !control->returns) {
		control->fault.vector = CORE_NO_VECTOR;
		control->fault_step = control->step;
		control_give_up();
	}
	if (!good)
		control->outcome = SWING_CHECKSUM;
	set_step(control, CONTROL_BEFORE);
	breakpoint(control, good ? SWING_INT3_AFTER : 0);
	set_step(control, good ? CONTROL_ENTERING : CONTROL_BACK);
	if (good)
		start_ticks(control);
	/* Under the other modes' images lie tables that are not loaded yet. */
	if (good && control->mode == CONTROL_MODE_LONG && BUILD_IS_64)
		control_watch(true);
	return !good;
}

/*
 * An image that returned stands one word above its return address. One that called the address instead left the place where
 * it goes on on its stack: on top of its own, or where the return address was (as kexec jump does it).
 */
static u64 find_reentry(const struct control *control)
{
	u32 word = control->mode == CONTROL_MODE_LONG ? sizeof(u64) : sizeof(u32);

	if (control->outcome != SWING_RETURNED || control->mode == CONTROL_MODE_REAL || control->return_sp == control->return_slot + word ||
	    (control->return_sp & (word - 1)) || !dump_can_read(control->return_sp, word))
		return 0;
	return word == sizeof(u64) ? *(const u64 *)(uintptr_t)control->return_sp : *(const u32 *)(uintptr_t)control->return_sp;
}

void control_back(struct control *control)
{
	if (control->lost)
		control_rescue(control);
	control_watch(false);
	if (control->mode == CONTROL_MODE_REAL && control->outcome != SWING_RETURNED)
		control_explain_real();
	set_step(control, CONTROL_RETURNED);
	breakpoint(control, SWING_INT3_RETURN);
	set_step(control, CONTROL_BACK);
	control->reentry = find_reentry(control);
	move(control, MOVER_SWAP_BACK);
	set_step(control, CONTROL_AT_END);
	control->changed = check_guards(control);
	breakpoint(control, SWING_INT3_BACK);
}

/* What the compiler may call for struct copies and zeroing. */
void *memset(void *dest, int c, size_t size)
{
	void *at = dest;

	asm volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(c) : "memory");
	return dest;
}

void *memcpy(void *dest, const void *src, size_t size)
{
	void *at = dest;

	asm volatile("rep movsb" : "+D"(at), "+S"(src), "+c"(size) : : "memory");
	return dest;
}
