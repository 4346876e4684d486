/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Vector stubs, 32-bit, for the shim and for the control pages (position-independent). Each is VECTOR_STUB_SIZE bytes, so
 * that a vector's address is computed. #DF, NMI and #PF come through task gates instead (task_stubs), on stacks of their own.
 */
#include "vectors.h"

	.section .text.vectors, "ax"
	.code32
	.balign VECTOR_STUB_SIZE
	.globl	vector_stubs
	.hidden	vector_stubs
	.type	vector_stubs, @function
vector_stubs:
	.set	vector, 0
	.rept	VECTOR_STUBS
	.balign	VECTOR_STUB_SIZE
	.if	!(vector < 32 && ((VECTORS_WITH_ERROR >> vector) & 1))
	pushl	$0
	.endif
	pushl	$vector
	jmp	vector_common
	.set	vector, vector + 1
	.endr
	.balign	VECTOR_STUB_SIZE
	.size	vector_stubs, . - vector_stubs

/* vector_common: builds struct trap_frame (bits.h), calls trap_handle(frame), and resumes what was interrupted. */
	.type	vector_common, @function
vector_common:
	pushl	%ebp
	pushl	%edi
	pushl	%esi
	pushl	%edx
	pushl	%ecx
	pushl	%ebx
	pushl	%eax
	cld
	movl	%esp, %eax
	movl	%esp, %ebx
	andl	$~15, %esp
	subl	$12, %esp
	pushl	%eax
	call	trap_handle
	movl	%ebx, %esp
	popl	%eax
	popl	%ebx
	popl	%ecx
	popl	%edx
	popl	%esi
	popl	%edi
	popl	%ebp
	addl	$8, %esp
	iretl
	.size	vector_common, . - vector_common

/*
 * Tasks: entered by a task gate; the interrupted state lies in the main TSS. Each calls trap_handle_task(vector, error) on its own stack and
 * goes back by iret; the task's next entry goes on behind it, hence the loop. %ebx holds nothing across.
 */
	.macro	task name, number, has_error
	.globl	\name
	.hidden	\name
	.type	\name, @function
\name:
	cld
	clts				/* a task switch sets CR0.TS */
	.if	\has_error
	popl	%eax
	.else
	xorl	%eax, %eax
	.endif
	subl	$8, %esp
	pushl	%eax
	pushl	$\number
	call	trap_handle_task
	addl	$16, %esp
	iretl
	jmp	\name
	.size	\name, . - \name
	.endm

	task	task_nmi, 2, 0
	task	task_df, 8, 1
	task	task_pf, 14, 1

	.section .note.GNU-stack, "", @progbits
