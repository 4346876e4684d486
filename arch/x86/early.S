/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The first instructions, common to both builds: in 32-bit protected mode as the loader left it, checks that must come
 * before anything else can run, each with a sentence. Included by the start files of the two builds.
 */
#define MULTIBOOT2_LOADED 0x36d76289
#define COM1 0x3f8
#define UART_THR 0
#define UART_LSR 5
#define UART_LSR_THRE 0x20
#define UART_WAIT 0x100000		/* polls; bounded, so that an absent UART does not block */
#define VGA_TEXT 0xb8000
#define VGA_LAST_LINE (VGA_TEXT + 24 * 160)
#define EFLAGS_ID 0x200000
#define EFLAGS_AC 0x40000
#define CPUID_EDX_FPU (1 << 0)
#define CPUID_EDX_TSC (1 << 4)
#define CPUID_EDX_MSR (1 << 5)
#define CPUID_EDX_CMOV (1 << 15)
#define CPUID_FLOOR (CPUID_EDX_FPU | CPUID_EDX_TSC | CPUID_EDX_CMOV)

	.section .text.start, "ax"
	.code32

/*
 * start: entered by the loader. eax = magic, ebx = information block, paging off, flat segments (Multiboot2 3.3).
 * Falls into the build's start_wide with ebx kept, ebp = eax, entry time stored, stack set, bss as the loader zeroed it.
 */
	.globl	start
	.type	start, @function
start:
	cli
	cld
	movl	$stack_top, %esp
	movl	%eax, %ebp
	cmpl	$MULTIBOOT2_LOADED, %ebp
	movl	$text_no_multiboot2, %esi
	jne	start_refuse

	/* Is there CPUID at all? EFLAGS.ID can be changed where there is (Intel SDM vol. 1, 20.1). */
	pushfl
	popl	%eax
	movl	%eax, %ecx
	xorl	$EFLAGS_ID, %eax
	pushl	%eax
	popfl
	pushfl
	popl	%eax
	pushl	%ecx
	popfl
	xorl	%ecx, %eax
	testl	$EFLAGS_ID, %eax
	movl	$text_no_i686, %esi
	jz	start_refuse

	pushl	%ebx
	movl	$1, %eax
	cpuid
	popl	%ebx
	andl	$CPUID_FLOOR, %edx
	cmpl	$CPUID_FLOOR, %edx
	movl	$text_no_i686, %esi
	jne	start_refuse

	rdtsc
	movl	%eax, entry_tsc
	movl	%edx, entry_tsc + 4
	jmp	start_wide
	.size	start, . - start

/*
 * start_refuse: esi = a sentence. Says it on COM1 and on the last line of a text screen, then stops for good: there is
 * nothing below us to return to.
 */
	.type	start_refuse, @function
start_refuse:
	movl	%esi, %edi
	movl	$text_name, %esi
	call	start_puts
	movl	%edi, %esi
	call	start_puts
	movl	$text_end_line, %esi
	call	start_puts
start_stop:
	hlt
	jmp	start_stop
	.size	start_refuse, . - start_refuse

/* start_puts: esi = text, NUL-terminated. Clobbers eax, ecx, edx, esi. vga_cursor moves on. */
	.type	start_puts, @function
start_puts:
	lodsb
	testb	%al, %al
	jz	2f
	call	start_putc
	jmp	start_puts
2:	ret
	.size	start_puts, . - start_puts

/* start_putc: al = a byte. Clobbers eax, ecx, edx. */
	.type	start_putc, @function
start_putc:
	movb	%al, %ah
	movl	$UART_WAIT, %ecx
	movw	$(COM1 + UART_LSR), %dx
1:	inb	%dx, %al
	testb	$UART_LSR_THRE, %al
	jnz	2f
	loop	1b
2:	movb	%ah, %al
	movw	$(COM1 + UART_THR), %dx
	outb	%al, %dx
	cmpb	$' ', %al
	jb	3f
	movl	vga_cursor, %ecx
	movb	%al, (%ecx)
	movb	$0x0f, 1(%ecx)
	addl	$2, vga_cursor
3:	ret
	.size	start_putc, . - start_putc

	.section .rodata.start, "a"
text_name:
	.asciz	"\r\nTrapeze: "
text_end_line:
	.asciz	" Stopped.\r\n"
text_no_multiboot2:
	.asciz	"not loaded by the multiboot2 protocol (eax holds another magic number)."
text_no_i686:
	.asciz	"this processor is older than i686 (CPUID, TSC and CMOV are needed)."

	.section .data.start, "aw"
	.balign 8
	.globl	entry_tsc
	.type	entry_tsc, @object
entry_tsc:
	.quad	0
	.size	entry_tsc, 8
vga_cursor:
	.long	VGA_LAST_LINE
