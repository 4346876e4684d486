/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Entry of the ELF payloads, 64-bit. Mode: long, identity-mapped, interrupts off. In: a C function's arguments in rdi,
 * rsi, rdx, rcx, r8, r9; rsp a stack. Out: payload_main(struct registers *), which returns only where there is a caller to
 * return to, with the result. Clobbers nothing before the registers are saved; runs on a stack of its own then.
 */
	.text
	.globl	_start
	.type	_start, @function
_start:
	movq	%rsp, given_stack(%rip)
	leaq	stack_end(%rip), %rsp
	cld
	pushq	%r9
	pushq	%r8
	pushq	given_stack(%rip)
	pushq	%rbp
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%rbx
	pushq	%rax
	movq	%rsp, %rdi
	xorl	%ebp, %ebp		/* the end for who walks frames */
	call	payload_main
	movq	given_stack(%rip), %rsp
	ret
	.size	_start, . - _start

	.bss
	.balign	16
given_stack:
	.skip	8
	.balign	16
stack:
	.skip	8192
stack_end:
	.section .note.GNU-stack, "", @progbits
