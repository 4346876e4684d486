/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The way in and out of an image that sleeps, 32-bit. It is entered with its return address on the stack it is given, its
 * arguments behind that, and keeps a stack of its own. `reentry` and `given` are the caller's return address and stack, the
 * word for the return address taken off.
 */
#define STACK_SIZE 4096

	.section .text.entry, "ax"
/* _start(value, how), cdecl */
	.globl	_start
	.type	_start, @function
_start:
	call	locate
	popl	reentry - here(%ecx)
	movl	%esp, given - here(%ecx)
	movl	(%esp), %eax
	movl	4(%esp), %edx
	leal	stack_top - here(%ecx), %esp
	subl	$8, %esp
	pushl	%edx
	pushl	%eax
	call	sleeper_main
	call	locate
	movl	given - here(%ecx), %esp
	pushl	reentry - here(%ecx)
	ret
	.size	_start, . - _start

/* ecx = the address of `here`. */
	.type	locate, @function
locate:
	call	here
here:	popl	%ecx
	ret
	.size	locate, . - locate

	.macro	save_registers
	movl	4(%esp), %eax
	pushl	%ebx
	pushl	%ebp
	pushl	%esi
	pushl	%edi
	call	locate
	movl	%esp, own - here(%ecx)
	.endm

/* Entered again right after the call, with a new return address and new arguments behind it. */
	.macro	restore_registers
	call	locate
	popl	reentry - here(%ecx)
	movl	%esp, given - here(%ecx)
	movl	(%esp), %eax
	movl	own - here(%ecx), %esp
	popl	%edi
	popl	%esi
	popl	%ebp
	popl	%ebx
	.endm

	.globl	sleeper_yield
	.hidden	sleeper_yield
	.type	sleeper_yield, @function
sleeper_yield:
	save_registers
	movl	given - here(%ecx), %esp
	call	*reentry - here(%ecx)
	restore_registers
	ret
	.size	sleeper_yield, . - sleeper_yield

	.globl	sleeper_yield_here
	.hidden	sleeper_yield_here
	.type	sleeper_yield_here, @function
sleeper_yield_here:
	save_registers
	call	*reentry - here(%ecx)
	restore_registers
	ret
	.size	sleeper_yield_here, . - sleeper_yield_here

	.bss
	.balign	16
reentry:
	.skip	4
given:
	.skip	4
own:
	.skip	4
	.balign	16
	.skip	STACK_SIZE
stack_top:

	.section .note.GNU-stack, "", @progbits
