/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Vectors entered on purpose; see arch/x86/raise.c. */
	.text
	.code32
/* raise_frame(stub, error), cdecl: the frame that the processor pushes, then the stub. Returns if the handler does. */
	.globl	raise_frame
	.type	raise_frame, @function
raise_frame:
	movl	4(%esp), %eax
	movl	8(%esp), %edx
	pushfl
	pushl	%cs
	pushl	$1f
	pushl	%edx
	jmp	*%eax
1:	ret
	.size	raise_frame, . - raise_frame

/* raise_int(vector below 32), cdecl: int with that number. */
	.globl	raise_int
	.type	raise_int, @function
raise_int:
	movl	4(%esp), %eax
	leal	int_table(, %eax, 4), %eax
	jmp	*%eax
	.size	raise_int, . - raise_int

	.section .note.GNU-stack, "", @progbits
