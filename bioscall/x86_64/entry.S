/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Entry of trapeze-bioscall.elf, x86_64: called by the convention of kexec jump, in long mode, interrupts off, the
 * caller's page tables mapping memory and this image to itself. The caller's stack gets nothing; what it runs on
 * (descriptor tables, segments, CR4, the base of %fs) is as it was when the image returns to it, whatever happened.
 */
#include "early.h"

#define MSR_FS_BASE 0xc0000100
#define CR4_SSE 0x600			/* OSFXSR, OSXMMEXCPT: compiled code may use SSE */

	.section .text.start, "ax"
	.code64
	.globl	_start
	.type	_start, @function
_start:
	movq	%rsp, caller_sp
	sgdt	caller_gdtr
	sidt	caller_idtr
	movw	%cs, caller_cs
	movw	%ss, caller_ss
	movw	%ds, caller_ds
	movq	%cr4, %rax
	movq	%rax, caller_cr4
	orl	$CR4_SSE, %eax
	movq	%rax, %cr4
	movl	$MSR_FS_BASE, %ecx
	rdmsr
	movl	%eax, caller_fs_base
	movl	%edx, caller_fs_base + 4
	movl	$canary_block, %eax
	xorl	%edx, %edx
	wrmsr
	cld
	movl	$stack_top, %esp
	call	bioscall_main
	.size	_start, . - _start

/* bioscall_leave: on any stack, the caller's page tables loaded. Does not return: it is the image that does. */
	.globl	bioscall_leave
	.type	bioscall_leave, @function
bioscall_leave:
	movl	$stack_top, %esp
	pushq	$2
	popfq
	lgdt	caller_gdtr
	lidt	caller_idtr
	movl	caller_ds, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	caller_ss, %eax
	movl	%eax, %ss
	movl	$MSR_FS_BASE, %ecx
	movl	caller_fs_base, %eax
	movl	caller_fs_base + 4, %edx
	wrmsr
	movq	caller_cr4, %rax
	movq	%rax, %cr4
	movl	caller_cs, %eax
	pushq	%rax
	pushq	$1f
	lretq
1:	movq	caller_sp, %rsp
	ret
	.size	bioscall_leave, . - bioscall_leave

	.bss
	.balign	16
caller_sp:
	.skip	8
caller_cr4:
	.skip	8
caller_fs_base:
	.skip	8
caller_cs:
	.skip	4
caller_ss:
	.skip	4
caller_ds:
	.skip	4
caller_gdtr:
	.skip	10
caller_idtr:
	.skip	10
	.balign	16
	.skip	8192
stack_top:

	.section .note.GNU-stack, "", @progbits
