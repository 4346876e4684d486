/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * BIOS calls: code, state and stack in conventional memory. bios16_start to bios16_end is copied there once; struct bios16 is
 * its first bytes. The code reaches its own page by its code segment, whose value is the page's address / 16.
 */
#ifndef TRAPEZE_BIOS16_H
#define TRAPEZE_BIOS16_H

/* Offsets in struct bios16; checked below. */
#define BIOS16_REGS 16
#define BIOS16_KIND 56
#define BIOS16_VECTOR 58		/* its place in the interrupt table */
#define BIOS16_TARGET 60
#define BIOS16_SP 64
#define BIOS16_FLAGS 66
#define BIOS16_REAL 68			/* far pointers, offset first */
#define BIOS16_BACK 72
#define BIOS16_GAP_IDTR 80
#define BIOS16_IVT_IDTR 96
#define BIOS16_GDTR 104
#define BIOS16_HOST_IDTR 112
#define BIOS16_HOST_SP 128
#define BIOS16_HOST_CR0 136
#define BIOS16_HOST_CR3 144
#define BIOS16_HOST_CR4 152
#define BIOS16_HOST_EFER 160
#define BIOS16_HOST_BASE 168
#define BIOS16_TSC 176
/* struct bios16_watch */
#define BIOS16_WATCH 240
#define BIOS16_DEADLINE (BIOS16_WATCH + 0)
#define BIOS16_LISTEN (BIOS16_WATCH + 8)
#define BIOS16_OLD_TICK (BIOS16_WATCH + 16)
#define BIOS16_LEFT (BIOS16_WATCH + 20)
#define BIOS16_UART_DATA (BIOS16_WATCH + 24)
#define BIOS16_UART_STATUS (BIOS16_WATCH + 26)
#define BIOS16_KEYS (BIOS16_WATCH + 28)
#define BIOS16_ENDED (BIOS16_WATCH + 30)
#define BIOS16_WATCHED (BIOS16_WATCH + 31)
#define BIOS16_OLD_NMI (BIOS16_WATCH + 32)
#define BIOS16_IN_SERVICE (BIOS16_WATCH + 36)
#define BIOS16_HEADER_SIZE 280

/* In struct bios_regs (bios.h). */
#define BIOS16_EAX 0
#define BIOS16_EBX 4
#define BIOS16_ECX 8
#define BIOS16_EDX 12
#define BIOS16_ESI 16
#define BIOS16_EDI 20
#define BIOS16_EBP 24
#define BIOS16_DS 28
#define BIOS16_ES 30
#define BIOS16_FS 32
#define BIOS16_GS 34
#define BIOS16_EFLAGS 36

/* enum arch_bios_kind */
#define BIOS16_INT 0
#define BIOS16_CALL32 2

/* enum arch_bios_end */
#define BIOS16_TIMEOUT 1
#define BIOS16_ABORTED 2
#define BIOS16_STUCK 3

#define BIOS16_SIZE 8192		/* with the stack, whose top is its end */
#define BIOS16_CR0_REAL 0x10		/* ET: as after a reset, but with caches on */
#define BIOS16_CR0_PE 0x1

/* What a call's parts took: where the TSC is read. */
#define BIOS16_TSC_ENTERED 0		/* just before the BIOS */
#define BIOS16_TSC_RETURNED 1		/* just behind it */

#ifndef __ASSEMBLER__
#include "arch.h"
#include "bios.h"
#include "control/control.h"

struct bios16_pointer {			/* lgdt's operand in 16- and 32-bit code, padded */
	u16 limit;
	u32 base;
	u16 pad;
} PACKED;

/*
 * While a call is watched, the timer's interrupt vector leads to the page: it looks here 18 times a second. So does that of NMIs: one
 * that comes beyond the deadline ends the call (bios_alarm.h).
 */
struct bios16_watch {
	u64 deadline, listen;		/* TSC: the end of the call, and from when on the abort key counts */
	u32 old_tick;			/* far pointer: the BIOS's own handler */
	u32 left;			/* far pointer: where a call was that was ended */
	u16 uart_data, uart_status;	/* ports; 0: no abort key */
	u16 keys;			/* the last ones that were abort keys */
	u8 ended;			/* enum arch_bios_end */
	u8 watched;
	u32 old_nmi;			/* as old_tick */
	u8 in_service;			/* a 32-bit one */
	u8 pad[3];
};

struct bios16 {
	u16 enter_pm, enter_real, nmi;	/* offsets of code, by the assembler */
	u16 pad[5];
	struct bios_regs regs;
	u16 kind, vector;
	u32 target;
	u16 sp, flags;
	u16 real_offset, real_segment;	/* enter_real, as it lies */
	u32 back_offset;		/* bios16_back in the shim */
	u16 back_selector, pad2;
	struct control_pointer gap_idtr;
	u8 pad3[6];
	struct bios16_pointer ivt_idtr, gdtr;
	struct control_pointer host_idtr;
	u8 pad4[6];
	u64 host_sp, host_cr0, host_cr3, host_cr4, host_efer, host_base;
	u64 tsc[2];
	struct gap_table gap;
	struct bios16_watch watch;
} PACKED __attribute__((aligned(8)));

_Static_assert(sizeof(struct bios16) == BIOS16_HEADER_SIZE && ARCH_BIOS_SIZE == BIOS16_SIZE, "");
_Static_assert(offsetof(struct bios16, regs) == BIOS16_REGS && offsetof(struct bios16, kind) == BIOS16_KIND, "");
_Static_assert(offsetof(struct bios16, vector) == BIOS16_VECTOR && offsetof(struct bios16, target) == BIOS16_TARGET, "");
_Static_assert(offsetof(struct bios16, sp) == BIOS16_SP && offsetof(struct bios16, flags) == BIOS16_FLAGS, "");
_Static_assert(offsetof(struct bios16, real_offset) == BIOS16_REAL && offsetof(struct bios16, back_offset) == BIOS16_BACK, "");
_Static_assert(offsetof(struct bios16, gap_idtr) == BIOS16_GAP_IDTR && offsetof(struct bios16, ivt_idtr) == BIOS16_IVT_IDTR, "");
_Static_assert(offsetof(struct bios16, gdtr) == BIOS16_GDTR && offsetof(struct bios16, host_idtr) == BIOS16_HOST_IDTR, "");
_Static_assert(offsetof(struct bios16, host_sp) == BIOS16_HOST_SP && offsetof(struct bios16, host_cr0) == BIOS16_HOST_CR0, "");
_Static_assert(offsetof(struct bios16, host_cr3) == BIOS16_HOST_CR3 && offsetof(struct bios16, host_cr4) == BIOS16_HOST_CR4, "");
_Static_assert(offsetof(struct bios16, host_efer) == BIOS16_HOST_EFER && offsetof(struct bios16, host_base) == BIOS16_HOST_BASE, "");
_Static_assert(offsetof(struct bios16, tsc) == BIOS16_TSC && offsetof(struct bios16, watch) == BIOS16_WATCH, "");
_Static_assert(offsetof(struct bios16, watch.old_tick) == BIOS16_OLD_TICK && offsetof(struct bios16, watch.left) == BIOS16_LEFT, "");
_Static_assert(offsetof(struct bios16, watch.uart_status) == BIOS16_UART_STATUS && offsetof(struct bios16, watch.keys) == BIOS16_KEYS, "");
_Static_assert(offsetof(struct bios16, watch.ended) == BIOS16_ENDED && offsetof(struct bios16, watch.watched) == BIOS16_WATCHED, "");
_Static_assert(offsetof(struct bios16, watch.old_nmi) == BIOS16_OLD_NMI && offsetof(struct bios16, watch.in_service) == BIOS16_IN_SERVICE, "");
_Static_assert(ARCH_BIOS_TIMEOUT == BIOS16_TIMEOUT && ARCH_BIOS_ABORTED == BIOS16_ABORTED && ARCH_BIOS_STUCK == BIOS16_STUCK, "");
_Static_assert(offsetof(struct bios_regs, esi) == BIOS16_ESI && offsetof(struct bios_regs, ds) == BIOS16_DS, "");
_Static_assert(offsetof(struct bios_regs, gs) == BIOS16_GS && offsetof(struct bios_regs, eflags) == BIOS16_EFLAGS, "");
_Static_assert(ARCH_BIOS_INT == BIOS16_INT && ARCH_BIOS_CALL32 == BIOS16_CALL32, "");

extern struct bios16 *bios16_page;

/* arch/ARCH/bios_switch.S: out of the shim's world, the call that struct bios16 says, and back. Interrupts are off. */
void bios_switch(struct bios16 *page);
#endif

#endif
