/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The PVH test kernel's note and entry. Mode at the entry: protected, flat, paging off, interrupts off (Xen,
 * docs/misc/pvh.pandoc). In: ebx the start information; no stack. Out: pvh_main(struct registers *).
 */
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
	cld
	pushl	$0			/* r9 */
	pushl	$0			/* r8 */
	pushl	$0			/* esp: none was given */
	pushl	%ebp
	pushl	%edi
	pushl	%esi
	pushl	%edx
	pushl	%ecx
	pushl	%ebx
	pushl	%eax
	movl	%esp, %eax
	subl	$4, %esp		/* 16-byte alignment at the call */
	pushl	%eax
	call	pvh_main
	.size	pvh_entry, . - pvh_entry

	.section .bss.stack, "aw", @nobits
	.balign	16
	.skip	4096
stack_end:
	.section .note.GNU-stack, "", @progbits
