/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The BIOS's side of a call. bios16_start to bios16_end is copied into conventional memory, struct bios16 at its beginning is
 * filled in there, and it runs there in real mode; bios16_enter and bios16_back are the shim's, in 32-bit code without
 * paging. Intel SDM vol. 3, 9.9 and chapter 20.
 */
#include "bios16.h"
#include "control/control.h"
#include "control/tick16.h"
#include "early.h"

#define IVT_NMI (2 * 4)
#define IVT_TICK (8 * 4)		/* IRQ 0's vector, where the AT's BIOS has it */
#define PORT_A20 0x92			/* system control port A: bit 1 is A20, bit 0 resets the processor */
#define PORT_A20_ON 0x02
#define PORT_A20_RESET 0x01

/* ds = cs = the page, es = 0; clobbers eax. unhook: unless the BIOS has set another vector meanwhile. */
	.macro	hook entry, handler, old
	movl	%es:\entry, %eax
	movl	%eax, \old
	movw	$(\handler - bios16_start), %es:\entry
	movw	%cs, %es:\entry + 2
	.endm
	.macro	unhook entry, handler, old
	movw	%cs, %ax
	cmpw	%ax, %es:\entry + 2
	jne	1f
	cmpw	$(\handler - bios16_start), %es:\entry
	jne	1f
	movl	\old, %eax
	movl	%eax, %es:\entry
1:
	.endm

	.section .rodata.bios16, "a"
	.balign	16
	.globl	bios16_start, bios16_end
bios16_start:
	.word	bios16_pm - bios16_start
	.word	bios16_real - bios16_start
	.word	bios16_nmi - bios16_start
	.skip	BIOS16_HEADER_SIZE - 6

	.code16
/* bios16_pm: 16-bit protected mode, the segments of SEL_CODE16 and SEL_DATA16 with the page as their base, the gap's IDT. */
	.type	bios16_pm, @function
bios16_pm:
	movw	$SEL_DATA16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	movl	$BIOS16_CR0_REAL, %eax
	movl	%eax, %cr0
	ljmpw	*BIOS16_REAL
	.size	bios16_pm, . - bios16_pm

/*
 * bios16_real: real mode, cs = the page. An interrupt handler is entered as `int` would (AMD64 APM vol. 2, 8.2.1: flags, cs, ip
 * pushed; IF and TF clear), a routine as by a far call, both by iret, which brings the flags.
 */
	.type	bios16_real, @function
bios16_real:
	movw	%cs, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movzwl	BIOS16_SP, %esp
	lidtl	BIOS16_IVT_IDTR
	xorw	%ax, %ax
	movw	%ax, %es
	cmpb	$0, BIOS16_WATCHED
	je	1f
	hook	IVT_TICK, bios16_tick, BIOS16_OLD_TICK
	hook	IVT_NMI, bios16_late, BIOS16_OLD_NMI
1:	cmpw	$BIOS16_INT, BIOS16_KIND
	jne	1f
	movw	BIOS16_VECTOR, %bx
	movl	%es:(%bx), %eax
	movl	%eax, BIOS16_TARGET
	pushw	BIOS16_REGS + BIOS16_EFLAGS
1:	pushw	%cs
	pushw	$(bios16_returned - bios16_start)
	pushw	BIOS16_FLAGS
	pushl	BIOS16_TARGET
	rdtsc
	movl	%eax, BIOS16_TSC + 8 * BIOS16_TSC_ENTERED
	movl	%edx, BIOS16_TSC + 8 * BIOS16_TSC_ENTERED + 4
	movl	BIOS16_REGS + BIOS16_EAX, %eax
	movl	BIOS16_REGS + BIOS16_EBX, %ebx
	movl	BIOS16_REGS + BIOS16_ECX, %ecx
	movl	BIOS16_REGS + BIOS16_EDX, %edx
	movl	BIOS16_REGS + BIOS16_ESI, %esi
	movl	BIOS16_REGS + BIOS16_EDI, %edi
	movl	BIOS16_REGS + BIOS16_EBP, %ebp
	movw	BIOS16_REGS + BIOS16_ES, %es
	movw	BIOS16_REGS + BIOS16_FS, %fs
	movw	BIOS16_REGS + BIOS16_GS, %gs
	movw	BIOS16_REGS + BIOS16_DS, %ds
	iretw
	.size	bios16_real, . - bios16_real

/* bios16_returned: the BIOS came back, cs = the page; everything else is its own. */
	.type	bios16_returned, @function
bios16_returned:
	pushfl
	cli
	popl	%cs:BIOS16_REGS + BIOS16_EFLAGS
	cld
	movw	%ds, %cs:BIOS16_REGS + BIOS16_DS
	movl	%eax, %cs:BIOS16_REGS + BIOS16_EAX
	movw	%cs, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movl	$BIOS16_SIZE, %esp
	movl	%ebx, BIOS16_REGS + BIOS16_EBX
	movl	%ecx, BIOS16_REGS + BIOS16_ECX
	movl	%edx, BIOS16_REGS + BIOS16_EDX
	movl	%esi, BIOS16_REGS + BIOS16_ESI
	movl	%edi, BIOS16_REGS + BIOS16_EDI
	movl	%ebp, BIOS16_REGS + BIOS16_EBP
	movw	%es, BIOS16_REGS + BIOS16_ES
	movw	%fs, BIOS16_REGS + BIOS16_FS
	movw	%gs, BIOS16_REGS + BIOS16_GS
	xorw	%ax, %ax
	movw	%ax, %es
	unhook	IVT_TICK, bios16_tick, BIOS16_OLD_TICK
	unhook	IVT_NMI, bios16_late, BIOS16_OLD_NMI
	rdtsc
	movl	%eax, BIOS16_TSC + 8 * BIOS16_TSC_RETURNED
	movl	%edx, BIOS16_TSC + 8 * BIOS16_TSC_RETURNED + 4
	/* The shim lies above 1 MiB: before anything of it is touched. A machine without the port reads ones. */
	inb	$PORT_A20, %al
	testb	$PORT_A20_ON, %al
	jnz	1f
	orb	$PORT_A20_ON, %al
	andb	$~PORT_A20_RESET & 0xff, %al
	outb	%al, $PORT_A20
1:	xorl	%edi, %edi
	movw	%cs, %di
	shll	$4, %edi
	lidtl	BIOS16_GAP_IDTR
	lgdtl	BIOS16_GDTR
	movl	$(BIOS16_CR0_REAL | BIOS16_CR0_PE), %eax
	movl	%eax, %cr0
	ljmpl	*BIOS16_BACK
	.size	bios16_returned, . - bios16_returned

/*
 * bios16_tick: the timer's interrupt while the BIOS has the machine; cs = the page, any stack. The BIOS's own handler first. Then, for a
 * call that takes long, the abort key; and the time: a call beyond it does not go on.
 */
	.type	bios16_tick, @function
bios16_tick:
	pushfw
	lcallw	*%cs:BIOS16_OLD_TICK
	pushl	%eax
	pushl	%edx
	rdtsc
	subl	%cs:BIOS16_LISTEN, %eax
	sbbl	%cs:BIOS16_LISTEN + 4, %edx
	jb	5f
	TICK16_KEY(BIOS16, BIOS16_ABORTED, 3f)
5:	TICK16_TIME(BIOS16, BIOS16_TIMEOUT, 3f)
	popl	%edx
	popl	%eax
	iretw
3:	movb	%al, %cs:BIOS16_ENDED
	popl	%edx
	popl	%eax
	popl	%cs:BIOS16_LEFT
	popfw
	jmp	bios16_returned
	.size	bios16_tick, . - bios16_tick

/*
 * bios16_late: an NMI while the BIOS has the machine; cs = the page, any stack. Before the deadline it is the BIOS's. Beyond it the call
 * does not go on; the way to bios16_returned is an iret, which lets the next NMI in.
 */
	.type	bios16_late, @function
bios16_late:
	pushl	%eax
	pushl	%edx
	TICK16_TIME(BIOS16, BIOS16_STUCK, 3f)
	popl	%edx
	popl	%eax
	ljmpw	*%cs:BIOS16_OLD_NMI
3:	movb	%al, %cs:BIOS16_ENDED
	popl	%edx
	popl	%eax
	popl	%cs:BIOS16_LEFT
	pushw	%cs
	pushw	$(bios16_returned - bios16_start)
	iretw
	.size	bios16_late, . - bios16_late

/* An NMI in a gap between two worlds (struct gap_table), in real mode. */
	.type	bios16_nmi, @function
bios16_nmi:
	iretw
	.size	bios16_nmi, . - bios16_nmi
bios16_end:

	.section .text.bios16, "ax"
	.code32
/* bios16_enter: edi = struct bios16, 32-bit flat code without paging, the shim's GDT, the gap's IDT. Goes on in bios_return. */
	.globl	bios16_enter
	.type	bios16_enter, @function
bios16_enter:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	leal	BIOS16_SIZE(%edi), %esp
	cmpw	$BIOS16_CALL32, BIOS16_KIND(%edi)
	je	bios16_call32
	pushl	$SEL_CODE16
	movzwl	(%edi), %eax
	pushl	%eax
	lretl
	.size	bios16_enter, . - bios16_enter

/* bios16_call32: edi = struct bios16, whose address waits on the stack meanwhile. The service returns by a far return. */
	.type	bios16_call32, @function
bios16_call32:
	pushl	%edi
	pushl	$SEL_CODE32
	pushl	$1f
	pushl	$SEL_CODE32
	pushl	BIOS16_TARGET(%edi)
	pushl	BIOS16_REGS + BIOS16_EFLAGS(%edi)
	rdtsc
	movl	%eax, BIOS16_TSC + 8 * BIOS16_TSC_ENTERED(%edi)
	movl	%edx, BIOS16_TSC + 8 * BIOS16_TSC_ENTERED + 4(%edi)
	movl	BIOS16_REGS + BIOS16_EAX(%edi), %eax
	movl	BIOS16_REGS + BIOS16_EBX(%edi), %ebx
	movl	BIOS16_REGS + BIOS16_ECX(%edi), %ecx
	movl	BIOS16_REGS + BIOS16_EDX(%edi), %edx
	movl	BIOS16_REGS + BIOS16_ESI(%edi), %esi
	movl	BIOS16_REGS + BIOS16_EBP(%edi), %ebp
	movb	$1, BIOS16_IN_SERVICE(%edi)
	movl	BIOS16_REGS + BIOS16_EDI(%edi), %edi
	popfl
	lretl
bios16_left32:				/* from bios16_nmi32: flat segments, any stack pointer */
	movl	bios16_page, %esp
	leal	BIOS16_SIZE - 4(%esp), %esp
1:	xchgl	%edi, (%esp)
	movb	$0, BIOS16_IN_SERVICE(%edi)
	movl	%eax, BIOS16_REGS + BIOS16_EAX(%edi)
	popl	%eax
	movl	%eax, BIOS16_REGS + BIOS16_EDI(%edi)
	pushfl
	popl	BIOS16_REGS + BIOS16_EFLAGS(%edi)
	cli
	cld
	movl	%ebx, BIOS16_REGS + BIOS16_EBX(%edi)
	movl	%ecx, BIOS16_REGS + BIOS16_ECX(%edi)
	movl	%edx, BIOS16_REGS + BIOS16_EDX(%edi)
	movl	%esi, BIOS16_REGS + BIOS16_ESI(%edi)
	movl	%ebp, BIOS16_REGS + BIOS16_EBP(%edi)
	rdtsc
	movl	%eax, BIOS16_TSC + 8 * BIOS16_TSC_RETURNED(%edi)
	movl	%edx, BIOS16_TSC + 8 * BIOS16_TSC_RETURNED + 4(%edi)
	lidtl	BIOS16_GAP_IDTR(%edi)
	lgdtl	BIOS16_GDTR(%edi)
	.size	bios16_call32, . - bios16_call32

/* bios16_back: edi = struct bios16, 32-bit flat code without paging, the shim's GDT, the gap's IDT. */
	.globl	bios16_back
	.type	bios16_back, @function
bios16_back:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	leal	BIOS16_SIZE(%edi), %esp
	jmp	bios_return
	.size	bios16_back, . - bios16_back

/* NMIs in protected mode: those in the gap, and in a 32-bit service the one beyond the deadline, which ends it as bios16_late does. */
	.globl	bios16_nmi32
	.type	bios16_nmi32, @function
bios16_nmi32:
	pushl	%eax
	pushl	%edx
	pushl	%edi
	movl	%cs:bios16_page, %edi
	cmpb	$0, %cs:BIOS16_IN_SERVICE(%edi)
	je	1f
	rdtsc
	subl	%cs:BIOS16_DEADLINE(%edi), %eax
	sbbl	%cs:BIOS16_DEADLINE + 4(%edi), %edx
	jb	1f
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movb	$BIOS16_STUCK, BIOS16_ENDED(%edi)
	movl	12(%esp), %eax
	movl	%eax, BIOS16_LEFT(%edi)
	movl	$bios16_left32, 12(%esp)
	movl	$SEL_CODE32, 16(%esp)
1:	popl	%edi
	popl	%edx
	popl	%eax
	iretl
	.size	bios16_nmi32, . - bios16_nmi32

	.section .note.GNU-stack, "", @progbits
