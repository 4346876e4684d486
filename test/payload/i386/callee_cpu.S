/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* callee.h in 32-bit protected mode, flat, interrupts off, paging off. Each is a C function (i386 ABI). */
#define MSR_EFER 0xc0000080
#define EFER_SCE 0x1
#define EXTENDED_LEAF 0x80000001
#define HAS_LONG_MODE 29		/* bit of EDX of that leaf (AMD64 APM vol. 3, E.4.2): there is an EFER then */
#define CR0_BITS 0x2c			/* TS, EM, NE */
#define CR4_BITS 0x20c			/* TSD, DE, OSFXSR */
#define NO_SELECTOR 0xfff8
#define STACK_NOWHERE 0xdeadbee0
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

	/* In eax: EFER, or zero where there is none. Clobbers ecx, edx; keeps ebx. */
	.type	read_efer, @function
read_efer:
	pushl	%ebx
	movl	$EXTENDED_LEAF, %eax
	cpuid
	xorl	%eax, %eax
	btl	$HAS_LONG_MODE, %edx
	jnc	1f
	movl	$MSR_EFER, %ecx
	rdmsr
	stc
1:	popl	%ebx
	ret
	.size	read_efer, . - read_efer

	function callee_read_state
	pushl	%edi
	movl	8(%esp), %edi
	pushfl
	popl	(%edi)
	movl	%cr0, %eax
	movl	%eax, 4(%edi)
	movl	%cr3, %eax
	movl	%eax, 8(%edi)
	movl	%cr4, %eax
	movl	%eax, 12(%edi)
	call	read_efer
	movl	%eax, 16(%edi)
	movl	%cs, %eax
	movl	%eax, 20(%edi)
	movl	%ds, %eax
	movl	%eax, 24(%edi)
	movl	%es, %eax
	movl	%eax, 28(%edi)
	movl	%fs, %eax
	movl	%eax, 32(%edi)
	movl	%gs, %eax
	movl	%eax, 36(%edi)
	movl	%ss, %eax
	movl	%eax, 40(%edi)
	popl	%edi
	ret
	end callee_read_state

	function callee_nowhere
	movl	$NO_SELECTOR, %eax
	movl	%eax, %es
	ret
	end callee_nowhere

	function callee_no_stack
	movl	$STACK_NOWHERE, %esp
	ud2
	end callee_no_stack

	function callee_garbage
	movl	8(%esp), %eax
	movl	4(%esp), %esp
	call	1f
1:	popl	%edi
	leal	(no_table - 1b)(%edi), %edi
	lgdtl	(%edi)
	lidtl	(%edi)
	movl	$-1, %ebx
	movl	%ebx, %ecx
	movl	%ebx, %edx
	movl	%ebx, %esi
	movl	%ebx, %edi
	movl	%ebx, %ebp
	std
	ret
no_table:
	.skip	6
	end callee_garbage

	function callee_control
	call	read_efer
	jnc	1f
	orl	$EFER_SCE, %eax
	wrmsr
1:	movl	%cr4, %eax
	orl	$CR4_BITS, %eax
	movl	%eax, %cr4
	movl	%cr0, %eax
	orl	$CR0_BITS, %eax
	movl	%eax, %cr0
	ret
	end callee_control

	/* There is no address that cannot be read, but there are segments that do not exist. */
	function callee_jump
	ljmpl	$NO_SELECTOR, $0
	end callee_jump

	function callee_interrupt
	call	1f
1:	popl	%eax
	movzbl	4(%esp), %ecx
	leal	(interrupts - 1b)(%eax,%ecx,INTERRUPT_SIZE), %eax
	jmp	*%eax
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
	movl	4(%esp), %ecx
	fninit
	fld1				/* st(2): one */
	fldz				/* st(1): the sum */
	fldz				/* st(0): the number */
	jecxz	2f
1:	fadd	%st(2), %st
	fld	%st
	fmul	%st, %st
	faddp	%st, %st(2)
	decl	%ecx
	jnz	1b
2:	fstp	%st
	subl	$8, %esp
	fistpll	(%esp)
	fstp	%st
	popl	%eax
	popl	%edx
	ret
	end callee_float

	function callee_avx
	mov	%cr4, %eax
	orl	$CR4_AVX, %eax
	mov	%eax, %cr4
	xorl	%ecx, %ecx
	xgetbv
	push	%eax
	movl	$XCR0_AVX, %eax
	xorl	%edx, %edx
	xsetbv
	vextractf128 $1, %ymm7, %xmm6
	vmovd	%xmm6, %ecx
	vpcmpeqd %xmm6, %xmm6, %xmm6
	vinsertf128 $1, %xmm6, %ymm7, %ymm7
	shll	$8, %ecx
	pop	%eax
	orl	%ecx, %eax
	ret
	end callee_avx

	.section .note.GNU-stack, "", @progbits
