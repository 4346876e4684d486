/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The x86_64 build's way from the loader's 32-bit mode to C in long mode. */
#include "early.h"
#include "../x86/early.S"

#define CPUID_EXT_EDX_LM (1 << 29)
#define CR0_MP 0x2
#define CR0_EM 0x4
#define CR0_NE 0x20
#define CR0_WP 0x10000
#define CR0_PG 0x80000000
#define CR4_PAE 0x20
#define CR4_OSFXSR 0x200
#define CR4_OSXMMEXCPT 0x400
#define MSR_EFER 0xc0000080
#define MSR_FS_BASE 0xc0000100
#define EFER_LME 0x100
#define PTE_PRESENT_WRITE 0x3
#define PTE_LARGE 0x80

	.section .text.start, "ax"
	.code32

/*
 * start_wide: ebp = magic, ebx = information block, stack set. Makes tables that map the first 4 GiB 1:1 in 2 MiB pages
 * (the memory map is not known yet), and enters long mode.
 */
	.type	start_wide, @function
start_wide:
	pushl	%ebx
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	movl	$text_no_long_mode, %esi
	jb	start_refuse
	movl	$0x80000001, %eax
	cpuid
	popl	%ebx
	testl	$CPUID_EXT_EDX_LM, %edx
	movl	$text_no_long_mode, %esi
	jz	start_refuse

	/* Firmware may have left paging state behind: off with it, as far as it can be on in this mode. */
	movl	%cr0, %eax
	andl	$~(CR0_PG | CR0_EM), %eax
	orl	$(CR0_MP | CR0_NE | CR0_WP), %eax
	movl	%eax, %cr0

	movl	$early_pdpt, %eax
	orl	$PTE_PRESENT_WRITE, %eax
	movl	%eax, early_pml4
	movl	$early_pd, %eax
	orl	$PTE_PRESENT_WRITE, %eax
	xorl	%ecx, %ecx
1:	movl	%eax, early_pdpt(, %ecx, 8)
	addl	$4096, %eax
	incl	%ecx
	cmpl	$4, %ecx
	jne	1b
	movl	$(PTE_PRESENT_WRITE | PTE_LARGE), %eax
	xorl	%ecx, %ecx
2:	movl	%eax, early_pd(, %ecx, 8)
	addl	$0x200000, %eax
	incl	%ecx
	cmpl	$2048, %ecx
	jne	2b

	movl	$(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
	movl	%eax, %cr4
	movl	$early_pml4, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	$EFER_LME, %eax
	xorl	%edx, %edx
	wrmsr
	movl	%cr0, %eax
	orl	$CR0_PG, %eax
	movl	%eax, %cr0
	lgdtl	early_gdt_pointer
	ljmpl	$SEL_CODE64, $start_long
	.size	start_wide, . - start_wide

	.code64
/* start_long: 64-bit code, identity-mapped. Sets segments, the canary's base and calls arch_main(magic, info). */
	.type	start_long, @function
start_long:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movl	$MSR_FS_BASE, %ecx
	movl	$canary_block, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$stack_top, %esp
	movl	%ebp, %edi
	movl	%ebx, %esi
	xorl	%ebp, %ebp
	fninit
	call	arch_main
	ud2
	.size	start_long, . - start_long

	.section .rodata.start, "a"
text_no_long_mode:
	.asciz	"this is the x86_64 build, and the processor has no long mode. Use the i386 build."
	.balign 8
early_gdt:
	.quad	0
	.quad	0x00af9b000000ffff	/* SEL_CODE64 */
	.quad	0x00cf9b000000ffff	/* SEL_CODE32 */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
early_gdt_pointer:
	.short	. - early_gdt - 1
	.quad	early_gdt

	.section .bss.start, "aw", @nobits
	.balign 4096
early_pml4:
	.skip	4096
early_pdpt:
	.skip	4096
early_pd:
	.skip	4 * 4096

	.section .note.GNU-stack, "", @progbits
