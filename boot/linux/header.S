/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The front of trapeze.bzimage: boot sector, setup header (boot.rst, "The Real-Mode Kernel Header", protocol 2.15)
 * and a
 * 16-bit entry that can only say that it is none; then the stub. STUB_ numbers come from the stub's symbols
 * (mk/shim.mk).
 */
#include "place.h"
#include "stub_layout.h"

#define SETUP_SECTORS 1			/* behind the boot sector */
#define SECTOR 512
#define HEADER_START 0x1f1
#define LOADED_HIGH 0x01
#define XLF_KERNEL_64 0x01
#define XLF_CAN_BE_LOADED_ABOVE_4G 0x02
#define XLF_5LEVEL 0x20
#define PREFERRED 0x1000000		/* above low firmware tables; a multiple of PLACE_ALIGN */
#define COMMAND_LINE_MAX 4095		/* stub.h */
#define BIOS_TELETYPE 0x0e

	.section .setup, "ax"
	.code16
	.globl	setup_start
setup_start:
	/* Also where somebody writes the file to a disk's first sectors. */
	ljmpw	$0x7c0, $1f - setup_start
1:	movw	%cs, %ax
	movw	$text_not_bootable - setup_start, %si
	jmp	refuse

	.org	HEADER_START
	.byte	SETUP_SECTORS
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
	movw	%cs, %ax
	subw	$(SECTOR / 16), %ax
	movw	$text_16_bit - setup_start, %si

/* refuse: ax = the segment that begins where this file does, si = a sentence. Says it by the BIOS and stops. */
	.type	refuse, @function
refuse:
	cli
	cld
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$0xfff0, %sp		/* a loader of the setup code gives it 64 KiB, a boot sector has them */
	sti
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

text_not_bootable:
	.asciz	"\r\nTrapeze: a boot loader is needed, GRUB for one.\r\n"
text_16_bit:
	.asciz	"\r\nTrapeze: there is no 16-bit entry; a loader that uses the 32-bit or 64-bit one is needed.\r\n"
text_version:
	.ascii	TRAPEZE_VERSION
	.asciz	" (Trapeze)"
	.org	(SETUP_SECTORS + 1) * SECTOR

	.section .stub, "ax"
	.incbin "stub.bin"

	.section .note.GNU-stack, "", @progbits
