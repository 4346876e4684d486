/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The x86_64 build's way to a BIOS call and back: out of long mode by compatibility mode (AMD64 APM vol. 2, 14.7). */
#include "bios16.h"
#include "early.h"

#define MSR_EFER_NUMBER 0xc0000080
#define MSR_FS_BASE_NUMBER 0xc0000100
#define EFER_LMA_BIT 0x400
#define TSS_TYPE_BYTE 5			/* of a descriptor: access byte with the busy bit */
#define TSS_NOT_BUSY 0xfd

	.section .text.bios_switch, "ax"
	.code64
/* bios_switch(struct bios16 *rdi): as a C function, interrupts off, on the shim's tables. The page is below 1 MiB. */
	.globl	bios_switch
	.type	bios_switch, @function
bios_switch:
	pushfq
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, BIOS16_HOST_SP(%rdi)
	movq	%cr0, %rax
	movq	%rax, BIOS16_HOST_CR0(%rdi)
	movq	%cr3, %rax
	movq	%rax, BIOS16_HOST_CR3(%rdi)
	movq	%cr4, %rax
	movq	%rax, BIOS16_HOST_CR4(%rdi)
	movl	$MSR_FS_BASE_NUMBER, %ecx
	rdmsr
	movl	%eax, BIOS16_HOST_BASE(%rdi)
	movl	%edx, BIOS16_HOST_BASE + 4(%rdi)
	movl	$MSR_EFER_NUMBER, %ecx
	rdmsr
	andl	$~EFER_LMA_BIT, %eax	/* the processor's own */
	movl	%eax, BIOS16_HOST_EFER(%rdi)
	movl	%edx, BIOS16_HOST_EFER + 4(%rdi)
	sidt	BIOS16_HOST_IDTR(%rdi)
	lidt	BIOS16_GAP_IDTR(%rdi)
	pushq	$SEL_CODE32
	pushq	$1f
	lretq
	.code32
1:	movl	$(BIOS16_CR0_REAL | BIOS16_CR0_PE), %eax
	movl	%eax, %cr0
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
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
	movl	$MSR_EFER_NUMBER, %ecx
	movl	BIOS16_HOST_EFER(%edi), %eax
	movl	BIOS16_HOST_EFER + 4(%edi), %edx
	wrmsr
	movl	BIOS16_HOST_CR0(%edi), %eax
	movl	%eax, %cr0
	pushl	$SEL_CODE64
	pushl	$1f
	lretl
	.code64
1:	movl	%edi, %edi
	movq	BIOS16_HOST_SP(%rdi), %rsp
	movl	$SEL_DATA, %eax
	movl	%eax, %gs
	movl	$MSR_FS_BASE_NUMBER, %ecx
	movl	BIOS16_HOST_BASE(%rdi), %eax
	movl	BIOS16_HOST_BASE + 4(%rdi), %edx
	wrmsr
	movl	BIOS16_GDTR + 2(%rdi), %eax
	andb	$TSS_NOT_BUSY, SEL_TSS + TSS_TYPE_BYTE(%rax)
	xorl	%eax, %eax
	lldt	%ax
	movl	$SEL_TSS, %eax
	ltr	%ax
	lidt	BIOS16_HOST_IDTR(%rdi)
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popfq
	ret
	.size	bios_return, . - bios_return

/* An NMI in the gap, in long mode. */
	.globl	bios16_nmi64
	.type	bios16_nmi64, @function
bios16_nmi64:
	iretq
	.size	bios16_nmi64, . - bios16_nmi64

	.section .note.GNU-stack, "", @progbits
