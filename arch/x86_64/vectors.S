/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Vector stubs, 64-bit, for the shim and for the control pages (position-independent). Each is VECTOR_STUB_SIZE bytes, so
 * that a vector's address is computed. Entered by a gate with a stack of its own (IST): the interrupted stack, red zone
 * included, is not touched.
 */
#include "control/macros.h"
#include "vectors.h"

	.section .text.vectors, "ax"
	.code64
	.balign VECTOR_STUB_SIZE
	.globl	vector_stubs
	.hidden	vector_stubs
	.type	vector_stubs, @function
vector_stubs:
	.set	vector, 0
	.rept	VECTOR_STUBS
	.balign	VECTOR_STUB_SIZE
	.if	!(vector < 32 && ((VECTORS_WITH_ERROR >> vector) & 1))
	pushq	$0
	.endif
	pushq	$vector
	jmp	vector_common
	.set	vector, vector + 1
	.endr
	.balign	VECTOR_STUB_SIZE
	.size	vector_stubs, . - vector_stubs

/* vector_common: builds struct trap_frame (bits.h), calls trap_handle(frame), and resumes what was interrupted. */
	.type	vector_common, @function
vector_common:
	push_registers64
	cld
	movq	%rsp, %rdi
	call	trap_handle
	pop_registers64
	addq	$16, %rsp
	iretq
	.size	vector_common, . - vector_common

	.section .note.GNU-stack, "", @progbits
