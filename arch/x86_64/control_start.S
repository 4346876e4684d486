/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The x86_64 build's way into the control pages, on into the image, and back. Position-independent. */
#include "control/control.h"
#include "control/macros.h"
#include "early.h"
#include "world32.h"

#define MSR_EFER_NUMBER 0xc0000080
#define MSR_FS_BASE_NUMBER 0xc0000100
#define CR0_PE_BIT 0x1
#define CR4_PAE_BIT 0x20
#define TSS_TYPE_BYTE 5			/* of a descriptor: access byte with the busy bit */
#define TSS_NOT_BUSY 0xfd

	.section .text.control_start, "ax"
	.code64
/*
 * control_start(struct control *rdi): called by the shim in long mode as a C function, interrupts off. Returns only when
 * the image was called: its result is in struct control then. Everything of the shim's (page tables, stack, descriptor
 * tables) is left behind before the first page moves.
 */
	.globl	control_start
	.hidden	control_start
	.type	control_start, @function
control_start:
	cld
	pushfq
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rdi, %rbx
	movq	%rsp, CONTROL_HOST_SP(%rbx)
	movq	%cr0, %rax
	movq	%rax, CONTROL_HOST_CR0(%rbx)
	movq	%cr3, %rax
	movq	%rax, CONTROL_HOST_CR3(%rbx)
	movq	%cr4, %rax
	movq	%rax, CONTROL_HOST_CR4(%rbx)
	movl	$MSR_EFER_NUMBER, %ecx
	rdmsr
	movl	%eax, CONTROL_HOST_EFER(%rbx)
	movl	%edx, CONTROL_HOST_EFER + 4(%rbx)
	movl	$MSR_FS_BASE_NUMBER, %ecx
	rdmsr
	movl	%eax, CONTROL_HOST_BASE(%rbx)
	movl	%edx, CONTROL_HOST_BASE + 4(%rbx)
	sgdt	CONTROL_HOST_GDTR(%rbx)
	sidt	CONTROL_HOST_IDTR(%rbx)

	movq	CONTROL_CR3(%rbx), %rax
	movq	%rax, %cr3
	call	control_world
	movq	%rbx, %rdi
	xorl	%ebp, %ebp
	call	control_main
	testl	%eax, %eax
	jnz	control_unwind
	cmpl	$CONTROL_MODE_LONG, CONTROL_MODE(%rbx)
	jne	enter_protected
	jmp	enter_long
	.size	control_start, . - control_start

/*
 * control_world: rbx = control, in 64-bit code with the control pages' page tables. The control pages' descriptor tables,
 * segments and stack; goes back to its caller on the new stack. By iret, which lets NMIs through again where the world
 * before ended inside one. Clobbers rax, rcx, flags.
 */
	.type	control_world, @function
control_world:
	popq	%rcx
	movq	CONTROL_STACK(%rbx), %rsp
	lidt	CONTROL_GAP_IDTR(%rbx)	/* until there is a task register to take the vectors' stacks from */
	lgdt	CONTROL_GDTR(%rbx)
	pushq	$ENTRY_EFLAGS		/* NT is off, before the iret */
	popfq
	movl	$SEL_DATA, %eax
	movl	%eax, %ss
	movq	%rsp, %rax
	pushq	$SEL_DATA
	pushq	%rax
	pushq	$ENTRY_EFLAGS
	pushq	$SEL_CODE64
	leaq	1f(%rip), %rax
	pushq	%rax
	iretq
1:	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movq	CONTROL_GDTR + 2(%rbx), %rax
	andb	$TSS_NOT_BUSY, SEL_TSS + TSS_TYPE_BYTE(%rax)
	xorl	%eax, %eax
	lldt	%ax
	movl	$SEL_TSS, %eax
	ltr	%ax
	lidt	CONTROL_IDTR(%rbx)
	jmp	*%rcx
	.size	control_world, . - control_world

/*
 * enter_long: rbx = control. The image gets the registers of its entry state; all others are zero. The control pages'
 * page tables, descriptor tables and IDT stay loaded: the net is under the image until it loads its own. A called image finds its
 * return address on the stack, which is aligned as at any call (x86-64 psABI, 3.2.2).
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
	take_image_stack returned_long
	enter_image64
	.size	enter_long, . - enter_long

/* returned_long: the image came back by ret (or by a peer's call). rax = its result; nothing else of the state is trusted. */
	.globl	returned_long
	.hidden	returned_long
	.type	returned_long, @function
returned_long:
	cli
	cld
	leaq	control_data(%rip), %rbx
	note_return64
	jmp	control_unwind
	.size	returned_long, . - returned_long

/*
 * control_unwind: in 64-bit code on identity-mapped tables, whoever's; stack and all registers are up for grabs. The control
 * pages' world again, pages swapped back, then the shim's world, and the return from control_start.
 */
	.globl	control_unwind
	.hidden	control_unwind
	.type	control_unwind, @function
control_unwind:
	cli
	cld
	leaq	control_data(%rip), %rbx
	/* No-execute bits are in the tables that come next: the switch for them first. */
	movl	$MSR_EFER_NUMBER, %ecx
	movl	CONTROL_HOST_EFER(%rbx), %eax
	movl	CONTROL_HOST_EFER + 4(%rbx), %edx
	wrmsr
	movq	CONTROL_HOST_CR0(%rbx), %rax
	movq	%rax, %cr0
	movq	CONTROL_HOST_CR4(%rbx), %rax
	movq	%rax, %cr4
	movq	CONTROL_CR3(%rbx), %rax
	movq	%rax, %cr3
	xorl	%eax, %eax
	movq	%rax, %dr7
	movq	CONTROL_STACK(%rbx), %rsp
	call	control_world
	movq	%rbx, %rdi
	xorl	%ebp, %ebp
	call	control_back

	lidt	CONTROL_HOST_IDTR(%rbx)
	movq	CONTROL_HOST_GDTR + 2(%rbx), %rax
	andb	$TSS_NOT_BUSY, SEL_TSS + TSS_TYPE_BYTE(%rax)
	lgdt	CONTROL_HOST_GDTR(%rbx)
	movq	CONTROL_HOST_CR3(%rbx), %rax
	movq	%rax, %cr3
	movq	CONTROL_HOST_SP(%rbx), %rsp
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movl	$SEL_TSS, %eax
	ltr	%ax
	movl	$MSR_FS_BASE_NUMBER, %ecx
	movl	CONTROL_HOST_BASE(%rbx), %eax
	movl	CONTROL_HOST_BASE + 4(%rbx), %edx
	wrmsr
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popfq
	ret
	.size	control_unwind, . - control_unwind

/*
 * enter_protected: rbx = control, below 4 GiB as all control pages are. Leaves long mode by way of compatibility mode
 * (AMD64 APM vol. 2, 14.7) and enters the image with paging off, on the 32-bit world's descriptor tables. to_world32 is the way to
 * any address edi of that world.
 */
	.type	enter_protected, @function
enter_protected:
	leaq	world32_enter(%rip), %rdi
to_world32:
	movq	CONTROL_WORLD32(%rbx), %rdx
	lidt	CONTROL_GAP_IDTR(%rbx)
	lgdt	WORLD32_GDTR(%rdx)
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
	movl	%edx, %esi
	movl	$MSR_EFER_NUMBER, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	movl	%eax, %cr3
	movl	%eax, %cr4
	jmp	*%edi
	.size	leave_long, . - leave_long

/*
 * world32_leave: 32-bit code, ebx = control, edi = a 64-bit target's address. Whatever mode the image made of this one:
 * into long mode on the control pages' tables, and to the target with rsp = the control stack.
 */
	.globl	world32_leave
	.hidden	world32_leave
	.type	world32_leave, @function
world32_leave:
	lidtl	CONTROL_GAP_IDTR(%ebx)
	movl	$CR0_PE_BIT, %eax
	movl	%eax, %cr0		/* paging off, if the image had switched it on */
	movl	$CR4_PAE_BIT, %eax
	movl	%eax, %cr4
	movl	CONTROL_CR3(%ebx), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER_NUMBER, %ecx
	movl	CONTROL_HOST_EFER(%ebx), %eax
	movl	CONTROL_HOST_EFER + 4(%ebx), %edx
	wrmsr
	movl	CONTROL_HOST_CR0(%ebx), %eax
	movl	%eax, %cr0
	lgdtl	CONTROL_GDTR(%ebx)
	movl	$SEL_DATA, %eax
	movl	%eax, %ss
	movl	CONTROL_STACK(%ebx), %esp
	pushl	$SEL_CODE64
	pushl	%edi
	lretl
	.size	world32_leave, . - world32_leave

	.code64
/*
 * trap32: an exception of the image's in 32-bit mode; the stub left its numbers in struct control. Where the net lets it, the
 * image goes on.
 */
	.globl	trap32
	.hidden	trap32
	.type	trap32, @function
trap32:
	leaq	control_data(%rip), %rbx
	movq	CONTROL_STACK(%rbx), %rsp
	call	control_world
	movq	CONTROL_HOST_CR4(%rbx), %rax
	movq	%rax, %cr4
	xorl	%ebp, %ebp
	call	control_trap32
	leaq	world32_go_on(%rip), %rdi
	jmp	to_world32
	.size	trap32, . - trap32

	.bss
	.balign	8
entry_target:
	.skip	8

	.section .note.GNU-stack, "", @progbits
