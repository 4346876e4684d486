/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The headers of the multiboot test kernels and their entry. Mode at the entry: protected, flat, paging off, interrupts
 * off. In: eax the format's magic number, ebx the information; no stack, and this code at any address. Out:
 * multiboot_main(struct registers *). Clobbers nothing before the registers are saved.
 *
 * FORMAT is 1 or 2; FLAT gives address fields; RELOCATABLE the tag of that name; SCREEN asks for one.
 */
#include "lib/entry32.h"

	.section .header, "a"
	.balign	8
	.globl	header
header:
	.if	FORMAT == 1
	.set	FLAGS, 0x3 | (FLAT << 16)
	.long	0x1badb002, FLAGS, -(0x1badb002 + FLAGS)
	.if	FLAT
	.long	header, image_start, image_load_end, image_end, multiboot_entry
	.endif
	.else
	.long	0xe85250d6, 0, header_end - header, -(0xe85250d6 + (header_end - header))
	.short	1, 0			/* information: modules, memory map */
	.long	16
	.long	3, 6
	.short	6, 0			/* modules on page boundaries */
	.long	8
	.short	0x1234, 1		/* nobody knows this one */
	.long	12
	.long	0
	.balign	8
	.if	FLAT
	.short	2, 0
	.long	24
	.long	header, image_start, image_load_end, image_end
	.short	3, 0
	.long	12
	.long	multiboot_entry
	.balign	8
	.endif
	.if	SCREEN
	.short	5, 0			/* a graphics screen */
	.long	20
	.long	800, 600, 32
	.balign	8
	.endif
	.if	RELOCATABLE
	.short	10, 0
	.long	24
	.long	0x4000000, 0xffffffff, 0x200000, 1
	.endif
	.short	0, 0
	.long	8
	.endif
header_end:

/*
 * Both formats have four bytes of zero in the information that nobody uses: the configuration table (3.3), the
 * reserved word behind the size (3.6).
 */
	.section .entry, "ax"
	.globl	multiboot_entry
	.type	multiboot_entry, @function
multiboot_entry:
	give_registers_anywhere multiboot_main, SCRATCH(%ebx)
	.size	multiboot_entry, . - multiboot_entry

	.section .note.GNU-stack, "", @progbits
