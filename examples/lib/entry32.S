/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Entry in protected mode, called as a C function: the return address at (%esp), up to six integers behind it. A page
 * of stack comes with the call; main() gets a larger one. Paging is off, segments are flat, interrupts are off.
 * Out: eax = main(...).
 */
	.text
	.globl	_start
_start:
	pushl	%ebp
	movl	%esp, %ebp
	movl	$stack_end - 8, %esp	/* with six arguments a multiple of 16 at the call */
	pushl	28(%ebp)
	pushl	24(%ebp)
	pushl	20(%ebp)
	pushl	16(%ebp)
	pushl	12(%ebp)
	pushl	8(%ebp)
	call	main
	movl	%ebp, %esp
	popl	%ebp
	ret

	.bss
	.balign	16
stack:
	.skip	16384
stack_end:

	.section .note.GNU-stack, "", @progbits
