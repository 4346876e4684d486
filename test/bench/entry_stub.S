/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Laid over the first bytes of a kernel's protected-mode code: says when it was entered, and ends QEMU. The 32-bit entry is at
 * offset 0, the 64-bit entry at 0x200 (Linux Documentation/arch/x86/boot.rst). Uses no stack and no memory; needs the first serial
 * port and isa-debug-exit. Prints "kernel32 tsc=" or "kernel64 tsc=" and 16 hexadecimal digits.
 */
#define SERIAL_DATA 0x3f8
#define SERIAL_LINE_STATUS 0x3fd
#define TRANSMITTER_EMPTY 0x20
#define DEBUG_EXIT 0xf4

/* Transmit %bl; clobbers eax, edx, flags. */
.macro transmit
	movw $SERIAL_LINE_STATUS, %dx
1:	inb %dx, %al
	testb $TRANSMITTER_EMPTY, %al
	jz 1b
	movw $SERIAL_DATA, %dx
	movb %bl, %al
	outb %al, %dx
.endm

/* Transmit the characters of the arguments; clobbers eax, ebx, edx, flags. */
.macro say characters:vararg
	.irp character, \characters
	movb $\character, %bl
	transmit
	.endr
.endm

/* The whole stub: edi:esi hold the time, ebp counts digits. */
.macro report_entry high_digit, low_digit
	rdtsc
	movl %edx, %edi
	movl %eax, %esi
	say 'k', 'e', 'r', 'n', 'e', 'l', \high_digit, \low_digit, ' ', 't', 's', 'c', '='
	movl $16, %ebp
2:	movl %edi, %ebx
	shrl $28, %ebx
	shldl $4, %esi, %edi
	shll $4, %esi
	cmpb $10, %bl
	jb 3f
	addb $('a' - 10 - '0'), %bl
3:	addb $'0', %bl
	transmit
	subl $1, %ebp
	jnz 2b
	say '\r', '\n'
	xorl %eax, %eax
	outb %al, $DEBUG_EXIT
4:	hlt
	jmp 4b
.endm

	.text
	.globl _start
	.code32
	.type _start, @function
_start:
	report_entry '3', '2'
	.size _start, . - _start

	.org 0x200
	.code64
	.type entry64, @function
entry64:
	report_entry '6', '4'
	.size entry64, . - entry64
