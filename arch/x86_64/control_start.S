/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The x86_64 build's way into the control pages and on into the image. Position-independent. */
#include "control/control.h"
#include "early.h"

#define MSR_EFER_NUMBER 0xc0000080
#define EFER_LME_BIT 0x100

	.section .text.control_start, "ax"
	.code64
/*
 * control_start(struct control *rdi): called by the shim in long mode, never returns. Everything of the shim's (page
 * tables, stack, descriptor tables) is left behind before the first page moves.
 */
	.globl	control_start
	.hidden	control_start
	.type	control_start, @function
control_start:
	cli
	cld
	movq	%rdi, %rbx
	movq	CONTROL_CR3(%rbx), %rax
	movq	%rax, %cr3
	movq	CONTROL_STACK(%rbx), %rsp
	lgdt	CONTROL_GDTR(%rbx)
	lidt	CONTROL_IDTR(%rbx)
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movl	$SEL_TSS, %eax
	ltr	%ax
	movq	%rbx, %rdi
	xorl	%ebp, %ebp
	call	control_main

	cmpl	$CONTROL_MODE_LONG, CONTROL_MODE(%rbx)
	jne	enter_protected
	.size	control_start, . - control_start

/*
 * enter_long: rbx = control. The image gets the registers of its entry state; all others are zero. The control pages'
 * page tables, descriptor tables and IDT stay loaded: the net is under the image until it loads its own.
 */
	.type	enter_long, @function
enter_long:
	/* The image's code selector is the one at 0x10: 64-bit in this swing's table. */
	pushq	$SEL_CODE32
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
1:	movl	$ENTRY_CR0_LONG, %eax
	movq	%rax, %cr0
	movl	$ENTRY_CR4_LONG, %eax
	movq	%rax, %cr4
	movq	CONTROL_SP(%rbx), %rsp
	movq	%rbx, %r15
	testl	$CONTROL_INT3_AFTER, CONTROL_INT3(%r15)
	jz	2f
	int3
2:	movq	CONTROL_IP(%r15), %rax
	movq	%rax, entry_target(%rip)
	movq	CONTROL_AX(%r15), %rax
	movq	CONTROL_BX(%r15), %rbx
	movq	CONTROL_CX(%r15), %rcx
	movq	CONTROL_DX(%r15), %rdx
	movq	CONTROL_SI(%r15), %rsi
	movq	CONTROL_DI(%r15), %rdi
	movq	CONTROL_BP(%r15), %rbp
	movq	CONTROL_R8(%r15), %r8
	movq	CONTROL_R9(%r15), %r9
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	xorl	%r12d, %r12d
	xorl	%r13d, %r13d
	xorl	%r14d, %r14d
	xorl	%r15d, %r15d
	cld
	jmp	*entry_target(%rip)
	.size	enter_long, . - enter_long

/*
 * enter_protected: rbx = control, below 4 GiB as all control pages are. Leaves long mode by way of compatibility mode
 * (AMD64 APM vol. 2, 14.7) and enters the image with paging off. The 64-bit IDT means nothing there: it is unloaded.
 */
	.type	enter_protected, @function
enter_protected:
	testl	$CONTROL_INT3_AFTER, CONTROL_INT3(%rbx)
	jz	1f
	int3
1:	leaq	no_idt(%rip), %rax
	lidt	(%rax)
	pushq	$SEL_CODE32
	leaq	leave_long(%rip), %rax
	pushq	%rax
	lretq
	.size	enter_protected, . - enter_protected

	.code32
	.type	leave_long, @function
leave_long:
	movl	$ENTRY_CR0_PROTECTED, %eax
	movl	%eax, %cr0
	movl	$MSR_EFER_NUMBER, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	movl	%eax, %cr3
	movl	%eax, %cr4
	movl	CONTROL_SP(%ebx), %esp
	pushl	CONTROL_IP(%ebx)
	movl	CONTROL_AX(%ebx), %eax
	movl	CONTROL_CX(%ebx), %ecx
	movl	CONTROL_DX(%ebx), %edx
	movl	CONTROL_SI(%ebx), %esi
	movl	CONTROL_DI(%ebx), %edi
	movl	CONTROL_BP(%ebx), %ebp
	movl	CONTROL_BX(%ebx), %ebx
	ret
	.size	leave_long, . - leave_long

no_idt:
	.short	0
	.quad	0

	.bss
	.balign	8
entry_target:
	.skip	8

	.section .note.GNU-stack, "", @progbits
