/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* int with each number that needs one, four bytes apart, for raise_int of both widths: a jump into it returns to the caller. */
	.text
	.balign	4
	.globl	int_table
	.type	int_table, @function
int_table:
	.set	vector, 0
	.rept	32
	.balign	4
	.byte	0xcd, vector		/* int $3 would be assembled as the one-byte form */
	ret
	.set	vector, vector + 1
	.endr
	.size	int_table, . - int_table

	.section .note.GNU-stack, "", @progbits
