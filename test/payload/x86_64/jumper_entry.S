/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Entry of the image for kexec jump, 64-bit. Mode: long, identity-mapped, interrupts off; rsp: a stack with the return address
 * on top, of any size. All is saved before it is used: moves leave the flags alone. With SLEEPS it goes back by calling its
 * return address, which makes the instruction behind the call its next entry; else by a plain return.
 */
#define MSR_EFER 0xc0000080
#define STACK_SIZE 2048

	.macro	save names:vararg
	.irp	name, \names
	movq	%\name, state_\name(%rip)
	.endr
	.endm

	.macro	save_by_rax names:vararg
	.irp	name, \names
	movq	%\name, %rax
	movq	%rax, state_\name(%rip)
	.endr
	.endm

	.section .text.entry, "ax"
	.globl	_start
	.type	_start, @function
_start:
	save	rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15
	leaq	stack_top(%rip), %rsp
	pushfq
	popq	state_rflags(%rip)
	cld
	save_by_rax cr0, cr2, cr3, cr4, cs, ds, es, fs, gs, ss
	str	state_tr(%rip)
	sldt	state_ldtr(%rip)
	sgdt	descriptor(%rip)
	movzwl	descriptor(%rip), %eax
	movq	%rax, state_gdt_limit(%rip)
	sidt	descriptor(%rip)
	movzwl	descriptor(%rip), %eax
	movq	%rax, state_idt_limit(%rip)
	movl	$MSR_EFER, %ecx
	rdmsr
	movl	%eax, state_efer(%rip)
	movl	%edx, state_efer+4(%rip)
	movq	state_rsp(%rip), %rbx
	movq	(%rbx), %rax
	movq	%rax, state_stack_0(%rip)
	movq	8(%rbx), %rax
	movq	%rax, state_stack_8(%rip)
	leaq	_start(%rip), %rax
	movq	%rax, state_entry(%rip)
	leaq	state(%rip), %rdi
	call	jumper_main
	movq	%rbx, %rsp
	movl	$SLEEPS, %ecx
	jecxz	1f
	popq	%rcx
	call	*%rcx
	movb	$1, state_again(%rip)
	jmp	_start
1:	ret
	.size	_start, . - _start

	.bss
	.balign	16
/* struct jumper_state (jumper.h). */
state:
	.irp	name, rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15, rflags, cr0, cr2, cr3, cr4, \
		efer, cs, ds, es, fs, gs, ss, tr, ldtr, gdt_limit, idt_limit, stack_0, stack_8, entry, again
state_\name:
	.skip	8
	.endr
descriptor:
	.skip	16
	.skip	STACK_SIZE
stack_top:
	.section .note.GNU-stack, "", @progbits
