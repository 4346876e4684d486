/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Entry in real mode, at the first byte of a flat binary. In: cs = ds = es = where it lies / 16; ss:sp the caller's
 * stack with a far return address on it; interrupts on. The compiler's 16-bit code (-m16) wants ds, es and ss alike, so
 * main() gets a stack of its own. Out: eax = main(), by a far return.
 */
	.code16
	.section .text.entry, "ax"
	.globl	_start
_start:
	movw	%ss, caller_ss
	movl	%esp, caller_esp
	movw	%ds, %ax
	movw	%ax, %ss
	movl	$stack_end, %esp
	cld
	calll	main
	movw	caller_ss, %ss
	movl	caller_esp, %esp
	lretw

	.bss
caller_ss:
	.skip	4
caller_esp:
	.skip	4
	.balign	16
stack:
	.skip	2048
stack_end:

	.section .note.GNU-stack, "", @progbits
