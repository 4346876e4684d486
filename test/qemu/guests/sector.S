/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A boot sector that prints "ready" on the first serial port and then does what the harness has to notice. Entered by the BIOS
 * in real mode at 0:7c00 with junk in every register but DL; never returns. ACTION is given to the assembler.
 */
#define ACTION_TRIPLE 1
#define ACTION_RESET 2
#define ACTION_HANG 3
#define ACTION_EXIT 4
#define ACTION_FLOOD 5
#define ACTION_READ 6			/* print the text in the next sector of the same disk */

#define FLOOD_BYTES 0x6000

#define NEXT_SECTOR 0x7e00
#define BIOS_READ_ONE 0x0201

#define SERIAL_DATA 0x3f8
#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_PULSE_RESET 0xfe
#define DEBUG_EXIT 0xf4

	.code16
	.text
	.globl _start
	.type _start, @function
_start:
	cli
	ljmp $0, $1f			/* some firmware jumps to 7c0:0 */
1:	xorw %ax, %ax
	movw %ax, %ds
	movb %dl, %bl
	movw $text, %si
	movw $SERIAL_DATA, %dx
	movw $(text_end - text), %cx
	cld
	rep outsb			/* QEMU's UART takes bytes as fast as they come */

.if ACTION == ACTION_TRIPLE
	lidtl empty_table		/* no vector can be found any more, the double fault's neither */
	int3
.elseif ACTION == ACTION_RESET
	movb $KEYBOARD_PULSE_RESET, %al
	outb %al, $KEYBOARD_COMMAND
.elseif ACTION == ACTION_EXIT
	movb $0x10, %al
	outb %al, $DEBUG_EXIT
.elseif ACTION == ACTION_READ
	movw %ax, %es
	movw %ax, %ss
	movw $0x7c00, %sp
	movb %bl, %dl
	movb $0, %dh
	movw $NEXT_SECTOR, %bx
	movw $2, %cx			/* track 0, sector 2 */
	movw $BIOS_READ_ONE, %ax
	int $0x13
	jc stop
	movw $NEXT_SECTOR, %si
	movw $SERIAL_DATA, %dx
2:	lodsb
	testb %al, %al
	jz stop
	outb %al, %dx
	jmp 2b
.elseif ACTION == ACTION_FLOOD
	movw $FLOOD_BYTES, %cx
	movb $'.', %al
1:	outb %al, %dx
	loop 1b
.endif
stop:	hlt
	jmp stop
	.size _start, . - _start

	.type empty_table, @object
empty_table:
	.word 0
	.long 0
	.size empty_table, . - empty_table

	.type text, @object
text:	.ascii "ready\r\n"
text_end:
	.size text, text_end - text

	.org 510
	.word 0xaa55
