/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the setup code cannot say in C (setup.h). 16-bit code, called as C calls: 32-bit arguments on the stack. */
#include "offsets.h"

#define PORT_DELAY 0x80
#define A20_WORD 0x200			/* the word of a vector that no BIOS uses, 80h */
#define HIGH_SEGMENT 0xffff		/* its offset 16 is 1 MiB, or 0 */

	.text
	.code16
/*
 * setup_bios(vector, regs): the handler is called as `int` would. ds, es = cs there, fs = 0; all that the BIOS may have
 * changed is put right again.
 */
	.globl	setup_bios
	.type	setup_bios, @function
setup_bios:
	pushal
	movl	36(%esp), %esi
	movl	40(%esp), %ebp
	xorw	%ax, %ax
	movw	%ax, %fs
	pushl	%fs:(, %esi, 4)
	movl	REGS_EAX(%ebp), %eax
	movl	REGS_EBX(%ebp), %ebx
	movl	REGS_ECX(%ebp), %ecx
	movl	REGS_EDX(%ebp), %edx
	movl	REGS_EDI(%ebp), %edi
	pushw	REGS_EFLAGS(%ebp)
	orw	$0x202, (%esp)		/* IF, for when it returns */
	cli
	lcallw	*2(%esp)
	movzwl	%sp, %esp
	pushfl
	cld
	movl	48(%esp), %ebp		/* behind flags, vector, pushal, return address, the first argument */
	movl	%eax, REGS_EAX(%ebp)
	movl	%ebx, REGS_EBX(%ebp)
	movl	%ecx, REGS_ECX(%ebp)
	movl	%edx, REGS_EDX(%ebp)
	movl	%edi, REGS_EDI(%ebp)
	popl	REGS_EFLAGS(%ebp)
	movw	%cs, %ax
	movw	%ax, %ds
	movw	%ax, %es
	addl	$4, %esp
	popal
	retl
	.size	setup_bios, . - setup_bios

/* setup_in(port): returns the byte. */
	.globl	setup_in
	.type	setup_in, @function
setup_in:
	movl	4(%esp), %edx
	xorl	%eax, %eax
	inb	%dx, %al
	retl
	.size	setup_in, . - setup_in

/* setup_out(port, value), and a microsecond of time. */
	.globl	setup_out
	.type	setup_out, @function
setup_out:
	movl	4(%esp), %edx
	movl	8(%esp), %eax
	outb	%al, %dx
	outb	%al, $PORT_DELAY
	retl
	.size	setup_out, . - setup_out

/* setup_a20_is_on(): 0 or 1; clobbers fs and gs. The word is put back before an interrupt can come. */
	.globl	setup_a20_is_on
	.type	setup_a20_is_on, @function
setup_a20_is_on:
	xorl	%eax, %eax
	movw	%ax, %fs
	movw	$HIGH_SEGMENT, %dx
	movw	%dx, %gs
	pushfw
	cli
	movw	%fs:A20_WORD, %cx
	movw	%gs:A20_WORD + 16, %dx
	notw	%dx
	movw	%dx, %fs:A20_WORD	/* now they differ, unless they are the same */
	outb	%al, $PORT_DELAY
	cmpw	%gs:A20_WORD + 16, %dx
	setne	%al
	movw	%cx, %fs:A20_WORD
	popfw
	retl
	.size	setup_a20_is_on, . - setup_a20_is_on

	.section .note.GNU-stack, "", @progbits
