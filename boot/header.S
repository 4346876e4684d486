/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The multiboot2 header (Multiboot2 Specification 2.0, 3.1): what we ask of the loader in front of us. Everything is
 * optional, so that a loader which cannot give a tag still loads us; what is missing is said in the log.
 * No boot-services tag: the loader ends EFI boot services and enters in 32-bit protected mode without paging.
 */
#define MB2_MAGIC 0xe85250d6
#define MB2_ARCH_I386 0
#define MB2_OPTIONAL 1
#define MB2_TAG_END 0
#define MB2_TAG_REQUEST 1
#define MB2_TAG_CONSOLE 4
#define MB2_TAG_MODULE_ALIGN 6
#define MB2_CONSOLE_EGA_TEXT 2

	.section .multiboot2, "a", @progbits
	.balign 8
	.type	multiboot2_header, @object
multiboot2_header:
	.long	MB2_MAGIC
	.long	MB2_ARCH_I386
	.long	multiboot2_header_end - multiboot2_header
	.long	-(MB2_MAGIC + MB2_ARCH_I386 + (multiboot2_header_end - multiboot2_header))

request_start:
	.short	MB2_TAG_REQUEST
	.short	MB2_OPTIONAL
	.long	request_end - request_start
	.long	1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
request_end:
	.balign 8
	.short	MB2_TAG_CONSOLE
	.short	MB2_OPTIONAL
	.long	12
	.long	MB2_CONSOLE_EGA_TEXT
	.balign 8
	.short	MB2_TAG_MODULE_ALIGN
	.short	MB2_OPTIONAL
	.long	8
	.balign 8
	.short	MB2_TAG_END
	.short	0
	.long	8
multiboot2_header_end:
	.size	multiboot2_header, . - multiboot2_header

	.section .note.GNU-stack, "", @progbits
