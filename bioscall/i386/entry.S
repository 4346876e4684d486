/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Entry of trapeze-bioscall.elf, i386: called by the convention of kexec jump, in flat 32-bit segments without paging, interrupts off,
 * both descriptor tables' limits 0. The caller's stack gets nothing but the re-entry point.
 *
 * Linux loads segments again as soon as the image has returned, and only then its own descriptor table, whose limit it has set to
 * 0 itself before the jump. So the image loads Linux's table as its last act: a table is only looked at when a segment is loaded,
 * and by then Linux's paging is on, in which the address means something.
 *
 * The same file is a program that this Linux can run: it writes what sgdt says, 6 bytes, to its standard output.
 */
#include "early.h"
#include "../page.h"

#define LINUX_CODE 0x60			/* arch/x86/include/asm/segment.h of Linux: its flat segments */
#define LINUX_DATA 0x68
#define PRIVILEGE 3
#define SYS_EXIT 1
#define SYS_WRITE 4
#define STANDARD_OUTPUT 1
#define GDTR_SIZE 6

	.section .text.start, "ax"
	.code32
	.globl	_start
	.type	_start, @function
_start:
	movl	%cs, %eax
	testb	$PRIVILEGE, %al
	jnz	print_gdtr
	cld
	movl	%esp, caller_sp
	movl	%cr0, %eax
	movl	%eax, caller_cr0
	sidtl	caller_idtr
	/* The canary segment's base is only known to the linker: put it into the descriptor; the image lies below 16 MiB. */
	movl	$canary_block, %eax
	movw	%ax, gdt_canary + 2
	shrl	$16, %eax
	movb	%al, gdt_canary + 4
	lgdtl	gdtr
	ljmpl	$SEL_CODE32, $1f
1:	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %ss
	movl	$SEL_CANARY, %eax
	movl	%eax, %gs
	movl	$stack_top, %esp
	call	bioscall_main
	.size	_start, . - _start

/* bioscall_leave: on any stack and descriptor tables, paging off. Does not return: it is the image that does. */
	.globl	bioscall_leave
	.type	bioscall_leave, @function
bioscall_leave:
	movl	$stack_top, %esp
	pushl	$2
	popfl
	movl	caller_cr0, %eax
	movl	%eax, %cr0
	lidtl	caller_idtr
	lgdtl	gdtr
	ljmpl	$LINUX_CODE, $1f
1:	movl	$LINUX_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	lgdtl	bioscall_area + BIOSCALL_GDTR
	movl	caller_sp, %esp
	popl	%eax
	pushl	$_start
	jmp	*%eax
	.size	bioscall_leave, . - bioscall_leave

/* print_gdtr: a process of Linux's. */
	.type	print_gdtr, @function
print_gdtr:
	subl	$8, %esp
	sgdtl	(%esp)
	movl	$SYS_WRITE, %eax
	movl	$STANDARD_OUTPUT, %ebx
	movl	%esp, %ecx
	movl	$GDTR_SIZE, %edx
	int	$0x80
	movl	$SYS_EXIT, %eax
	xorl	%ebx, %ebx
	int	$0x80
	.size	print_gdtr, . - print_gdtr

	.data
	.balign	8
gdt:
	.quad	0
	.quad	0
	.quad	0x00cf9b000000ffff	/* SEL_CODE32 */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
	.quad	0
	.quad	0
gdt_canary:
	.quad	0x00cf93000000ffff	/* SEL_CANARY */
	.org	gdt + LINUX_CODE
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
gdtr:
	.short	. - gdt - 1
	.long	gdt

	.bss
	.balign	16
caller_sp:
	.skip	4
caller_cr0:
	.skip	4
caller_idtr:
	.skip	6
	.balign	16
	.skip	8192
stack_top:

	.section .note.GNU-stack, "", @progbits
