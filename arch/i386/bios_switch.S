/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The i386 build's way to a BIOS call and back: paging off, and on again. */
#include "bios16.h"
#include "early.h"

#define TSS_TYPE_BYTE 5			/* of a descriptor: access byte with the busy bit */
#define TSS_NOT_BUSY 0xfd

	.section .text.bios_switch, "ax"
	.code32
/* bios_switch(struct bios16 *page): as a C function, interrupts off, identity-mapped. */
	.globl	bios_switch
	.type	bios_switch, @function
bios_switch:
	movl	4(%esp), %eax
	pushfl
	pushl	%ebx
	pushl	%ebp
	pushl	%esi
	pushl	%edi
	movl	%eax, %edi
	movl	%esp, BIOS16_HOST_SP(%edi)
	movl	%cr0, %eax
	movl	%eax, BIOS16_HOST_CR0(%edi)
	movl	%cr3, %eax
	movl	%eax, BIOS16_HOST_CR3(%edi)
	movl	%cr4, %eax
	movl	%eax, BIOS16_HOST_CR4(%edi)
	sidtl	BIOS16_HOST_IDTR(%edi)
	lidtl	BIOS16_GAP_IDTR(%edi)
	movl	$(BIOS16_CR0_REAL | BIOS16_CR0_PE), %eax
	movl	%eax, %cr0
	xorl	%eax, %eax
	movl	%eax, %cr4
	jmp	bios16_enter
	.size	bios_switch, . - bios_switch

/* bios_return: edi = struct bios16, 32-bit flat code without paging. The way back to bios_switch's caller. */
	.globl	bios_return
	.type	bios_return, @function
bios_return:
	movl	BIOS16_HOST_CR4(%edi), %eax
	movl	%eax, %cr4
	movl	BIOS16_HOST_CR3(%edi), %eax
	movl	%eax, %cr3
	movl	BIOS16_HOST_CR0(%edi), %eax
	movl	%eax, %cr0
	movl	BIOS16_HOST_SP(%edi), %esp
	movl	$SEL_CANARY, %eax
	movl	%eax, %gs
	movl	BIOS16_GDTR + 2(%edi), %eax
	andb	$TSS_NOT_BUSY, SEL_TSS + TSS_TYPE_BYTE(%eax)
	xorl	%eax, %eax
	lldt	%ax
	movl	$SEL_TSS, %eax
	ltr	%ax
	lidtl	BIOS16_HOST_IDTR(%edi)
	popl	%edi
	popl	%esi
	popl	%ebp
	popl	%ebx
	popfl
	ret
	.size	bios_return, . - bios_return

	.section .note.GNU-stack, "", @progbits
