/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What ARCH/jumper_entry.S saves for jumper.c, in its order. */
#ifndef PAYLOAD_JUMPER_H
#define PAYLOAD_JUMPER_H

#include "payload.h"

#define JUMPER_VALUES(VALUE) \
	VALUE(rax) VALUE(rbx) VALUE(rcx) VALUE(rdx) VALUE(rsi) VALUE(rdi) VALUE(rbp) VALUE(rsp) \
	VALUE(r8) VALUE(r9) VALUE(r10) VALUE(r11) VALUE(r12) VALUE(r13) VALUE(r14) VALUE(r15) \
	VALUE(rflags) VALUE(cr0) VALUE(cr2) VALUE(cr3) VALUE(cr4) VALUE(efer) \
	VALUE(cs) VALUE(ds) VALUE(es) VALUE(fs) VALUE(gs) VALUE(ss) VALUE(tr) VALUE(ldtr) \
	VALUE(gdt_limit) VALUE(idt_limit) VALUE(stack_0) VALUE(stack_8) VALUE(entry) VALUE(again)

#define JUMPER_FIELD(name) u64 name;
struct jumper_state {
	JUMPER_VALUES(JUMPER_FIELD)
};

#endif
