/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The i386 build's way into the control pages, on into the image, and back. Position-independent. */
#include "control/control.h"
#include "early.h"
#include "world32.h"

#define MSR_EFER_NUMBER 0xc0000080
#define CR0_PE_BIT 0x1
#define TSS_TYPE_BYTE 5			/* of a descriptor: access byte with the busy bit */
#define TSS_NOT_BUSY 0xfd

	.section .text.control_start, "ax"
	.code32
/*
 * control_start(struct control *eax): called by the shim as a function with its argument in eax, interrupts off. Returns
 * only when the image was called: its result is in struct control then. Everything of the shim's (page tables, stack,
 * descriptor tables) is left behind before the first page moves.
 */
	.globl	control_start
	.hidden	control_start
	.type	control_start, @function
control_start:
	cld
	pushfl
	pushl	%ebx
	pushl	%ebp
	pushl	%esi
	pushl	%edi
	movl	%eax, %ebx
	movl	%esp, CONTROL_HOST_SP(%ebx)
	movl	%cr0, %eax
	movl	%eax, CONTROL_HOST_CR0(%ebx)
	movl	%cr3, %eax
	movl	%eax, CONTROL_HOST_CR3(%ebx)
	movl	%cr4, %eax
	movl	%eax, CONTROL_HOST_CR4(%ebx)
	cmpl	$0, CONTROL_HAS_EFER(%ebx)
	je	1f
	movl	$MSR_EFER_NUMBER, %ecx
	rdmsr
	movl	%eax, CONTROL_HOST_EFER(%ebx)
	movl	%edx, CONTROL_HOST_EFER + 4(%ebx)
1:	sgdtl	CONTROL_HOST_GDTR(%ebx)
	sidtl	CONTROL_HOST_IDTR(%ebx)

	movl	CONTROL_CR3(%ebx), %eax
	movl	%eax, %cr3
	call	control_world
	xorl	%ebp, %ebp
	subl	$12, %esp
	pushl	%ebx
	call	control_main
	addl	$16, %esp
	testl	%eax, %eax
	jnz	control_unwind

	cmpl	$CONTROL_MODE_LONG, CONTROL_MODE(%ebx)
	je	control_enter_long
	call	1f
1:	popl	%edi
	addl	$(world32_enter - 1b), %edi
	.size	control_start, . - control_start

/* to_world32: ebx = control, on a stack of the control pages'. Paging off, and to the address edi of the 32-bit world. */
	.type	to_world32, @function
to_world32:
	lidtl	CONTROL_GAP_IDTR(%ebx)
	movl	$ENTRY_CR0_PROTECTED, %eax
	movl	%eax, %cr0
	cmpl	$0, CONTROL_HAS_EFER(%ebx)
	je	1f
	movl	$MSR_EFER_NUMBER, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
1:	xorl	%eax, %eax
	movl	%eax, %cr3
	movl	%eax, %cr4
	movl	CONTROL_WORLD32(%ebx), %esi
	lgdtl	WORLD32_GDTR(%esi)
	jmp	*%edi
	.size	to_world32, . - to_world32

/*
 * control_world: ebx = control. The control pages' descriptor tables, segments and stack; goes back to its caller on the
 * new stack. By iret, which lets NMIs through again where the world before ended inside one. Clobbers eax, ecx, flags.
 */
	.globl	control_world
	.hidden	control_world
	.type	control_world, @function
control_world:
	popl	%ecx
	movl	CONTROL_STACK(%ebx), %esp
	lidtl	CONTROL_GAP_IDTR(%ebx)
	lgdtl	CONTROL_GDTR(%ebx)
	movl	$SEL_DATA, %eax
	movl	%eax, %ss
	pushl	$ENTRY_EFLAGS		/* NT is off, before the iret */
	popfl
	pushl	$ENTRY_EFLAGS
	pushl	$SEL_CODE32
	call	1f
1:	addl	$(2f - 1b), (%esp)
	iretl
2:	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movl	CONTROL_GDTR + 2(%ebx), %eax
	andb	$TSS_NOT_BUSY, SEL_TSS + TSS_TYPE_BYTE(%eax)
	/* One of these may have been left by a jump, out of a call that it ended. */
	andb	$TSS_NOT_BUSY, SEL_TSS_DF + TSS_TYPE_BYTE(%eax)
	andb	$TSS_NOT_BUSY, SEL_TSS_NMI + TSS_TYPE_BYTE(%eax)
	andb	$TSS_NOT_BUSY, SEL_TSS_PF + TSS_TYPE_BYTE(%eax)
	xorl	%eax, %eax
	lldt	%ax
	movl	$SEL_TSS, %eax
	ltr	%ax
	lidtl	CONTROL_IDTR(%ebx)
	jmp	*%ecx
	.size	control_world, . - control_world

/* world32_leave: ebx = control, edi = the target's address, in whatever state the image left the machine: just go there. */
	.globl	world32_leave
	.hidden	world32_leave
	.type	world32_leave, @function
world32_leave:
	lidtl	CONTROL_GAP_IDTR(%ebx)
	movl	$CR0_PE_BIT, %eax
	movl	%eax, %cr0		/* paging off, if the image had switched it on */
	lgdtl	CONTROL_GDTR(%ebx)
	movl	$SEL_DATA, %eax
	movl	%eax, %ss
	movl	CONTROL_STACK(%ebx), %esp
	jmp	*%edi
	.size	world32_leave, . - world32_leave

/* control_resume_paging: ebx = control. The shim's EFER, CR4 and CR0 on the control pages' page tables. Clobbers eax, ecx, edx. */
	.globl	control_resume_paging
	.hidden	control_resume_paging
	.type	control_resume_paging, @function
control_resume_paging:
	movl	$CR0_PE_BIT, %eax
	movl	%eax, %cr0
	cmpl	$0, CONTROL_HAS_EFER(%ebx)
	je	1f
	movl	$MSR_EFER_NUMBER, %ecx
	movl	CONTROL_HOST_EFER(%ebx), %eax
	movl	CONTROL_HOST_EFER + 4(%ebx), %edx
	wrmsr
1:	movl	CONTROL_HOST_CR4(%ebx), %eax
	movl	%eax, %cr4
	movl	CONTROL_CR3(%ebx), %eax
	movl	%eax, %cr3
	movl	CONTROL_HOST_CR0(%ebx), %eax
	movl	%eax, %cr0
	xorl	%eax, %eax
	movl	%eax, %dr7
	ret
	.size	control_resume_paging, . - control_resume_paging

/*
 * control_unwind: 32-bit flat code with a stack of the control pages', identity-mapped or without paging. The control
 * pages' world again, pages swapped back, then the shim's world, and the return from control_start.
 */
	.globl	control_unwind
	.hidden	control_unwind
	.type	control_unwind, @function
control_unwind:
	cli
	cld
	call	1f
1:	popl	%ebx
	addl	$(control_data - 1b), %ebx
	lidtl	CONTROL_GAP_IDTR(%ebx)
	call	control_resume_paging
	call	control_world
	xorl	%ebp, %ebp
	subl	$12, %esp
	pushl	%ebx
	call	control_back

	lidtl	CONTROL_GAP_IDTR(%ebx)
	movl	CONTROL_HOST_GDTR + 2(%ebx), %eax
	andb	$TSS_NOT_BUSY, SEL_TSS + TSS_TYPE_BYTE(%eax)
	lgdtl	CONTROL_HOST_GDTR(%ebx)
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	$SEL_CANARY, %eax
	movl	%eax, %gs
	movl	$SEL_TSS, %eax
	ltr	%ax
	lidtl	CONTROL_HOST_IDTR(%ebx)
	movl	CONTROL_HOST_CR3(%ebx), %eax
	movl	%eax, %cr3
	movl	CONTROL_HOST_SP(%ebx), %esp
	popl	%edi
	popl	%esi
	popl	%ebp
	popl	%ebx
	popfl
	ret
	.size	control_unwind, . - control_unwind

/*
 * trap32: an exception of the image's; the stub left its numbers in struct control. On a stack of the control pages'. Where the net
 * lets it, the image goes on.
 */
	.globl	trap32
	.hidden	trap32
	.type	trap32, @function
trap32:
	call	1f
1:	popl	%ebx
	addl	$(control_data - 1b), %ebx
	call	control_resume_paging
	call	control_world
	xorl	%ebp, %ebp
	call	control_trap32
	call	1f
1:	popl	%edi
	addl	$(world32_go_on - 1b), %edi
	jmp	to_world32
	.size	trap32, . - trap32

	.section .note.GNU-stack, "", @progbits
