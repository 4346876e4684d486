/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The control blob's header (struct control_header) and its data. */
#include "control.h"
#include "width.h"

	.section .control_header, "a"
	.globl	control_header
	.hidden	control_header
	.type	control_header, @object
control_header:
	.long	CONTROL_MAGIC
	.long	control_text_end - control_header
	.long	control_end - control_header
	.long	control_start - control_header
	.long	vector_stubs - control_header
	.long	CONTROL_TASK(task_nmi)
	.long	CONTROL_TASK(task_df)
	.long	CONTROL_TASK(task_pf)
	.long	control_data - control_header
	.long	control_stacks - control_header
	.long	control_world32 - control_header
	.long	world32_stubs - control_header
	.long	world32_returned - control_header
	.long	control_unwind - control_header
	.long	trap32 - control_header
	.long	world32_anchor - control_header
	.long	gap_nmi32 - control_header
	.long	gap_nmi64 - control_header
	.long	real16_start - control_header
	.long	real16_end - control_header
	.long	real16_back - control_header
	.long	CONTROL_TASK(control_world64)
	.long	CONTROL_TASK(world64_stubs)
	.long	returned_long - control_header
	.size	control_header, . - control_header

	.bss
	.balign	4096
	.globl	control_data
	.hidden	control_data
	.type	control_data, @object
control_data:
	.skip	CONTROL_DATA_SIZE
	.size	control_data, . - control_data

	.balign	16
	.type	control_world32, @object
control_world32:
	.skip	CONTROL_WORLD32_SIZE
	.size	control_world32, . - control_world32

	.balign	16
	.type	control_world64, @object
control_world64:
	.skip	CONTROL_WORLD64_SIZE
	.size	control_world64, . - control_world64

	.balign	16
	.type	control_stacks, @object
control_stacks:
	.skip	(5 + 3) * CONTROL_STACK_SIZE
	.size	control_stacks, . - control_stacks

	.section .note.GNU-stack, "", @progbits
