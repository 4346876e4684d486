/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The test kernel's 64-bit entry (boot.rst, "64-bit Boot Protocol"). Mode: long, identity-mapped, interrupts off. In:
 * rsi the zero page; no stack, and this code at any address. Out: linux_main(struct registers *). Clobbers nothing
 * before the registers are saved.
 */
	.section .entry, "ax"
	.globl	linux_entry
	.type	linux_entry, @function
linux_entry:
	leaq	stack_end(%rip), %rsp
	cld
	pushq	%r9
	pushq	%r8
	pushq	$0			/* rsp: none was given */
	pushq	%rbp
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%rbx
	pushq	%rax
	movq	%rsp, %rdi
	call	linux_main
	.size	linux_entry, . - linux_entry

	.section .bss.stack, "aw", @nobits
	.balign	16
	.skip	4096
stack_end:
	.section .note.GNU-stack, "", @progbits
