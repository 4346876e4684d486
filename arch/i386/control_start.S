/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The i386 build's way into the control pages and on into the image. Position-independent. */
#include "control/control.h"
#include "early.h"

#define MSR_EFER_NUMBER 0xc0000080

	.section .text.control_start, "ax"
	.code32
/*
 * control_start(struct control *eax): entered by the shim with the control block's address in eax; never returns. Everything of the shim's
 * (page tables, stack, descriptor tables) is left behind before the first page moves.
 */
	.globl	control_start
	.hidden	control_start
	.type	control_start, @function
control_start:
	cli
	cld
	movl	%eax, %ebx
	movl	CONTROL_CR3(%ebx), %eax
	movl	%eax, %cr3
	movl	CONTROL_STACK(%ebx), %esp
	lgdtl	CONTROL_GDTR(%ebx)
	lidtl	CONTROL_IDTR(%ebx)
	pushl	$SEL_CODE32
	call	1f
1:	addl	$(2f - 1b), (%esp)
	lretl
2:	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movl	$SEL_TSS, %eax
	ltr	%ax
	xorl	%ebp, %ebp
	subl	$12, %esp
	pushl	%ebx
	call	control_main

	/*
	 * The image is entered with paging off. The IDT stays: its addresses are physical as well, and so are the tasks', so the
	 * net is under the image until it loads its own.
	 */
	movl	%cr0, %eax
	movl	$ENTRY_CR0_PROTECTED, %eax
	movl	%eax, %cr0
	cmpl	$0, CONTROL_HAS_EFER(%ebx)
	je	3f
	movl	$MSR_EFER_NUMBER, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
3:	xorl	%eax, %eax
	movl	%eax, %cr3
	movl	%eax, %cr4
	movl	CONTROL_SP(%ebx), %esp
	testl	$CONTROL_INT3_AFTER, CONTROL_INT3(%ebx)
	jz	4f
	int3
4:	pushl	CONTROL_IP(%ebx)
	movl	CONTROL_AX(%ebx), %eax
	movl	CONTROL_CX(%ebx), %ecx
	movl	CONTROL_DX(%ebx), %edx
	movl	CONTROL_SI(%ebx), %esi
	movl	CONTROL_DI(%ebx), %edi
	movl	CONTROL_BP(%ebx), %ebp
	movl	CONTROL_BX(%ebx), %ebx
	ret
	.size	control_start, . - control_start

	.section .note.GNU-stack, "", @progbits
