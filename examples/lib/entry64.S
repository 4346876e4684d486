/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Entry in long mode, called as a C function: up to six integers in rdi, rsi, rdx, rcx, r8, r9, the return address at
 * (%rsp). A page of stack comes with the call; main() gets a larger one. All memory is mapped 1:1, interrupts are off.
 * Out: rax = main(...).
 */
	.text
	.globl	_start
_start:
	pushq	%rbp
	movq	%rsp, %rbp
	leaq	stack_end(%rip), %rsp
	call	main
	movq	%rbp, %rsp
	popq	%rbp
	ret

	.bss
	.balign	16
stack:
	.skip	16384
stack_end:

	.section .note.GNU-stack, "", @progbits
