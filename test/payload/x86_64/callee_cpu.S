/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* callee.h in 64-bit long mode, interrupts off, all memory identity-mapped. Each is a C function (x86-64 psABI). */
#define MSR_EFER 0xc0000080
#define EFER_SCE 0x1
#define CR0_BITS 0x2c			/* TS, EM, NE */
#define CR4_BITS 0x20c			/* TSD, DE, OSFXSR */
#define CR4_OSFXSR 0x200
#define NOWHERE 0x7eadbeef0000		/* canonical, far above any memory */
#define NOT_CANONICAL 0x8000000000000000
#define INTERRUPT_SIZE 4
#define CR4_AVX 0x40200			/* OSXSAVE, OSFXSR */
#define XCR0_AVX 7

	.macro	function name
	.text
	.globl	\name
	.hidden	\name
	.type	\name, @function
\name:
	.endm

	.macro	end name
	.size	\name, . - \name
	.endm

	function callee_read_state
	pushfq
	popq	(%rdi)
	movq	%cr0, %rax
	movq	%rax, 8(%rdi)
	movq	%cr3, %rax
	movq	%rax, 16(%rdi)
	movq	%cr4, %rax
	movq	%rax, 24(%rdi)
	movl	$MSR_EFER, %ecx
	rdmsr
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, 32(%rdi)
	movl	%cs, %eax
	movq	%rax, 40(%rdi)
	movl	%ds, %eax
	movq	%rax, 48(%rdi)
	movl	%es, %eax
	movq	%rax, 56(%rdi)
	movl	%fs, %eax
	movq	%rax, 64(%rdi)
	movl	%gs, %eax
	movq	%rax, 72(%rdi)
	movl	%ss, %eax
	movq	%rax, 80(%rdi)
	ret
	end callee_read_state

	function callee_nowhere
	movabsq	$NOWHERE, %rax
	movl	(%rax), %eax
	ret
	end callee_nowhere

	function callee_no_stack
	movabsq	$NOT_CANONICAL, %rsp
	pushq	%rax
	end callee_no_stack

	function callee_garbage
	movq	%rdi, %rsp
	movq	%rsi, %rax
	leaq	no_table(%rip), %rdi
	lgdt	(%rdi)
	lidt	(%rdi)
	movq	$-1, %rbx
	movq	%rbx, %rcx
	movq	%rbx, %rdx
	movq	%rbx, %rsi
	movq	%rbx, %rdi
	movq	%rbx, %rbp
	movq	%rbx, %r8
	movq	%rbx, %r9
	movq	%rbx, %r10
	movq	%rbx, %r11
	movq	%rbx, %r12
	movq	%rbx, %r13
	movq	%rbx, %r14
	movq	%rbx, %r15
	std
	ret
	end callee_garbage

	function callee_control
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_SCE, %eax
	wrmsr
	movq	%cr4, %rax
	orq	$CR4_BITS, %rax
	movq	%rax, %cr4
	movq	%cr0, %rax
	orq	$CR0_BITS, %rax
	movq	%rax, %cr0
	ret
	end callee_control

	function callee_jump
	movabsq	$NOWHERE, %rax
	jmp	*%rax
	end callee_jump

	function callee_interrupt
	leaq	interrupts(%rip), %rax
	movzbl	%dil, %edi
	leaq	(%rax,%rdi,INTERRUPT_SIZE), %rax
	jmp	*%rax
	.balign	INTERRUPT_SIZE
interrupts:
	.set	vector, 0
	.rept	256
	.balign	INTERRUPT_SIZE
	.byte	0xcd, vector		/* int; the assembler would make int3 of number 3 */
	ret
	.set	vector, vector + 1
	.endr
	end callee_interrupt

	function callee_float
	movq	%cr4, %rax
	orq	$CR4_OSFXSR, %rax
	movq	%rax, %cr4
	fninit
	fld1				/* st(2): one */
	fldz				/* st(1): the sum */
	fldz				/* st(0): the number */
	movl	$1, %eax
	cvtsi2sdq %rax, %xmm0		/* one, number, sum */
	xorpd	%xmm1, %xmm1
	xorpd	%xmm2, %xmm2
	testq	%rdi, %rdi
	jz	2f
1:	fadd	%st(2), %st
	fld	%st
	fmul	%st, %st
	faddp	%st, %st(2)
	addsd	%xmm0, %xmm1
	addsd	%xmm1, %xmm2
	decq	%rdi
	jnz	1b
2:	fstp	%st
	fistpll	-8(%rsp)
	fstp	%st
	cvttsd2siq %xmm2, %rax
	addq	-8(%rsp), %rax
	ret
	end callee_float

	function callee_avx
	mov	%cr4, %rax
	orl	$CR4_AVX, %eax
	mov	%rax, %cr4
	xorl	%ecx, %ecx
	xgetbv
	push	%rax
	movl	$XCR0_AVX, %eax
	xorl	%edx, %edx
	xsetbv
	vextractf128 $1, %ymm7, %xmm6
	vmovd	%xmm6, %ecx
	vpcmpeqd %xmm6, %xmm6, %xmm6
	vinsertf128 $1, %xmm6, %ymm7, %ymm7
	shll	$8, %ecx
	pop	%rax
	orl	%ecx, %eax
	ret
	end callee_avx

	.section .rodata
no_table:
	.skip	10
	.section .note.GNU-stack, "", @progbits
