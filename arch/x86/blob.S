/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The control pages' code, as bytes that the shim carries (see arch/x86/control/). */
	.section .control_blob, "a", @progbits
	.incbin "control.bin"

	.section .note.GNU-stack, "", @progbits
