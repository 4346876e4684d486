/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Entry of the ELF payloads, 32-bit. Mode: protected, flat segments, paging off or identity-mapped, interrupts off.
 * In: esp a C function's stack: return address at 0, six arguments from 4 on. Out: payload_main(struct registers *), which
 * returns only where there is a caller to return to, with the result. Clobbers nothing before the registers are saved; runs
 * on a stack of its own then, so that the given one may be read.
 */
#include "../lib/entry32.h"

	.text
	.globl	_start
	.type	_start, @function
_start:
	movl	%esp, given_stack
	movl	$stack_end, %esp
	cld
	push_registers given_stack
	movl	%esp, %eax
	xorl	%ebp, %ebp		/* the end for who walks frames */
	subl	$4, %esp		/* 16-byte alignment at the call: ten words were pushed, one is the argument */
	pushl	%eax
	call	payload_main
	movl	given_stack, %esp
	ret
	.size	_start, . - _start

	.bss
	.balign	16
given_stack:
	.skip	4
	.balign	16
stack:
	.skip	8192
stack_end:
	.section .note.GNU-stack, "", @progbits
