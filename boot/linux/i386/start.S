/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The i386 build's entry (boot.rst, "32-bit Boot Protocol"), and the way into the shim. */
#include "../body.S"

#define MULTIBOOT2_LOADED 0x36d76289
#define ZP_SCRATCH 0x1e4		/* four bytes that are the kernel's */

	.section .text.start, "ax"
	.code32
/*
 * stub_start: flat 32-bit segments, no paging, esi = zero page, at any address. Calls stub_main(zero page, 4 GiB) and
 * enters the shim as a multiboot2 loader would.
 */
	.globl	stub_start
	.type	stub_start, @function
stub_start:
	cli
	cld
	/* The one place for a stack that is known without knowing where we are. */
	leal	ZP_SCRATCH + 4(%esi), %esp
	call	1f
1:	popl	%ebp
	leal	stub_stack_top - 1b(%ebp), %esp
	pushl	$1			/* 4 GiB; four words leave the stack aligned, as the psABI wants */
	pushl	$0
	pushl	$0
	pushl	%esi
	xorl	%ebp, %ebp
	call	stub_main
	movl	%eax, %ebx
	movl	$MULTIBOOT2_LOADED, %eax
	movl	$SHIM_ENTRY, %ecx
	jmp	*%ecx
	.size	stub_start, . - stub_start
