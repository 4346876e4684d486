/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the 32-bit entries of the test kernels share. For assembly. */

/* All registers as they are, as struct registers (payload.h); `given` is the stack pointer there. */
	.macro	push_registers given
	pushl	$0			/* r9 */
	pushl	$0			/* r8 */
	pushl	\given
	pushl	%ebp
	pushl	%edi
	pushl	%esi
	pushl	%edx
	pushl	%ecx
	pushl	%ebx
	pushl	%eax
	.endm

/*
 * With a stack: all registers as they were on entry, as struct registers (payload.h), go to `main`, which does not
 * return. The stack itself follows.
 */
	.macro	give_registers main
	cld
	push_registers $0		/* none was given */
	movl	%esp, %eax
	subl	$4, %esp		/* 16-byte alignment at the call */
	pushl	%eax
	call	\main

	.pushsection .bss.stack, "aw", @nobits
	.balign	16
	.skip	4096
stack_end:
	.popsection
	.endm

/*
 * The same without a stack, at any address. Finding out where we are takes four bytes: those at `scratch`, which are zero
 * and become that again. Popping into esp keeps every register as it was.
 */
	.macro	give_registers_anywhere main, scratch:vararg
	leal	4 + \scratch, %esp
	call	1f
1:	popl	%esp
	leal	(stack_end - 1b)(%esp), %esp
	movl	$0, \scratch
	give_registers \main
	.endm
