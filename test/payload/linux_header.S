/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The test kernel: a file in bzImage format (Documentation/arch/x86/boot.rst). PROTOCOL, RELOCATABLE, LOADED_HIGH, HAS_64
 * and REAL (there is a 16-bit entry) come from payload.mk, and the file names of the two programs, which are linked to lie at CODE32 and CODE64.
 *
 *   0x0000  boot sector and one sector of setup with the header
 *   0x0400  with a 16-bit entry one more sector of setup code
 *   then    the kernel: 32-bit entry at its start, 64-bit entry at 0x200, then the programs
 */
#define CODE32 0x400
#define CODE64 0x4000
#define XLF_KERNEL_64 1
#define XLF_ABOVE_4G 2

	.if	LOADED_HIGH
	.set	load_address, 0x100000
	.else
	.set	load_address, 0x1000
	.endif
	.if	PROTOCOL >= 0x20c && HAS_64
	.set	xloadflags, XLF_KERNEL_64 | XLF_ABOVE_4G
	.else
	.set	xloadflags, 0
	.endif
	.if	PROTOCOL >= 0x20a
	.set	min_alignment, 12
	.else
	.set	min_alignment, 0
	.endif
	.if	RELOCATABLE
	.set	pref_address, 0x1000000
	.else
	.set	pref_address, 0x100000
	.endif

	.code16
	.section .header, "ax"
boot_sector:
	jmp	no_boot
	.ascii	"This is a test kernel of Trapeze; it has no boot sector of its own."
no_boot:
	cli
	hlt
	jmp	no_boot

	.org	0x1f1
	.byte	1 + REAL		/* setup_sects */
	.word	0			/* root_flags */
	.long	(kernel_end - kernel) / 16	/* syssize */
	.word	0			/* ram_size */
	.word	0xffff			/* vid_mode: normal */
	.word	0			/* root_dev */
	.word	0xaa55			/* boot_flag */
	.byte	0xeb, header_end - 1f	/* jump */
1:	.ascii	"HdrS"
	.word	PROTOCOL
	.long	0			/* realmode_swtch */
	.word	0x1000			/* start_sys_seg */
	.word	release - 0x200		/* kernel_version */
	.byte	0			/* type_of_loader */
	.byte	LOADED_HIGH		/* loadflags */
	.word	0x8000			/* setup_move_size */
	.long	load_address		/* code32_start */
	.long	0, 0			/* ramdisk_image, ramdisk_size */
	.long	0			/* bootsect_kludge */
	.if	PROTOCOL >= 0x201
	.word	0			/* heap_end_ptr */
	.byte	0, 0			/* ext_loader_ver, ext_loader_type */
	.endif
	.if	PROTOCOL >= 0x202
	.long	0			/* cmd_line_ptr */
	.endif
	.if	PROTOCOL >= 0x203
	.long	0x37ffffff		/* initrd_addr_max */
	.endif
	.if	PROTOCOL >= 0x205
	.long	0x200000		/* kernel_alignment */
	.byte	RELOCATABLE
	.byte	min_alignment
	.word	xloadflags
	.endif
	.if	PROTOCOL >= 0x206
	.long	1023			/* cmdline_size */
	.endif
	.if	PROTOCOL >= 0x207
	.long	0			/* hardware_subarch */
	.quad	0			/* hardware_subarch_data */
	.endif
	.if	PROTOCOL >= 0x208
	.long	0, 0			/* payload_offset, payload_length */
	.endif
	.if	PROTOCOL >= 0x209
	.quad	0			/* setup_data */
	.endif
	.if	PROTOCOL >= 0x20a
	.quad	pref_address
	.long	0x100000		/* init_size */
	.endif
	.if	PROTOCOL >= 0x20b
	.long	0			/* handover_offset */
	.endif
	.if	PROTOCOL >= 0x20f
	.long	kernel_info - kernel	/* kernel_info_offset */
	.endif
header_end:
	.if	REAL
#include "linux_setup.S"
	.endif
	.org	0x300
release:
	.asciz	"1.0-got (test kernel of Trapeze)"
	.if	REAL
	setup_code
	.else
	.org	0x400
	.endif

	.section .kernel, "ax"
kernel:
	.code32
startup_32:
	jmp	kernel + CODE32

	.org	0x200
	.code64
startup_64:
	jmp	kernel + CODE64

	.balign	16
kernel_info:
	.ascii	"LToP"
	.long	kernel_info_end - kernel_info, kernel_info_end - kernel_info
	.long	9			/* setup_type_max */
kernel_info_end:

	.org	CODE32
	.incbin	PROGRAM32
	.org	CODE64
	.if	HAS_64
	.incbin	PROGRAM64
	.endif
	.balign	16
kernel_end:
	.section .note.GNU-stack, "", @progbits
