/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The area as it is in the file: the magic number, by which tools/bioscall finds it, and nothing to do. */
	.section .area, "aw"
	.ascii	"TRZBIOS1"
	.balign	4096

	.section .note.GNU-stack, "", @progbits
