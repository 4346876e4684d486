/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The test kernel's 32-bit entry (boot.rst, "32-bit Boot Protocol"). Mode: protected, flat, paging off, interrupts off.
 * In: esi the zero page; ebx, ebp, edi zero; no stack, and this code at any address. Out: linux_main(struct registers
 * *). Clobbers nothing before the registers are saved.
 *
 * The zero page lends four bytes at 0x1e4, which the protocol says are zero.
 */
#include "../lib/entry32.h"

	.section .entry, "ax"
	.globl	linux_entry
	.type	linux_entry, @function
linux_entry:
	give_registers_anywhere linux_main, 0x1e4(%esi)
	.size	linux_entry, . - linux_entry

	.section .note.GNU-stack, "", @progbits
