/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The i386 build's way from the loader's 32-bit mode to C: paging stays off until the memory map is known. */
#include "early.h"
#include "../x86/early.S"

#define CR0_MP 0x2
#define CR0_EM 0x4
#define CR0_NE 0x20
#define CR0_WP 0x10000
#define CR0_PG 0x80000000

	.section .text.start, "ax"
	.code32
/*
 * start_wide: ebp = magic, ebx = information block, stack set. Own segments (the loader's descriptor table may lie
 * anywhere), the canary's segment, then arch_main(magic, info).
 */
	.type	start_wide, @function
start_wide:
	movl	%cr0, %eax
	andl	$~(CR0_PG | CR0_EM), %eax
	orl	$(CR0_MP | CR0_NE | CR0_WP), %eax
	movl	%eax, %cr0
	xorl	%eax, %eax
	movl	%eax, %cr4

	/* The canary segment's base is only known to the linker: put its three parts into the descriptor. */
	movl	$canary_block, %eax
	movw	%ax, early_gdt_canary + 2
	shrl	$16, %eax
	movb	%al, early_gdt_canary + 4
	movb	%ah, early_gdt_canary + 7
	lgdtl	early_gdt_pointer
	ljmpl	$SEL_CODE32, $1f
1:	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	$SEL_CANARY, %eax
	movl	%eax, %gs

	fninit
	movl	%ebp, %eax
	xorl	%ebp, %ebp
	subl	$8, %esp		/* the psABI's 16-byte alignment at the call */
	pushl	%ebx
	pushl	%eax
	call	arch_main
	ud2
	.size	start_wide, . - start_wide

	.section .data.start, "aw"
	.balign 8
early_gdt:
	.quad	0
	.quad	0
	.quad	0x00cf9b000000ffff	/* SEL_CODE32 */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
	.quad	0
	.quad	0
early_gdt_canary:
	.quad	0x00cf93000000ffff	/* SEL_CANARY */
early_gdt_pointer:
	.short	. - early_gdt - 1
	.long	early_gdt

	.section .note.GNU-stack, "", @progbits
