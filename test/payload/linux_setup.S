/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The test kernel's 16-bit setup code, included by linux_header.S at the end of the header (boot.rst, "Running the Kernel").
 * Mode: real, cs:ip = the segment of the real-mode part + 0x20 : 0. Saves what it was entered with at SAVED, and enters the
 * 32-bit code where the header says that it is, or where a zImage was loaded, with esi = the real-mode part. cs is all that it
 * trusts.
 */
#define SAVED 0x5a0			/* test/payload/got_linux_real.c knows this and the order */
#define IN_CS(offset) ((offset) - 0x200)
#define SEL_CODE 0x8
#define SEL_DATA 0x10

	jmp	setup_start

	.macro	setup_code
	.org	0x400
setup_start:
	movl	%eax, %cs:IN_CS(SAVED)
	movl	%ebx, %cs:IN_CS(SAVED + 4)
	movl	%ecx, %cs:IN_CS(SAVED + 8)
	movl	%edx, %cs:IN_CS(SAVED + 12)
	movl	%esi, %cs:IN_CS(SAVED + 16)
	movl	%edi, %cs:IN_CS(SAVED + 20)
	movl	%ebp, %cs:IN_CS(SAVED + 24)
	movl	%esp, %cs:IN_CS(SAVED + 28)
	movw	%cs, %cs:IN_CS(SAVED + 36)
	movw	%ds, %cs:IN_CS(SAVED + 38)
	movw	%es, %cs:IN_CS(SAVED + 40)
	movw	%fs, %cs:IN_CS(SAVED + 42)
	movw	%gs, %cs:IN_CS(SAVED + 44)
	movw	%ss, %cs:IN_CS(SAVED + 46)
	pushfl
	popl	%cs:IN_CS(SAVED + 32)
	cli
	xorl	%esi, %esi
	movw	%cs, %si
	shll	$4, %esi
	subl	$0x200, %esi
	leal	setup_gdt - boot_sector(%esi), %eax
	movl	%eax, %cs:IN_CS(setup_gdtr - boot_sector + 2)
	leal	setup_flat - boot_sector(%esi), %eax
	movl	%eax, %cs:IN_CS(setup_far - boot_sector)
	.if	LOADED_HIGH
	movl	%cs:IN_CS(0x214), %edi
	.else
	movl	$0x10000, %edi
	.endif
	lgdtl	%cs:IN_CS(setup_gdtr - boot_sector)
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	*%cs:IN_CS(setup_far - boot_sector)

	.code32
setup_flat:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	jmp	*%edi

	.balign	8
setup_gdt:
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff	/* accessed already: the processor writes nothing */
setup_gdtr:
	.word	. - setup_gdt - 1
	.long	0
setup_far:
	.long	0
	.word	SEL_CODE
	.org	0x600
	.endm
