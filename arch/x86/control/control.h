/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The control pages: what stays alive while pages move. A blob of its own (linked on its own, position-independent, no
 * relocations) that the shim carries, copies to pages outside every destination, and fills in. Layout in memory:
 *
 *   code     read-execute: header, vector stubs, mover, net, entry code
 *   data     read-write: struct control and the net's stacks
 *   stack    read-write: one page, the image's first stack
 *   tables   page tables
 *   symbols  the image's names, where it has any
 */
#ifndef TRAPEZE_CONTROL_H
#define TRAPEZE_CONTROL_H

/* Offsets in struct control for the assembly; checked below. */
#define CONTROL_CR3 0
#define CONTROL_STACK 8
#define CONTROL_MODE 16
#define CONTROL_INT3 20
#define CONTROL_IP 24
#define CONTROL_SP 32
#define CONTROL_AX 40
#define CONTROL_BX 48
#define CONTROL_CX 56
#define CONTROL_DX 64
#define CONTROL_SI 72
#define CONTROL_DI 80
#define CONTROL_BP 88
#define CONTROL_R8 96
#define CONTROL_R9 104
#define CONTROL_GDTR 112
#define CONTROL_IDTR 128
#define CONTROL_HAS_EFER 144
#define CONTROL_RETURNS 148
#define CONTROL_OUTCOME 152
#define CONTROL_STEP 156
#define CONTROL_RESULT 160
#define CONTROL_RETURN_SLOT 168
#define CONTROL_HOST_SP 176
#define CONTROL_HOST_CR0 184
#define CONTROL_HOST_CR3 192
#define CONTROL_HOST_CR4 200
#define CONTROL_HOST_EFER 208
#define CONTROL_HOST_GDTR 216
#define CONTROL_HOST_IDTR 232
#define CONTROL_HOST_BASE 248		/* x86_64: the base of %fs, where the canary lies */
#define CONTROL_TSC_CALL 256
#define CONTROL_TSC_BACK 264
#define CONTROL_WORLD32 272		/* address of struct world32 */
#define CONTROL_FAULT_VECTOR 280
#define CONTROL_FAULT_ERROR 284
#define CONTROL_FAULT_CR0 288
#define CONTROL_FAULT_CR2 292
#define CONTROL_FAULT_CR3 296
#define CONTROL_FAULT_CR4 300
#define CONTROL_TICKS 304
#define CONTROL_TICK_LIMIT 308
#define CONTROL_ABORT_KEYS 312
#define CONTROL_UART_AT 316		/* port or address where the 32-bit world's tick reads the abort key; 0: nowhere */
#define CONTROL_RETURN32 320		/* world32_returned */
#define CONTROL_UNWIND 324		/* control_unwind */
#define CONTROL_TRAP32 328		/* trap32 */
#define CONTROL_LINT0 332		/* the local APIC's LINT0 register; 0: no watchdog */
#define CONTROL_GAP_IDTR 336
#define CONTROL_RETURN_SP 352
#define CONTROL_UART_ACCESS 392
#define CONTROL_UART_SHIFT 396

/* enum console_access, for the assembly. */
#define CONTROL_UART_IO 0
#define CONTROL_UART_MMIO 1
#define CONTROL_REAL16 400		/* address of struct real16 */
#define CONTROL_WORLD64 408		/* i386: address of struct world64 */
#define CONTROL_ENTRY_FLAGS 416

/* enum swing_outcome, for the assembly. */
#define SWING_OUTCOME_RETURNED 1
#define SWING_OUTCOME_WATCHDOG 3
#define SWING_OUTCOME_ABORT 4

/* What the watchdog's tick looks for. */
#define KEY_ABORT 0x03			/* Ctrl-C */
#define ABORT_PRESSES 3
#define UART_LSR_OFFSET 5
#define UART_DATA_READY 0x01
#define UART_ABSENT 0xff

/*
 * The watchdog's timer is let through only while the image runs: between two modes' descriptor tables there are moments in
 * which no interrupt can be taken. Local vector table: NMI, masked or not (Intel SDM vol. 3, 10.5.1). A timer interrupt
 * that waited meanwhile must be taken from the 8259 first, or its line gives no edge again.
 */
#define LINT0_NMI 0x400
#define LINT0_NMI_MASKED 0x10400
#define PIC1_COMMAND 0x20
#define PIC_POLL 0x0c			/* OCW3: the next read is an interrupt acknowledge (Intel 8259A data sheet) */
#define PIC_EOI 0x20

#define CONTROL_MODE_LONG 0
#define CONTROL_MODE_PROTECTED 1
#define CONTROL_MODE_REAL 2


#define CONTROL_MAGIC 0x706f7274	/* "trop" */
#define CONTROL_STACK_SIZE 2048
#define CONTROL_DATA_SIZE 4096		/* room for struct control */
#define CONTROL_TEXT_SIZE 2048
#define CONTROL_WORLD32_SIZE 2816	/* room for struct world32 */
#define CONTROL_WORLD64_SIZE 1280	/* room for struct world64 */

/* Registers at the entry of an image: CR0 with PE, MP, ET, NE (as Linux's kexec does), and PG in long mode; CR4 PAE. */
#define ENTRY_CR0_PROTECTED 0x33
#define ENTRY_CR0_LONG 0x80000033
#define ENTRY_CR4_LONG 0x20
#define ENTRY_EFLAGS 0x2
#define FLAGS_TRAP 0x100

#ifndef __ASSEMBLER__
#include "dump.h"
#include "mover.h"
#include "swing_step.h"
#include "tables.h"
#include "types.h"
#include "world32.h"
#include "world64.h"

/* At the blob's start; offsets from there. */
struct control_header {
	u32 magic;
	u32 text_size;			/* page multiple */
	u32 total_size;			/* page multiple: the data pages reach from text_size to here */
	u32 entry;			/* control_start */
	u32 vectors;			/* vector_stubs */
	u32 task_nmi, task_df, task_pf;	/* i386; else 0 */
	u32 control;			/* struct control */
	u32 stacks;			/* (STACK_COUNT + 3) x CONTROL_STACK_SIZE */
	u32 world32;			/* struct world32, a page of its own */
	u32 world32_stubs, return32, unwind, trap32;
	u32 anchor;			/* the word that struct control's address goes into */
	u32 gap32, gap64;		/* gap_nmi32, gap_nmi64 */
	u32 real16, real16_end, real16_back;
	u32 world64, world64_stubs;	/* i386; else 0 */
	u32 return64;			/* returned_long */
};

struct control_sum {
	paddr_t dest;
	u64 size;
	struct mover_sum sum;
	char name[16];
};

struct control_pointer {		/* lgdt's operand, at a fixed size for both widths */
	u16 limit;
	u64 base;
} PACKED;

/*
 * The interrupt table of the gaps between two worlds, where descriptor tables, task register and mode do not yet fit together:
 * an NMI is taken on the stack that is there, and forgotten. All other vectors are beyond its limit. The processor's mode decides
 * where it finds vector 2: at 4, 8 or 16 times its number, and these places lie apart (Intel SDM vol. 3, 6.10, 6.14.1, 20.1.4).
 */
struct gap_table {
	u64 unused;
	u32 real;			/* segment:offset */
	u32 unused2;
	u64 protected;
	u64 unused3;
	u64 long_mode[2];
};
#define GAP_VECTOR 2
_Static_assert(offsetof(struct gap_table, real) == GAP_VECTOR * 4, "");
_Static_assert(offsetof(struct gap_table, protected) == GAP_VECTOR * 8, "");
_Static_assert(offsetof(struct gap_table, long_mode) == GAP_VECTOR * 16, "");

/* The rescue image: what is known of it where it may be entered from. */
struct control_rescue {
	u64 entry;			/* its control_start; 0: there is none, or this is it */
	u64 control;			/* its struct control */
	u64 notes;			/* where it finds what happened: struct core_notes */
	u64 start, size;		/* what it needs, all of which must be as it was prepared */
	struct mover_sum sum;
};

struct control {
	u64 cr3;
	u64 stack;			/* top of the control code's own stack */
	u32 mode;			/* CONTROL_MODE_... */
	u32 int3;			/* SWING_INT3_... */
	u64 ip, sp;
	u64 ax, bx, cx, dx, si, di, bp, r8, r9;
	struct control_pointer gdtr;
	u8 pad1[6];
	struct control_pointer idtr;
	u8 pad2[6];
	u32 has_efer;
	u32 returns;			/* the image is called, not jumped to */
	u32 outcome;			/* SWING_OUTCOME_... */
	volatile u32 step;		/* enum control_step */
	u64 result;			/* what the image left in its accumulator */
	u64 return_slot;		/* address of the word that the return address was given in */
	u64 host_sp, host_cr0, host_cr3, host_cr4, host_efer;	/* the shim's, while the image is away */
	struct control_pointer host_gdtr;
	u8 pad3[6];
	struct control_pointer host_idtr;
	u8 pad4[6];
	u64 host_base;
	u64 tsc_call, tsc_back;
	u64 world32;
	u32 fault_vector, fault_error, fault_cr0, fault_cr2, fault_cr3, fault_cr4;	/* 32-bit mode's stubs leave them here */
	volatile u32 ticks;
	u32 tick_limit;			/* 0: no watchdog */
	u32 abort_keys;			/* Ctrl-C seen in a row */
	u32 uart_at;
	u32 return32, unwind, trap32;	/* addresses in the code pages */
	u32 lint0;
	struct control_pointer gap_idtr;
	u8 pad5[6];
	u64 return_sp;			/* the image's stack pointer as it came back */
	u64 reentry;			/* where it wants to go on; 0: it just returned */
	u32 args[6];			/* of an image in protected mode, for its stack ... */
	u32 uart_access;		/* enum console_access; CONTROL_NO_UART: silent */
	u32 uart_shift;			/* register stride, as a power of two */
	u32 real16;			/* 0 in other modes */
	u32 give_args;			/* ... if they are not there already */
	u32 world64;			/* i386 */
	u32 steps_left;			/* of those that are listed */
	u64 entry_flags;		/* with the trap flag where the image is watched step by step */
	u32 steps;			/* so far */
	u32 changed;			/* SWING_CHANGED_... */
	u64 low;			/* 0: where the interrupt vectors lie; not a null pointer to the compiler */
	u64 low_kept;			/* CONTROL_LOW_SIZE bytes: what lay at `low` before the image */
	struct gap_table gap;
	u32 tick_cycles;		/* of the PIT, from one tick to the next */
	u32 text_used;			/* of text: what the net printed, for the shim's log */
	u64 swapped;			/* pages, one way */
	u64 move_cycles;		/* by the TSC, both ways */
	u64 check_cycles;		/* of the sums at the final place */
	paddr_t list;			/* page list */
	volatile u64 progress;
	paddr_t sums;			/* struct control_sum[sum_count] */
	u32 sum_count;
	u32 depth;			/* dumps inside dumps */
	u64 uart_base;
	u64 uart_wait;			/* TSC cycles to wait for the line; 0: no clock, polls are counted */
	u32 uart_stalled;		/* the last wait was in vain: look once, until the line moves again */
	char title[48];
	u64 readable_limit;		/* memory up to here may be read by the dump */
	u32 resume;			/* the image slept: its pages, those of zeros too, are brought back as they were left */
	u32 symbols_size;
	u32 can_wide;			/* XMM registers may be used, to sum and to swap, ... */
	volatile u32 is_wide;		/* ... just now */
	u32 again;			/* it was called before: the shim prepares it anew when its pages are not what they were */
	u32 resident;			/* its pages are copied in once, and nothing is swapped */
	u64 flight;			/* the flight recorder's word for the step; 0: none */
	u64 symbols;			/* the image's names (symbols.h); symbols_size 0: none */
	struct control_rescue rescue;
	struct dump_regs fault;		/* what was explained last ... */
	u32 fault_step;			/* ... and where that was: enum control_step */
	u32 lost;			/* nothing of this swing goes on: control_back ends it */
	struct cpu_tables tables;
	char text[CONTROL_TEXT_SIZE];
};
#define CONTROL_NO_UART 0xffffffffu
#define CONTROL_IVT_SIZE 0x400u
#define CONTROL_BDA_SIZE 0x100u
#define CONTROL_LOW_SIZE (CONTROL_IVT_SIZE + CONTROL_BDA_SIZE)

_Static_assert(offsetof(struct control, cr3) == CONTROL_CR3, "");
_Static_assert(offsetof(struct control, stack) == CONTROL_STACK, "");
_Static_assert(offsetof(struct control, mode) == CONTROL_MODE, "");
_Static_assert(offsetof(struct control, int3) == CONTROL_INT3, "");
_Static_assert(offsetof(struct control, ip) == CONTROL_IP, "");
_Static_assert(offsetof(struct control, sp) == CONTROL_SP, "");
_Static_assert(offsetof(struct control, ax) == CONTROL_AX, "");
_Static_assert(offsetof(struct control, bx) == CONTROL_BX, "");
_Static_assert(offsetof(struct control, cx) == CONTROL_CX, "");
_Static_assert(offsetof(struct control, dx) == CONTROL_DX, "");
_Static_assert(offsetof(struct control, si) == CONTROL_SI, "");
_Static_assert(offsetof(struct control, di) == CONTROL_DI, "");
_Static_assert(offsetof(struct control, bp) == CONTROL_BP, "");
_Static_assert(offsetof(struct control, r8) == CONTROL_R8, "");
_Static_assert(offsetof(struct control, r9) == CONTROL_R9, "");
_Static_assert(offsetof(struct control, gdtr) == CONTROL_GDTR, "");
_Static_assert(offsetof(struct control, idtr) == CONTROL_IDTR, "");
_Static_assert(offsetof(struct control, returns) == CONTROL_RETURNS, "");
_Static_assert(offsetof(struct control, outcome) == CONTROL_OUTCOME, "");
_Static_assert(offsetof(struct control, step) == CONTROL_STEP, "");
_Static_assert(offsetof(struct control, result) == CONTROL_RESULT, "");
_Static_assert(offsetof(struct control, return_slot) == CONTROL_RETURN_SLOT, "");
_Static_assert(offsetof(struct control, host_sp) == CONTROL_HOST_SP, "");
_Static_assert(offsetof(struct control, host_cr0) == CONTROL_HOST_CR0, "");
_Static_assert(offsetof(struct control, host_cr3) == CONTROL_HOST_CR3, "");
_Static_assert(offsetof(struct control, host_cr4) == CONTROL_HOST_CR4, "");
_Static_assert(offsetof(struct control, host_efer) == CONTROL_HOST_EFER, "");
_Static_assert(offsetof(struct control, host_gdtr) == CONTROL_HOST_GDTR, "");
_Static_assert(offsetof(struct control, host_idtr) == CONTROL_HOST_IDTR, "");
_Static_assert(offsetof(struct control, host_base) == CONTROL_HOST_BASE, "");
_Static_assert(offsetof(struct control, tsc_call) == CONTROL_TSC_CALL, "");
_Static_assert(offsetof(struct control, tsc_back) == CONTROL_TSC_BACK, "");
_Static_assert(offsetof(struct control, world32) == CONTROL_WORLD32, "");
_Static_assert(offsetof(struct control, fault_vector) == CONTROL_FAULT_VECTOR, "");
_Static_assert(offsetof(struct control, fault_error) == CONTROL_FAULT_ERROR, "");
_Static_assert(offsetof(struct control, fault_cr0) == CONTROL_FAULT_CR0, "");
_Static_assert(offsetof(struct control, fault_cr2) == CONTROL_FAULT_CR2, "");
_Static_assert(offsetof(struct control, fault_cr3) == CONTROL_FAULT_CR3, "");
_Static_assert(offsetof(struct control, fault_cr4) == CONTROL_FAULT_CR4, "");
_Static_assert(offsetof(struct control, ticks) == CONTROL_TICKS, "");
_Static_assert(offsetof(struct control, tick_limit) == CONTROL_TICK_LIMIT, "");
_Static_assert(offsetof(struct control, abort_keys) == CONTROL_ABORT_KEYS, "");
_Static_assert(offsetof(struct control, uart_at) == CONTROL_UART_AT, "");
_Static_assert(offsetof(struct control, return32) == CONTROL_RETURN32, "");
_Static_assert(offsetof(struct control, unwind) == CONTROL_UNWIND, "");
_Static_assert(offsetof(struct control, trap32) == CONTROL_TRAP32, "");
_Static_assert(offsetof(struct control, lint0) == CONTROL_LINT0, "");
_Static_assert(offsetof(struct control, gap_idtr) == CONTROL_GAP_IDTR, "");
_Static_assert(offsetof(struct control, return_sp) == CONTROL_RETURN_SP, "");
_Static_assert(offsetof(struct control, uart_access) == CONTROL_UART_ACCESS, "");
_Static_assert(offsetof(struct control, uart_shift) == CONTROL_UART_SHIFT, "");
_Static_assert(offsetof(struct control, real16) == CONTROL_REAL16, "");
_Static_assert(offsetof(struct control, world64) == CONTROL_WORLD64, "");
_Static_assert(offsetof(struct control, entry_flags) == CONTROL_ENTRY_FLAGS, "");
_Static_assert(sizeof(struct world64) <= CONTROL_WORLD64_SIZE, "");
_Static_assert(sizeof(struct world32) <= CONTROL_WORLD32_SIZE, "");
_Static_assert(sizeof(struct control) <= CONTROL_DATA_SIZE, "");
_Static_assert(offsetof(struct control, has_efer) == CONTROL_HAS_EFER, "");

extern struct control control_data;

/* In the control pages, called by the assembly. */
/* Everything up to the entry; nonzero: the pages did not arrive, swing back. */
u32 control_main(struct control *control);
/* After the image: the pages back. */
void control_back(struct control *control);
/* A vector in 32-bit mode; the stub left its numbers in control. Returns where the image may go on. */
void control_trap32(void);
/* arch/ARCH/control_start.S: out of the image, whatever state it is in, and back to the shim. */
NORETURN void control_unwind(void);

struct dump_regs;
/*
 * Explain an exception, all of whose registers are filled in. Returns only where what was interrupted may go on, with
 * regs->flags.
 */
void control_report(struct dump_regs *regs);
/* The dump alone, with why the image was ended where that was no exception; control->depth is counted up. */
void control_explain(const struct dump_regs *regs);
/* The same of an image in real mode that the watchdog has ended. */
void control_explain_real(void);
/* mover_checksum, by XMM registers where that can be. */
struct mover_sum control_checksum(struct control *control, u64 start, u64 size);
/* The watchdog's timer, as NMI, or some other NMI. Returns true when the image's time is over. */
bool control_tick(void);
/* Nothing that was interrupted can go on: the rescue image, or the end. */
NORETURN void control_give_up(void);
/* The same, on the control pages' own tables and stack. */
NORETURN void control_rescue(struct control *control);
/* Let the watchdog's timer through, or not. */
void control_watch(bool on);

/* The smallest possible UART output. */
void control_puts(const char *text);
void control_put_hex(u64 value);
bool control_key(u8 *key);
NORETURN void control_stop(void);
#endif

#endif
