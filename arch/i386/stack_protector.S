/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Position-independent i386 archives call the stack protector's hook by a local name, which must be hidden. */
	.text
	.globl	__stack_chk_fail_local
	.hidden	__stack_chk_fail_local
	.type	__stack_chk_fail_local, @function
__stack_chk_fail_local:
	jmp	__stack_chk_fail
	.size	__stack_chk_fail_local, . - __stack_chk_fail_local

	.section .note.GNU-stack, "", @progbits
