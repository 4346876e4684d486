/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The way in and out of an image that sleeps, 64-bit. It is entered with its return address on the stack it is given, and keeps
 * a stack of its own: the other is reset each time. `reentry` and `given` are the caller's return address and stack, the word
 * for the return address taken off.
 */
#define STACK_SIZE 4096

	.section .text.entry, "ax"
/* _start(rdi = value, rsi = how) */
	.globl	_start
	.type	_start, @function
_start:
	popq	reentry(%rip)
	movq	%rsp, given(%rip)
	leaq	stack_top(%rip), %rsp
	call	sleeper_main
	movq	given(%rip), %rsp
	pushq	reentry(%rip)
	ret
	.size	_start, . - _start

	.macro	save_registers
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, own(%rip)
	movq	%rdi, %rax
	.endm

/* Entered again right after the call, with a new return address; rdi = the new value. */
	.macro	restore_registers
	popq	reentry(%rip)
	movq	%rsp, given(%rip)
	movq	own(%rip), %rsp
	movq	%rdi, %rax
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	.endm

	.globl	sleeper_yield
	.hidden	sleeper_yield
	.type	sleeper_yield, @function
sleeper_yield:
	save_registers
	movq	given(%rip), %rsp
	call	*reentry(%rip)
	restore_registers
	ret
	.size	sleeper_yield, . - sleeper_yield

	.globl	sleeper_yield_here
	.hidden	sleeper_yield_here
	.type	sleeper_yield_here, @function
sleeper_yield_here:
	save_registers
	call	*reentry(%rip)
	restore_registers
	ret
	.size	sleeper_yield_here, . - sleeper_yield_here

	.bss
	.balign	16
reentry:
	.skip	8
given:
	.skip	8
own:
	.skip	8
	.balign	16
	.skip	STACK_SIZE
stack_top:

	.section .note.GNU-stack, "", @progbits
