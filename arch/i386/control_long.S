/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The i386 build's way into an image in long mode, back from it, and the stubs of its vectors. Position-independent. */
#include "control/control.h"
#include "control/macros.h"
#include "early.h"
#include "vectors.h"
#include "world64.h"

#define MSR_EFER_NUMBER 0xc0000080
#define MSR_FS_BASE_NUMBER 0xc0000100
#define MSR_GS_BASE_NUMBER 0xc0000101
#define CR0_PE_BIT 0x1
#define CR4_PAE_BIT 0x20
#define VECTOR_NMI 2
#define TSS_TYPE_BYTE 5
#define TSS_NOT_BUSY 0xfd
#define FRAME64_TABLES (FRAME64_EFER - FRAME64_IDTR)

/*
 * To long mode: 32-bit code, ebx = control, ebp = world64, the control pages' GDT and the gap's IDT; edi = the 64-bit target, which
 * is reached with the stack as it is. Clobbers eax, ecx, edx.
 */
	.section .text.control_long, "ax"
	.code32
	.type	to_long, @function
to_long:
	movl	$CR0_PE_BIT, %eax
	movl	%eax, %cr0
	movl	$CR4_PAE_BIT, %eax
	movl	%eax, %cr4
	movl	WORLD64_CR3(%ebp), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER_NUMBER, %ecx
	movl	WORLD64_EFER(%ebp), %eax
	xorl	%edx, %edx
	wrmsr
	movl	$ENTRY_CR0_LONG, %eax
	movl	%eax, %cr0
	pushl	$SEL_CODE64
	pushl	%edi
	lretl
	.size	to_long, . - to_long

/* control_enter_long: 32-bit code, ebx = control, on the control stack, any IDT of the control pages. Into the image. */
	.globl	control_enter_long
	.hidden	control_enter_long
	.type	control_enter_long, @function
control_enter_long:
	lidtl	CONTROL_GAP_IDTR(%ebx)
	movl	CONTROL_WORLD64(%ebx), %ebp
	call	1f
1:	popl	%edi
	addl	$(enter_long - 1b), %edi
	jmp	to_long
	.size	control_enter_long, . - control_enter_long

	.code64
/* load_world64: rbx = control, rbp = world64. Descriptor table, segments and task; the gap's IDT stays. Clobbers eax. */
	.type	load_world64, @function
load_world64:
	lgdt	WORLD64_GDTR(%rbp)
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movq	WORLD64_GDTR + 2(%rbp), %rax
	andb	$TSS_NOT_BUSY, SEL_TSS + TSS_TYPE_BYTE(%rax)
	movl	$SEL_TSS, %eax
	ltr	%ax
	ret
	.size	load_world64, . - load_world64

/*
 * watch_long: rbx = control. The watchdog's timer is let through: after the IDT is loaded, since an NMI that is forgotten leaves the
 * 8259's request standing, which gives no second one. Clobbers eax, ecx.
 */
	.type	watch_long, @function
watch_long:
	movl	CONTROL_LINT0(%rbx), %ecx
	jrcxz	1f
	take_timer
	movl	$LINT0_NMI, (%rcx)
1:	ret
	.size	watch_long, . - watch_long

/* enter_long: as in the x86_64 build (arch/x86_64/control_start.S). */
	.type	enter_long, @function
enter_long:
	movl	%ebx, %ebx
	movl	%ebp, %ebp
	movl	%esp, %esp
	call	load_world64
	pushq	$SEL_CODE32
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
	/* The control stack is the net's from here on. */
1:	take_image_stack returned_long
	lidt	WORLD64_IDTR(%rbp)
	call	watch_long
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
	lidt	CONTROL_GAP_IDTR(%rbx)
	movl	CONTROL_LINT0(%rbx), %ecx
	jrcxz	1f
	movl	$LINT0_NMI_MASKED, (%rcx)
1:	note_return64
	movl	CONTROL_UNWIND(%rbx), %edi
	jmp	leave_long
	.size	returned_long, . - returned_long

/*
 * leave_long: 64-bit code, rbx = control, edi = a 32-bit target in the control pages, where esp = the control stack and paging is
 * off. Whatever page tables the image has, this code and control are mapped 1:1 in them. esi is kept.
 */
	.type	leave_long, @function
leave_long:
	lidt	CONTROL_GAP_IDTR(%rbx)
	movl	CONTROL_WORLD64(%rbx), %ebp
	movl	WORLD64_CR3(%rbp), %eax
	/* A process-context identifier in CR3, or the switch for them, does not let long mode be left. */
	movq	%rax, %cr3
	movl	$CR4_PAE_BIT, %eax
	movq	%rax, %cr4
	lgdt	CONTROL_GDTR(%rbx)
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movq	CONTROL_STACK(%rbx), %rsp
	pushq	$SEL_CODE32
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
	.code32
1:	movl	$CR0_PE_BIT, %eax
	movl	%eax, %cr0
	jmp	*%edi
	.size	leave_long, . - leave_long

	.code64
	.balign	WORLD64_STUB_SIZE
	.globl	world64_stubs
	.hidden	world64_stubs
	.type	world64_stubs, @function
world64_stubs:
	.set	vector, 0
	.rept	WORLD64_VECTORS
	.balign	WORLD64_STUB_SIZE
	.if	vector == VECTOR_NMI
	jmp	nmi_long
	.else
	.if	!((VECTORS_WITH_ERROR >> vector) & 1)
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_long
	.endif
	.set	vector, vector + 1
	.endr
	.balign	WORLD64_STUB_SIZE
	.size	world64_stubs, . - world64_stubs

/* nmi_long: one that comes while go_on_long takes the state from its place is only taken note of at the 8259. */
	.type	nmi_long, @function
nmi_long:
	pushq	%rax
	leaq	go_on_window(%rip), %rax
	cmpq	%rax, 8(%rsp)
	jb	2f
	leaq	go_on_window_end(%rip), %rax
	cmpq	%rax, 8(%rsp)
	ja	2f
	cmpl	$0, control_data + CONTROL_LINT0(%rip)
	je	1f
	take_timer
1:	popq	%rax
	iretq
2:	popq	%rax
	pushq	$0
	pushq	$VECTOR_NMI
	jmp	trap_long
	.size	nmi_long, . - nmi_long

	.macro	push_msr number
	movl	$\number, %ecx
	rdmsr
	shlq	$32, %rdx
	orq	%rdx, %rax
	pushq	%rax
	.endm

	.macro	pop_msr number
	popq	%rax
	movq	%rax, %rdx
	shrq	$32, %rdx
	movl	$\number, %ecx
	wrmsr
	.endm

/* trap_long: pushes struct frame64 on the vector's own stack and takes it to the 32-bit code. */
	.type	trap_long, @function
trap_long:
	push_registers64
	cld
	movl	%gs, %eax
	pushq	%rax
	movl	%fs, %eax
	pushq	%rax
	movl	%es, %eax
	pushq	%rax
	movl	%ds, %eax
	pushq	%rax
	movq	%cr4, %rax
	pushq	%rax
	movq	%cr3, %rax
	pushq	%rax
	movq	%cr2, %rax
	pushq	%rax
	movq	%cr0, %rax
	pushq	%rax
	push_msr MSR_EFER_NUMBER
	subq	$FRAME64_TABLES, %rsp
	sidt	(%rsp)
	sgdt	FRAME64_GDTR - FRAME64_IDTR(%rsp)
	push_msr MSR_FS_BASE_NUMBER
	push_msr MSR_GS_BASE_NUMBER
	movq	%rsp, %rsi
	leaq	control_data(%rip), %rbx
	leaq	trap64(%rip), %rdi
	jmp	leave_long
	.size	trap_long, . - trap_long

	.code32
/* trap64: ebx = control, esi = struct frame64, paging off. Where the net lets the image go on, it does. */
	.type	trap64, @function
trap64:
	call	control_resume_paging
	call	control_world
	xorl	%ebp, %ebp
	subl	$12, %esp
	pushl	%esi
	call	control_trap64
	lidtl	CONTROL_GAP_IDTR(%ebx)
	movl	CONTROL_WORLD64(%ebx), %ebp
	addl	$16, %esp
	leal	WORLD64_RESUME(%ebp), %edi
	movl	$FRAME64_SIZE / 4, %ecx
	rep movsl
	leal	-FRAME64_SIZE(%edi), %esi
	call	1f
1:	popl	%edi
	addl	$(go_on_long - 1b), %edi
	jmp	to_long
	.size	trap64, . - trap64

	.code64
/*
 * go_on_long: rbx = control, rbp = world64, esi = struct frame64 in world64. Back to what was interrupted, with all that it had.
 */
	.type	go_on_long, @function
go_on_long:
	movl	%esp, %esp
	movl	%ebx, %ebx
	movl	%ebp, %ebp
	movl	%esi, %esi
	call	load_world64
	movq	%rsi, %rsp
	lgdt	FRAME64_GDTR(%rsp)
	movq	FRAME64_DS(%rsp), %rax
	movl	%eax, %ds
	movq	FRAME64_DS + 8(%rsp), %rax
	movl	%eax, %es
	movq	FRAME64_DS + 16(%rsp), %rax
	movl	%eax, %fs
	movq	FRAME64_DS + 24(%rsp), %rax
	movl	%eax, %gs
	pop_msr MSR_GS_BASE_NUMBER
	pop_msr MSR_FS_BASE_NUMBER
	/* From here on an NMI writes over what is taken already: nothing of it may be looked at again. */
	addq	$FRAME64_TABLES, %rsp
	pop_msr MSR_EFER_NUMBER
	popq	%rcx			/* CR0, after CR3 and CR4 */
	addq	$8, %rsp
	popq	%rdx
	popq	%rax
	movq	%rax, %cr4
	movq	%rdx, %cr3
	movq	%rcx, %cr0
	lidt	WORLD64_IDTR(%rbp)	/* by which it came */
go_on_window:
	addq	$4 * 8, %rsp
	movl	CONTROL_LINT0(%rbx), %ecx
	jrcxz	1f
	take_timer
	movl	$LINT0_NMI, (%rcx)
1:	pop_registers64
	addq	$16, %rsp
go_on_window_end:
	iretq
	.size	go_on_long, . - go_on_long

	.bss
	.balign	8
entry_target:
	.skip	8

	.section .note.GNU-stack, "", @progbits
