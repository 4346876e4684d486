/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A flat image for real mode. Entered at its first byte with a choice in ax; the other registers are as the manifest gave them.
 * Returns by a far return. test/qemu/test_real.py knows the choices.
 */
#define BDA_TICKS 0x46c
#define PIC1_DATA 0x21
#define PIC2_DATA 0xa1
#define PORT_A20 0x92
#define PORT_A20_BITS 0x03
#define PIT_CHANNEL_0 0x40
#define PIT_COMMAND 0x43
#define PIT_ONCE 0x30			/* mode 0: one interrupt, then none */
#define FREE_VECTOR 0x60		/* for users' programs, as the PC's technical reference says */
#define CR0_BITS 0x2e			/* NE, TS, EM, MP */
#define CR4_BITS 0x21c			/* OSFXSR, PSE, DE, TSD */
#define ELSEWHERE 0x7000		/* memory that is nobody's */
#define NO_CODE 0xb000			/* video memory in a mode that has none there */

	.code16
	.text
	.globl	_start
	.type	_start, @function
_start:
	cmpw	$(table_end - table) / 2, %ax
	jae	unknown
	pushw	%bx
	movw	%ax, %bx
	shlw	$1, %bx
	movw	%cs:table(%bx), %ax
	popw	%bx
	jmp	*%ax
	.size	_start, . - _start

table:	.word	registers, memory_size, ticks, hang, wreck, e820, halt
	.word	loop, tables, control, flags, masks, timer, vectors, no_stack, nowhere, invalid, a20_hang
table_end:

unknown:
	movl	$0xbad, %eax
	lretw

/* Every register comes back inverted, and carry and zero set. */
registers:
	movl	$0x12345678, %eax
	notl	%ebx
	notl	%ecx
	notl	%edx
	notl	%esi
	notl	%edi
	notl	%ebp
	pushw	%fs
	popw	%es
	cmpw	%ax, %ax
	stc
	lretw

/* ax = kilobytes of conventional memory, by the BIOS. */
memory_size:
	xorl	%eax, %eax
	int	$0x12
	lretw

/* Two ticks of the BIOS's clock, which needs the 8259, its vectors and the BIOS data area; eax = their difference. */
ticks:
	pushw	%ds
	xorw	%ax, %ax
	movw	%ax, %ds
	movl	BDA_TICKS, %ecx
1:	sti
	hlt
	movl	BDA_TICKS, %eax
	subl	%ecx, %eax
	cmpl	$2, %eax
	jb	1b
	popw	%ds
	lretw

hang:	cli
	jmp	hang

halt:	cli
	hlt
	jmp	halt

loop:	sti
	jmp	loop

tables:	cli
	lgdtl	%cs:nothing
	lidtl	%cs:nothing
	jmp	done

control:
	movl	%cr4, %eax
	orl	$CR4_BITS, %eax
	movl	%eax, %cr4
	movl	%cr0, %eax
	orl	$CR0_BITS, %eax
	movl	%eax, %cr0
done:	movl	$0x78, %eax
	lretw

flags:	movl	$0x78, %eax
	pushl	$0x40cd7		/* AC, OF, DF, SF, ZF, AF, PF, CF */
	popfl
	lretw

masks:	cli
	movb	$0x5a, %al
	outb	%al, $PIC1_DATA
	outb	%al, $PIC2_DATA
	jmp	done

/* The watchdog gets no more interrupts from here on, but for the one. */
timer:	movb	$PIT_ONCE, %al
	outb	%al, $PIT_COMMAND
	movb	$0x10, %al
	outb	%al, $PIT_CHANNEL_0
	outb	%al, $PIT_CHANNEL_0
	jmp	done

vectors:
	xorw	%ax, %ax
	movw	%ax, %ds
	notl	FREE_VECTOR * 4
	jmp	done

/* Three words, which an interrupt pushes, lie on both ends of the segment. */
no_stack:
	cli
	movw	$ELSEWHERE, %ax
	movw	%ax, %ss
	movw	$2, %sp
	jmp	hang

nowhere:
	ljmpw	$NO_CODE, $0

/* The BIOS's handler returns to it. */
invalid:
	ud2

a20_hang:
	inb	$PORT_A20, %al
	andb	$~PORT_A20_BITS & 0xff, %al
	outb	%al, $PORT_A20
	jmp	hang

/* All that a return can do without: tables, segments, flags, masks, A20. */
wreck:
	cli
	movw	$0xffff, %ax
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	lgdtl	%cs:nothing
	inb	$PORT_A20, %al
	andb	$0xfc, %al
	outb	%al, $PORT_A20
	movb	$0xa5, %al
	outb	%al, $PIC1_DATA
	outb	%al, $PIC2_DATA
	lidtl	%cs:nothing
	fninit
	fld1
	std
	movw	$0x5555, %ax
	movw	%ax, %ds
	movl	$0x77, %eax
	lretw

nothing:
	.word	0
	.long	0xdeadbeef

/* One entry of the memory map into es:di as they come; eax, ebx, ecx as the BIOS leaves them. */
e820:	movl	$0xe820, %eax
	movl	$0x534d4150, %edx
	movl	$20, %ecx
	int	$0x15
	lretw

	.section .note.GNU-stack, "", @progbits
