/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The i386 build's entry (boot.rst, "32-bit Boot Protocol"), and the way into the shim. */
#include "../body.S"

	.section .text.start, "ax"
	.code32
/*
 * stub_start: flat 32-bit segments, no paging, esi = zero page, at any address. Calls stub_main(zero page, 4 GiB) and
 * enters the shim as a multiboot2 loader would.
 */
	.globl	stub_start
	.type	stub_start, @function
stub_start:
	find_place
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
