/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The test kernel's 32-bit entry (boot.rst, "32-bit Boot Protocol"). Mode: protected, flat, paging off, interrupts off.
 * In: esi the zero page; ebx, ebp, edi zero; no stack, and this code at any address. Out: linux_main(struct registers
 * *). Clobbers nothing before the registers are saved.
 *
 * Finding out where we are takes a stack: the zero page has four bytes at 0x1e4 for that, which are put back to zero,
 * what the protocol says they are. Popping into esp keeps every register as it was.
 */
	.section .entry, "ax"
	.globl	linux_entry
	.type	linux_entry, @function
linux_entry:
	leal	0x1e8(%esi), %esp
	call	1f
1:	popl	%esp
	leal	(stack_end - 1b)(%esp), %esp
	movl	$0, 0x1e4(%esi)
	cld
	pushl	$0			/* r9 */
	pushl	$0			/* r8 */
	pushl	$0			/* esp: none was given */
	pushl	%ebp
	pushl	%edi
	pushl	%esi
	pushl	%edx
	pushl	%ecx
	pushl	%ebx
	pushl	%eax
	movl	%esp, %eax
	subl	$4, %esp		/* 16-byte alignment at the call */
	pushl	%eax
	call	linux_main
	.size	linux_entry, . - linux_entry

	.section .bss.stack, "aw", @nobits
	.balign	16
	.skip	4096
stack_end:
	.section .note.GNU-stack, "", @progbits
