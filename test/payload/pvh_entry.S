/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The PVH test kernel's note and entry. Mode at the entry: protected, flat, paging off, interrupts off (Xen,
 * docs/misc/pvh.pandoc). In: ebx the start information; no stack. Out: pvh_main(struct registers *).
 */
#include "lib/entry32.h"

	.section .note.before, "a", @note
	.balign	4
	.long	4, 3, 1			/* somebody else's, of an odd size */
	.asciz	"Tpz"
	.byte	1, 2, 3
	.balign	4

	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 4, 18		/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.long	pvh_entry

	.text
	.globl	pvh_entry
	.type	pvh_entry, @function
pvh_entry:
	movl	$stack_end, %esp
	give_registers pvh_main
	.size	pvh_entry, . - pvh_entry

	.section .note.GNU-stack, "", @progbits
