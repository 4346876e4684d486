/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the stub carries and where it works, common to both builds; included by their start files. */
#include "place.h"

#define STACK_SIZE 0x4000
#define MULTIBOOT2_LOADED 0x36d76289
#define ZP_SCRATCH 0x1e4		/* four bytes of the zero page that are the kernel's */

/* The first of stub_start, 32-bit: ebp = its own address, esp = a stack. There is only one place known for one before. */
	.macro	find_place
	cli
	cld
	leal	ZP_SCRATCH + 4(%esi), %esp
	call	1f
1:	popl	%ebp
	subl	$(1b - stub_start), %ebp
	leal	stub_stack_top - stub_start(%ebp), %esp
	.endm

#define SETUP_TYPE_MAX 0x8000000a	/* SETUP_INDIRECT | SETUP_KEXEC_KHO: as Linux 7.2 (boot.rst, "kernel_info") */

	.section .rodata.kernel_info, "a"
	.balign 4
	.globl	kernel_info
	.type	kernel_info, @object
kernel_info:
	.ascii	"LToP"
	.long	kernel_info_end - kernel_info
	.long	kernel_info_end - kernel_info
	.long	SETUP_TYPE_MAX
kernel_info_end:
	.size	kernel_info, . - kernel_info

	.section .shim, "a"
	.globl	shim_bytes
	.hidden	shim_bytes
	.type	shim_bytes, @object
shim_bytes:
	.incbin "shim.bin"
	.globl	shim_bytes_end
	.hidden	shim_bytes_end
shim_bytes_end:
	.size	shim_bytes, . - shim_bytes

	.section .bss.saved, "aw", @nobits
	.balign 4096
	.globl	saved_place
	.hidden	saved_place
	.type	saved_place, @object
saved_place:
	.skip	PLACE_SIZE
	.size	saved_place, . - saved_place

	.section .bss.stack, "aw", @nobits
	.balign 16
	.type	stub_stack, @object
stub_stack:
	.skip	STACK_SIZE
stub_stack_top:
	.size	stub_stack, . - stub_stack

	.section .note.GNU-stack, "", @progbits
