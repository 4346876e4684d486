/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The real-mode pages: code, state and a stack in conventional memory, from which an image in real mode is entered and to which it
 * returns. The code is part of the control pages' blob and copied; it reaches its own page by its code segment, whose value is
 * the page's address / 16. Intel SDM vol. 3, 9.9 and chapter 20.
 */
#ifndef TRAPEZE_REAL16_H
#define TRAPEZE_REAL16_H

/* Offsets of struct real16 in the code's first bytes; checked below. */
#define REAL16_IN 16			/* struct real16_regs */
#define REAL16_OUT 72
#define REAL16_ENTER 128		/* far pointers, offset first */
#define REAL16_LEAVE 132
#define REAL16_CONTROL 140
#define REAL16_GAP_IDTR 144
#define REAL16_GDTR 152
#define REAL16_REAL_IDTR 160
#define REAL16_DEADLINE 168		/* of struct real16_watch */
#define REAL16_IO_APIC 176
#define REAL16_PIN 180
#define REAL16_PIN_ON 184
#define REAL16_PIN_OFF 188
#define REAL16_VECTOR 192
#define REAL16_TICK_AX 196
#define REAL16_TICK_DX 200
#define REAL16_KEYS 204
#define REAL16_UART_STATUS 208
#define REAL16_UART_DATA 210
#define REAL16_ENDED 212
#define REAL16_CR0 216
#define REAL16_CR4 220
#define REAL16_GDTR_LEFT 224
#define REAL16_HEADER_SIZE 232

/* Offset of the I/O APIC's window from its register select (Intel 82093AA data sheet, 3.1). */
#define IO_APIC_WINDOW 0x10
/* In the interrupt vector table: the NMI's. */
#define IVT_NMI 8

/* In struct real16_regs. */
#define REAL16_AX 0
#define REAL16_BX 4
#define REAL16_CX 8
#define REAL16_DX 12
#define REAL16_SI 16
#define REAL16_DI 20
#define REAL16_BP 24
#define REAL16_SP 28
#define REAL16_FLAGS 32
#define REAL16_IP 36
#define REAL16_CS 40
#define REAL16_DS 42
#define REAL16_ES 44
#define REAL16_FS 46
#define REAL16_GS 48
#define REAL16_SS 50

#define REAL16_SIZE 8192		/* pages, the stack's top at their end */
#define REAL16_STACK REAL16_SIZE
#define REAL16_MEMORY_END 0xa0000	/* conventional memory ends there */

#ifndef __ASSEMBLER__
#include "types.h"

struct real16_regs {
	u32 ax, bx, cx, dx, si, di, bp, sp, flags, ip;
	u16 cs, ds, es, fs, gs, ss;
	u32 pad;
};

/* The watchdog of real mode: a pin of an I/O APIC brings the timer as NMI, by the BIOS's own vector table. */
struct real16_watch {
	u64 deadline;			/* TSC; until real16_enter the time from then on */
	u32 io_apic;			/* 0: no watchdog */
	u32 pin, pin_on, pin_off;	/* the pin's lower register, and what it gets */
	u32 vector;			/* what the NMI's vector was */
	u32 tick_ax, tick_dx;
	u32 keys;			/* Ctrl-C seen in a row */
	u16 uart_status, uart_data;	/* ports; 0: no abort key */
	u32 ended;			/* SWING_OUTCOME_... */
	u32 cr0, cr4;			/* of an image that was ended */
	u16 gdt_limit;
	u32 gdt_base;
	u16 pad;
} PACKED;

struct real16 {
	u16 enter_pm, enter_real, returned, nmi, tick;	/* offsets of code, by the assembler */
	u16 pad[3];
	struct real16_regs in, out;
	u16 enter_offset, enter_segment;	/* enter_real, as it lies */
	u32 leave_offset;			/* real16_back in the control pages */
	u16 leave_selector, pad2;
	u32 control;
	u16 gap_limit;
	u32 gap_base;
	u16 pad3;
	u16 gdt_limit;
	u32 gdt_base;
	u16 pad4;
	u16 idt_limit;
	u32 idt_base;
	u16 pad5;
	struct real16_watch watch;
} PACKED __attribute__((aligned(4)));

_Static_assert(sizeof(struct real16) == REAL16_HEADER_SIZE, "");
_Static_assert(offsetof(struct real16, in) == REAL16_IN && offsetof(struct real16, out) == REAL16_OUT, "");
_Static_assert(offsetof(struct real16, enter_offset) == REAL16_ENTER && offsetof(struct real16, leave_offset) == REAL16_LEAVE, "");
_Static_assert(offsetof(struct real16, control) == REAL16_CONTROL && offsetof(struct real16, gap_limit) == REAL16_GAP_IDTR, "");
_Static_assert(offsetof(struct real16, gdt_limit) == REAL16_GDTR && offsetof(struct real16, idt_limit) == REAL16_REAL_IDTR, "");
_Static_assert(offsetof(struct real16, watch.deadline) == REAL16_DEADLINE && offsetof(struct real16, watch.io_apic) == REAL16_IO_APIC, "");
_Static_assert(offsetof(struct real16, watch.pin) == REAL16_PIN && offsetof(struct real16, watch.pin_on) == REAL16_PIN_ON, "");
_Static_assert(offsetof(struct real16, watch.pin_off) == REAL16_PIN_OFF && offsetof(struct real16, watch.vector) == REAL16_VECTOR, "");
_Static_assert(offsetof(struct real16, watch.tick_ax) == REAL16_TICK_AX && offsetof(struct real16, watch.tick_dx) == REAL16_TICK_DX, "");
_Static_assert(offsetof(struct real16, watch.keys) == REAL16_KEYS && offsetof(struct real16, watch.ended) == REAL16_ENDED, "");
_Static_assert(offsetof(struct real16, watch.uart_status) == REAL16_UART_STATUS, "");
_Static_assert(offsetof(struct real16, watch.uart_data) == REAL16_UART_DATA && offsetof(struct real16, watch.cr0) == REAL16_CR0, "");
_Static_assert(offsetof(struct real16, watch.cr4) == REAL16_CR4 && offsetof(struct real16, watch.gdt_limit) == REAL16_GDTR_LEFT, "");
_Static_assert(offsetof(struct real16_regs, ip) == REAL16_IP && offsetof(struct real16_regs, ss) == REAL16_SS, "");
#endif

#endif
