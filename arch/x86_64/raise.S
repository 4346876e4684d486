/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Vectors entered on purpose; see arch/x86/raise.c. */
	.text
	.code64
/*
 * raise_frame(rdi = stub, rsi = error): the frame that the processor pushes, from an address divisible by 16 (Intel SDM vol. 3, 6.14.2), then
 * the stub. Returns if the handler does.
 */
	.globl	raise_frame
	.type	raise_frame, @function
raise_frame:
	movq	%rsp, %rax
	andq	$-16, %rsp
	movl	%ss, %ecx
	pushq	%rcx
	pushq	%rax
	pushfq
	movl	%cs, %ecx
	pushq	%rcx
	leaq	1f(%rip), %rcx
	pushq	%rcx
	pushq	%rsi
	jmp	*%rdi
1:	ret
	.size	raise_frame, . - raise_frame

/* raise_int(edi = vector below 32): int with that number. */
	.globl	raise_int
	.type	raise_int, @function
raise_int:
	leaq	int_table(%rip), %rax
	movl	%edi, %edi
	leaq	(%rax, %rdi, 4), %rax
	jmp	*%rax
	.size	raise_int, . - raise_int

	.section .note.GNU-stack, "", @progbits
