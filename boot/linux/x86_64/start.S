/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The x86_64 build's entries (boot.rst, "32-bit Boot Protocol" and "64-bit Boot Protocol"), and the way back to
 * 32-bit mode, which is how the shim is entered.
 */
#include "../body.S"

#define CPUID_EXT_EDX_LM (1 << 29)
#define CR0_PG 0x80000000
#define CR4_PAE 0x20
#define CR4_LA57 0x1000
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100
#define PTE_PRESENT_WRITE 0x3
#define PTE_LARGE 0x80
#define SEL_CODE64 0x08
#define SEL_DATA 0x10
#define SEL_CODE32 0x18
#define ENTRY64 0x200			/* fixed by the protocol */
#define PADDR_LIMIT_BIT 52
#define COM1 0x3f8
#define UART_LSR 5
#define UART_LSR_THRE 0x20
#define UART_WAIT 0x100000

	.section .text.start, "ax"
	.code32
/*
 * stub_start: flat 32-bit segments, no paging, esi = zero page, at any address below 4 GiB. Maps those 1:1 by tables
 * that are made where the shim's place is saved later, when they are in use no more.
 */
	.globl	stub_start
	.type	stub_start, @function
stub_start:
	find_place

	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	no_long_mode
	movl	$0x80000001, %eax
	cpuid
	testl	$CPUID_EXT_EDX_LM, %edx
	jz	no_long_mode

	/* Six tables: the root, its only child, four directories. */
	leal	saved_place - stub_start(%ebp), %edi
	movl	%edi, %ebx
	xorl	%eax, %eax
	movl	$(2 * 4096 / 4), %ecx
	rep stosl
	leal	4096 + PTE_PRESENT_WRITE(%ebx), %eax
	movl	%eax, (%ebx)
	xorl	%ecx, %ecx
2:	addl	$4096, %eax
	movl	%eax, 4096(%ebx, %ecx, 8)
	incl	%ecx
	cmpl	$4, %ecx
	jne	2b
	movl	$(PTE_PRESENT_WRITE | PTE_LARGE), %eax
3:	stosl
	movl	$0, (%edi)
	addl	$4, %edi
	addl	$0x200000, %eax
	jnc	3b

	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	%ebx, %cr3
	movl	$MSR_EFER, %ecx
	movl	$EFER_LME, %eax
	xorl	%edx, %edx
	wrmsr
	movl	%cr0, %eax
	orl	$CR0_PG, %eax
	movl	%eax, %cr0
	leal	descriptors - stub_start(%ebp), %eax
	subl	$8, %esp
	movw	$(descriptors_end - descriptors - 1), (%esp)
	movl	%eax, 2(%esp)
	lgdtl	(%esp)
	pushl	$SEL_CODE64
	leal	long_mode - stub_start(%ebp), %eax
	pushl	%eax
	lretl
	.size	stub_start, . - stub_start

/* no_long_mode: says so on COM1 and stops. ebp = stub_start's address. */
	.type	no_long_mode, @function
no_long_mode:
	leal	text_no_long_mode - stub_start(%ebp), %esi
1:	lodsb
	testb	%al, %al
	jz	4f
	movb	%al, %ah
	movl	$UART_WAIT, %ecx
	movw	$(COM1 + UART_LSR), %dx
2:	inb	%dx, %al
	testb	$UART_LSR_THRE, %al
	jnz	3f
	loop	2b
3:	movb	%ah, %al
	movw	$COM1, %dx
	outb	%al, %dx
	jmp	1b
4:	cli
	hlt
	jmp	4b
	.size	no_long_mode, . - no_long_mode

	.code64
	.org	ENTRY64
/* stub_start64: long mode, identity-mapped as far as the loader saw fit, rsi = zero page, at any address. */
	.globl	stub_start64
	.type	stub_start64, @function
stub_start64:
	cli
	cld
	movl	$1, %eax
	shlq	$PADDR_LIMIT_BIT, %rax
	jmp	run
	.size	stub_start64, . - stub_start64

/* long_mode: from stub_start, esi = zero page, in reach are 4 GiB. */
	.type	long_mode, @function
long_mode:
	movl	$SEL_DATA, %eax
	movl	%eax, %ss
	movl	%esi, %esi
	movl	$1, %eax
	shlq	$32, %rax
	.size	long_mode, . - long_mode
	/* falls through */

/*
 * run: rsi = zero page, rax = how far memory is in reach. Calls stub_main(zero page, reach), then leaves long mode by
 * code below
 * 4 GiB, in the last page of the place.
 */
	.type	run, @function
run:
	leaq	stub_stack_top(%rip), %rsp
	movq	%rsi, %rdi
	movq	%rax, %rsi
	xorl	%ebp, %ebp
	call	stub_main
	movl	%eax, %ebx
	leaq	leave(%rip), %rsi
	movl	$PLACE_LEAVE, %edi
	movl	$(leave_end - leave), %ecx
	rep movsb
	movl	$PLACE_LEAVE, %eax
	jmp	*%rax
	.size	run, . - run

/*
 * leave: runs at PLACE_LEAVE, on the stub's page tables and stack; ebx = information. Enters the shim as a multiboot2
 * loader would.
 */
	.type	leave, @function
leave:
	leaq	descriptors(%rip), %rax
	subq	$16, %rsp
	movw	$(descriptors_end - descriptors - 1), (%rsp)
	movq	%rax, 2(%rsp)
	lgdt	(%rsp)
	pushq	$SEL_CODE32
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
	.code32
1:	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	/* Only what paging needs, before it ends: process contexts would not let it (Intel SDM vol. 3, 4.1.2). */
	movl	%cr4, %eax
	andl	$(CR4_PAE | CR4_LA57), %eax
	movl	%eax, %cr4
	movl	%cr0, %eax
	andl	$~CR0_PG, %eax
	movl	%eax, %cr0
	movl	$MSR_EFER, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	movl	%eax, %cr4
	movl	$MULTIBOOT2_LOADED, %eax
	movl	$SHIM_ENTRY, %ecx
	jmp	*%ecx
	.balign 8
descriptors:
	.quad	0
	.quad	0x00af9b000000ffff	/* SEL_CODE64 */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
	.quad	0x00cf9b000000ffff	/* SEL_CODE32 */
descriptors_end:
leave_end:
	.size	leave, . - leave

	.section .rodata.text, "a"
text_no_long_mode:
	.ascii	"\r\nTrapeze: linux: error: this is the x86_64 build, and the processor has no long mode. "
	.asciz	"Use the i386 build. Stopped.\r\n"
