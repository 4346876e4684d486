/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Calls that a manifest spells out, once or many times with a look at what they change. */
#include <string.h>

#include "arch.h"
#include "bios_private.h"
#include "bios_state.h"
#include "div.h"
#include "fmt.h"
#include "log.h"
#include "manifest.h"
#include "registers.h"

#define LINE_BYTES 16u
#define DUMPED_MAX 512u
#define TEXT_SIZE 192

static enum err read_registers(const struct manifest_bios_call *call, struct bios_regs *regs)
{
	struct entry_state state = { .mode = ENTRY_REAL };
	enum err err = registers_parse(call->name, call->registers, &state);

	if (!err && (state.cs || state.ip || state.ss || state.sp)) {
		log_err("bios", "%s: cs, ip, ss and sp are the call's own", call->name);
		err = ERR_VALUE;
	}
	*regs = (struct bios_regs){
		.eax = (u32)state.ax, .ebx = (u32)state.bx, .ecx = (u32)state.cx, .edx = (u32)state.dx, .esi = (u32)state.si,
		.edi = (u32)state.di, .ebp = (u32)state.bp, .ds = state.ds, .es = state.es, .fs = state.fs, .gs = state.gs,
		.eflags = (u32)state.flags,
	};
	return err;
}

static void log_registers(const struct manifest_bios_call *call, const char *what, const struct bios_regs *regs)
{
	const struct entry_state state = {
		.mode = ENTRY_REAL, .ax = regs->eax, .bx = regs->ebx, .cx = regs->ecx, .dx = regs->edx,
		.si = regs->esi, .di = regs->edi, .bp = regs->ebp, .ds = regs->ds, .es = regs->es, .flags = regs->eflags,
	};
	char text[TEXT_SIZE];

	log_info("bios", "%s: %s %s", call->name, what, registers_format(text, sizeof(text), &state));
}

/* Lines of nothing but zeros are left out. */
static void dump(const struct manifest_bios_call *call, const u8 *bytes)
{
	u32 size = (u32)min_u64(call->buffer_size, DUMPED_MAX);
	char text[3 * LINE_BYTES + 1];

	for (u32 at = 0; at < size; at += LINE_BYTES) {
		bool blank = true;

		for (u32 i = 0; i < LINE_BYTES && at + i < size; i++) {
			fmt_snprintf(text + 3 * i, 4, " %02x", bytes[at + i]);
			blank = blank && !bytes[at + i];
		}
		if (!blank)
			log_info("bios", "%s: buffer %04x:%s", call->name, at, text);
	}
}

static enum err call_once(const struct manifest_bios_call *call, struct bios_regs *regs)
{
	if (call->has_vector)
		return bios_int((u8)call->target, regs);
	return bios_far_call((u16)(call->target >> 16), (u16)call->target, regs, NULL, 0);
}

/* The first call's results count; all later ones must be like it in what nobody is to change. */
static enum err repeat(const struct machine *machine, const struct manifest_bios_call *call, const struct bios_regs *given)
{
	struct bios_state before, after;
	struct arch_bios_cost cost = { 0 };
	u64 start, us;
	enum err err = ERR_OK;
	u32 i;

	bios_state_take(machine, &before);
	start = arch_time_us();
	for (i = 0; i < call->rounds && !err; i++) {
		struct bios_regs regs = *given;

		err = call_once(call, &regs);
		arch_bios_add_cost(&cost);
	}
	us = arch_time_us() - start;
	bios_state_take(machine, &after);
	if (err)
		return err;
	log_info("bios", "%s: rounds=%u us=%llu there=%llu bios=%llu back=%llu unit=cycles/round", call->name, i, us,
		 div_u64_u32(cost.there, i, NULL), div_u64_u32(cost.bios, i, NULL), div_u64_u32(cost.back, i, NULL));
	return bios_state_compare(call->name, &before, &after);
}

static enum err report(const struct manifest_bios_call *call, const struct bios_regs *regs)
{
	log_registers(call, "out", regs);
	if (!bios_carry(regs))
		return ERR_OK;
	if (call->has_vector)
		log_err("bios", "%s: int 0x%02x failed ah=0x%02x \"%s\"", call->name, call->target, bios_ah(regs),
			bios_error_text((u8)call->target, bios_ah(regs)));
	else
		log_err("bios", "%s: %04x:%04x came back with carry", call->name, call->target >> 16, call->target & 0xffff);
	return ERR_DEVICE;
}

static enum err call_with_buffer(const struct machine *machine, const struct manifest_bios_call *call,
				 struct bios_regs *given, u8 *bytes)
{
	struct bios_regs regs = *given;
	enum err err;

	log_registers(call, "in ", given);
	err = call_once(call, &regs);
	if (err)
		return err;
	err = report(call, &regs);
	if (bytes)
		dump(call, bytes);
	if (!err && call->rounds > 1)
		err = repeat(machine, call, given);
	return err;
}

enum err bios_custom_run(const struct machine *machine, const struct manifest_bios_call *call)
{
	struct bios_regs regs;
	paddr_t buffer = 0;
	u8 *bytes = NULL;
	enum err err = read_registers(call, &regs);

	if (!err && call->buffer_size)
		err = bios_buffer(call->buffer_size, &buffer);
	if (err)
		return err;
	if (call->buffer_size) {
		bytes = arch_phys(buffer, call->buffer_size);
		if (call->data_size)
			memcpy(bytes, call->data, call->data_size);
		bios_pointer_set(call->pointer, &regs, buffer);
	}
	bios_set_limit(call->watchdog_ms);
	err = call_with_buffer(machine, call, &regs, bytes);
	bios_set_limit(0);
	if (buffer)
		bios_release(buffer);
	return err;
}
