/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A boot sector that says over COM1 what it was entered with, in the lines of the shim's record, then tries the BIOS. Linked at
 * 0x7c00 as a boot sector, at 0 as the image of a CD (cs is its segment then). test/qemu/test_bootsector.py reads it.
 */
#define COM1 0x3f8
#define LSR 5
#define LSR_EMPTY 0x20
#define BDA_TICKS 0x46c
#define WIDE 0x80			/* a field of four bytes */

	.code16
	.text
	.globl	_start
	.type	_start, @function
_start:
	pushfl
	pushal
	pushw	%ds
	pushw	%es
	pushw	%ss
	pushw	%cs
	call	1f
1:	popw	%ax
	subw	$(1b - _start), %ax
	pushw	%ax
	movw	%sp, %bp
	leaw	46(%bp), %ax
	pushw	%ax
	movw	%sp, %bp
	movw	$fields, %si
	call	show_fields
	movw	$text_flags, %si
	call	puts
	testb	$2, 45(%bp)
	jz	1f
	movw	$text_if, %si
	call	puts
1:	movw	$text_closed, %si
	call	puts
	movw	16(%bp), %bx
	orw	%bx, %bx
	jz	checks
	movw	$text_partition, %si
	call	puts
	movw	10(%bp), %ax
	movw	%ax, %es
	movw	$16, %cx
1:	movb	$' ', %al
	call	putc
	movb	%es:(%bx), %al
	incw	%bx
	pushw	%ax
	shrb	$4, %al
	call	digit
	popw	%ax
	call	digit
	loop	1b
	movw	$text_line, %si
	call	puts
checks:
	movw	$text_end, %si
	call	puts
	movl	%cr0, %eax
	call	hex
	movw	$text_cr4, %si
	call	puts
	movl	%cr4, %eax
	call	hex
	movw	$text_memory, %si
	call	puts
	xorl	%eax, %eax
	int	$0x12
	call	hex
	movw	$text_disk, %si
	call	puts
	movb	$0x41, %ah		/* EDD: are there extensions? bx comes back swapped */
	movw	$0x55aa, %bx
	movb	32(%bp), %dl
	int	$0x13
	movzwl	%bx, %eax
	call	hex
	movw	$text_ticks, %si
	call	puts
	xorw	%ax, %ax
	movw	%ax, %es
	movl	%es:BDA_TICKS, %ebx
2:	sti				/* whoever called us may have had them off; an AT's BIOS has not */
	hlt
	movl	%es:BDA_TICKS, %eax
	subl	%ebx, %eax
	cmpl	$2, %eax
	jb	2b
	call	hex
	movw	$text_done, %si
	call	puts
3:	hlt
	jmp	3b
	.size	_start, . - _start

/* Lines of a name and a number each: offset in the frame at bp, then the text that stands before the number; 0 ends. */
show_fields:
	movb	%cs:(%si), %bl
	incw	%si
	testb	%bl, %bl
	jz	9f
	call	puts
	movw	%bx, %di
	andw	$~WIDE & 0xff, %di
	movl	-2(%bp, %di), %eax	/* offsets count from 2, so that none is 0 */
	testb	$WIDE, %bl
	jnz	1f
	movzwl	%ax, %eax
1:	call	hex
	jmp	show_fields
9:	ret

/* The string at cs:si; si behind it. */
puts:	movb	%cs:(%si), %al
	incw	%si
	testb	%al, %al
	jz	9b
	call	putc
	jmp	puts

/* "0x" and eax without leading zeros. */
hex:	pushl	%eax
	movb	$'0', %al
	call	putc
	movb	$'x', %al
	call	putc
	popl	%eax
/* Digits of eax: those before the last one first. */
1:	pushl	%eax
	shrl	$4, %eax
	jz	2f
	call	1b
2:	popl	%eax
digit:	andb	$15, %al
	addb	$'0', %al
	cmpb	$'9', %al
	jbe	putc
	addb	$'a' - '9' - 1, %al
putc:	pushw	%dx
	pushw	%ax
	movw	$COM1 + LSR, %dx
1:	inb	%dx, %al
	testb	$LSR_EMPTY, %al
	jz	1b
	popw	%ax
	movw	$COM1, %dx
	outb	%al, %dx
	popw	%dx
	ret

	.macro	field offset, text
	.byte	\offset + 2
	.asciz	"\text"
	.endm

fields:	field	4, "got: real: cs="
	field	2, " ip="
	field	6, " ss="
	field	0, " sp="
	field	40 + WIDE, "\r\ngot: regs: ax="
	field	28 + WIDE, " bx="
	field	36 + WIDE, " cx="
	field	32 + WIDE, " dx="
	field	16 + WIDE, " si="
	field	12 + WIDE, " di="
	field	20 + WIDE, " bp="
	field	10, " ds="
	field	8, " es="
	field	44 + WIDE, " flags="
	.byte	0
text_flags:
	.asciz	" ["
text_if:
	.asciz	"IF"
text_closed:
	.asciz	"]\r\n"
text_partition:
	.asciz	"got: partition:"
text_end:
	.asciz	"got: end\r\ncheck: cr0="
text_cr4:
	.asciz	" cr4="
text_memory:
	.asciz	" memory="
text_disk:
	.asciz	" disk="
text_ticks:
	.asciz	" ticks="
text_done:
	.ascii	" done"
text_line:
	.asciz	"\r\n"
	.if	SIGNED
	.org	510
	.word	0xaa55
	.endif

	.section .note.GNU-stack, "", @progbits
