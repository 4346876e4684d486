/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The front of trapeze.bzimage: boot sector, setup header (boot.rst, "The Real-Mode Kernel Header", protocol 2.15)
 * and the 16-bit entry, whose C part is in setup/. The stub follows in the file. STUB_ numbers come from the stub's
 * symbols (mk/shim.mk).
 */
#include "place.h"
#include "setup/offsets.h"
#include "stub_layout.h"

#define SECTOR 512
#define HEADER_START 0x1f1
#define LOADED_HIGH 0x01
#define XLF_KERNEL_64 0x01
#define XLF_CAN_BE_LOADED_ABOVE_4G 0x02
#define XLF_5LEVEL 0x20
#define PREFERRED 0x1000000		/* above low firmware tables; a multiple of PLACE_ALIGN */
#define COMMAND_LINE_MAX 4095		/* stub.h */
#define BIOS_TELETYPE 0x0e
#define STACK_SIZE 0x1000		/* the BIOS works on it, too */
#define CR0_PE 0x01
#define SEL_CODE 0x10			/* __BOOT_CS, __BOOT_DS: fixed by the protocol */
#define SEL_DATA 0x18

	.section .setup, "ax"
	.code16
	.globl	setup_start
setup_start:
	/* Also where somebody writes the file to a disk's first sectors. */
	ljmpw	$0x7c0, $1f - setup_start
1:	movw	%cs, %ax
	cli
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$0xfff0, %sp		/* 64 KiB are memory on any machine */
	sti
	movw	$text_not_bootable - setup_start, %si
	jmp	refuse

	.org	HEADER_START
	.byte	setup_sectors		/* behind the boot sector */
	.short	0			/* root_flags */
	.long	(STUB_SIZE + 15) / 16	/* syssize */
	.short	0			/* ram_size */
	.short	0xffff			/* vid_mode: normal */
	.short	0			/* root_dev */
	.short	0xaa55
	.byte	0xeb, header_end - 1f	/* a short jump, whose length is the header's end */
1:	.ascii	"HdrS"
	.short	0x020f
	.long	0			/* realmode_swtch */
	.short	0			/* start_sys_seg */
	.short	text_version - setup_start - SECTOR
	.byte	0			/* type_of_loader */
	.byte	LOADED_HIGH
	.short	0			/* setup_move_size */
	.long	0x100000		/* code32_start */
	.long	0, 0			/* ramdisk_image, ramdisk_size */
	.long	0			/* bootsect_kludge */
	.short	0			/* heap_end_ptr */
	.byte	0, 0			/* ext_loader_ver, ext_loader_type */
	.long	0			/* cmd_line_ptr */
	.long	0x7fffffff		/* initrd_addr_max */
	.long	PLACE_ALIGN		/* kernel_alignment */
	.byte	1			/* relocatable_kernel */
	.byte	PLACE_ALIGN_SHIFT	/* min_alignment */
	.short	HEADER_XLOADFLAGS
	.long	COMMAND_LINE_MAX	/* cmdline_size */
	.long	0			/* hardware_subarch: a PC */
	.quad	0
	.long	0, 0			/* payload_offset, payload_length: not a compressed kernel */
	.quad	0			/* setup_data */
	.quad	PREFERRED
	.long	STUB_INIT_SIZE
	.long	0			/* handover_offset: no EFI stub */
	.long	STUB_KERNEL_INFO
header_end:
/*
 * The 16-bit entry: ip = 0, cs = the segment where the file begins + 0x20. The first 32 KiB there are the setup code's,
 * with a stack of its own. Calls setup_run, then enters the stub as a 32-bit loader would.
 */
	cld
	cli
	movw	%cs, %ax
	subw	$(SECTOR / 16), %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$stack_top, %esp
	pushw	%ax
	pushw	$1f
	lretw
1:	sti
	movw	$setup_bss, %di
	movw	$setup_bss_words, %cx
	xorl	%eax, %eax
	rep stosl
	pushl	$setup_start
	calll	setup_run
	testl	%eax, %eax
	jz	enter
	movw	%ax, %si

/* refuse: ds:si = a sentence. Says it by the BIOS and stops. */
	.type	refuse, @function
refuse:
	cld
1:	lodsb
	testb	%al, %al
	jz	2f
	movb	$BIOS_TELETYPE, %ah
	movw	$0x0007, %bx
	int	$0x10
	jmp	1b
2:	hlt
	jmp	2b
	.size	refuse, . - refuse

/* enter: to protected mode without paging, flat segments, no interrupts (Intel SDM vol. 3, 9.9.1). */
	.type	enter, @function
enter:
	cli
	xorl	%ebx, %ebx
	movw	%cs, %bx
	shll	$4, %ebx
	addl	%ebx, gdtr + 2
	addl	%ebx, far_protected
	lgdtl	gdtr
	movl	%cr0, %eax
	orb	$CR0_PE, %al
	movl	%eax, %cr0
	ljmpl	*far_protected
	.code32
protected:				/* ebx = the address of the segment that ended here */
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	movl	setup_move + MOVE_FROM(%ebx), %esi
	movl	setup_move + MOVE_TO(%ebx), %edi
	movl	setup_move + MOVE_WORDS(%ebx), %ecx
	rep movsl
	movl	setup_move + MOVE_ENTRY(%ebx), %eax
	leal	setup_zero_page(%ebx), %esi
	leal	stack_top(%ebx), %esp
	xorl	%ebx, %ebx
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	jmp	*%eax
	.size	enter, . - enter

	.balign	8
descriptors:
	.quad	0, 0
	.quad	0x00cf9b000000ffff	/* SEL_CODE */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
gdtr:
	.short	. - descriptors - 1
	.long	descriptors
far_protected:
	.long	protected
	.short	SEL_CODE

text_not_bootable:
	.asciz	"\r\nTrapeze: a boot loader is needed, GRUB for one.\r\n"
text_version:
	.ascii	TRAPEZE_VERSION
	.asciz	" (Trapeze)"

	.section .stack, "aw", @nobits
	.balign	16
	.skip	STACK_SIZE
stack_top:

	.section .note.GNU-stack, "", @progbits
