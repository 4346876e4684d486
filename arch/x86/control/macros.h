/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What more than one assembly file of the control pages does in the same way. After control.h. */
#ifndef TRAPEZE_CONTROL_MACROS_H
#define TRAPEZE_CONTROL_MACROS_H

#ifdef __ASSEMBLER__

/* Any mode; clobbers al. The timer's interrupt is taken from the 8259, which gives no second edge before. */
	.macro	take_timer
	movb	$PIC_POLL, %al
	outb	%al, $PIC1_COMMAND
	inb	$PIC1_COMMAND, %al
	movb	$PIC_EOI, %al
	outb	%al, $PIC1_COMMAND
	.endm

/* The general registers in the order of struct trap_frame and struct frame64, rax lowest. */
	.macro	push_registers64
	pushq	%r15
	pushq	%r14
	pushq	%r13
	pushq	%r12
	pushq	%r11
	pushq	%r10
	pushq	%r9
	pushq	%r8
	pushq	%rbp
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%rbx
	pushq	%rax
	.endm

	.macro	pop_registers64
	popq	%rax
	popq	%rbx
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	popq	%rbp
	popq	%r8
	popq	%r9
	popq	%r10
	popq	%r11
	popq	%r12
	popq	%r13
	popq	%r14
	popq	%r15
	.endm

/*
 * rbx = control. Onto the image's stack, with its return address where it is called; its entry point goes to entry_target, a word
 * of the file's own. r15 = control from here on; clobbers rax, flags.
 */
	.macro	take_image_stack returned
	movq	CONTROL_SP(%rbx), %rsp
	movq	%rbx, %r15
	xorl	%eax, %eax		/* one that is not called finds zero there, as under Linux's kexec */
	cmpl	$0, CONTROL_RETURNS(%r15)
	je	.Lnot_called\@
	/* Behind the return address the entry point, as under Linux's kexec jump; aligned as at any call. */
	subq	$8, %rsp
	pushq	CONTROL_IP(%r15)
	leaq	\returned(%rip), %rax
.Lnot_called\@:
	pushq	%rax
	movq	%rsp, CONTROL_RETURN_SLOT(%r15)
	movq	CONTROL_IP(%r15), %rax
	movq	%rax, entry_target(%rip)
	.endm

/* r15 = control. Into the image in long mode with the registers of its entry state; all others are zero. */
	.macro	enter_image64
	rdtsc
	movl	%eax, CONTROL_TSC_CALL(%r15)
	movl	%edx, CONTROL_TSC_CALL + 4(%r15)
	pushq	CONTROL_ENTRY_FLAGS(%r15)
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
	popfq				/* a trap flag traps behind the jump: at the entry */
	jmp	*entry_target(%rip)
	.endm

/* rbx = control, rax = the image's result, rsp as it came back. Clobbers rax, rdx. */
	.macro	note_return64
	movq	%rax, CONTROL_RESULT(%rbx)
	movq	%rsp, CONTROL_RETURN_SP(%rbx)
	rdtsc
	movl	%eax, CONTROL_TSC_BACK(%rbx)
	movl	%edx, CONTROL_TSC_BACK + 4(%rbx)
	movl	$SWING_OUTCOME_RETURNED, CONTROL_OUTCOME(%rbx)
	.endm

#endif
#endif
