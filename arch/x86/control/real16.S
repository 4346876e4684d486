/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Into real mode and back. real16_start to real16_end is copied into conventional memory (struct real16 at its beginning is filled
 * in there) and runs from there; real16_enter and real16_back are 32-bit code of the control pages.
 */
#include "control.h"
#include "early.h"
#include "real16.h"
#include "tick16.h"

#define CR0_REAL 0x10			/* ET: as after a reset, but with caches on */
#define CR0_PE_BIT 0x1
#define PORT_A20 0x92			/* system control port A: bit 1 is A20, bit 0 resets the processor */
#define PORT_A20_ON 0x02
#define PORT_A20_RESET 0x01
#define PORT_ABSENT 0xff

	.section .text.real16, "ax"
	.balign	16
	.globl	real16_start, real16_end
	.hidden	real16_start, real16_end
real16_start:
	.word	enter_pm - real16_start
	.word	enter_real - real16_start
	.word	returned - real16_start
	.word	gap_nmi16 - real16_start
	.word	tick16 - real16_start
	.skip	REAL16_HEADER_SIZE - 10

	.code16
/* enter_pm: 16-bit protected mode, cs and the selectors of SEL_DATA16 with the page as their base, the gap's IDT. */
	.type	enter_pm, @function
enter_pm:
	movw	$SEL_DATA16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	movl	$REAL16_STACK, %esp
	movl	$CR0_REAL, %eax
	movl	%eax, %cr0
	ljmpw	*REAL16_ENTER
	.size	enter_pm, . - enter_pm

/* enter_real: real mode, cs = the page. Into the image by iret, which brings its flags; it returns by a far return. */
	.type	enter_real, @function
enter_real:
	movw	%cs, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movl	$REAL16_STACK, %esp
	lidtl	REAL16_REAL_IDTR
	movw	REAL16_IN + REAL16_SS, %ss
	movl	REAL16_IN + REAL16_SP, %esp
	pushw	%cs
	pushw	$(returned - real16_start)
	pushw	REAL16_IN + REAL16_FLAGS
	pushw	REAL16_IN + REAL16_CS
	pushw	REAL16_IN + REAL16_IP
	movl	REAL16_IN + REAL16_AX, %eax
	movl	REAL16_IN + REAL16_BX, %ebx
	movl	REAL16_IN + REAL16_CX, %ecx
	movl	REAL16_IN + REAL16_DX, %edx
	movl	REAL16_IN + REAL16_SI, %esi
	movl	REAL16_IN + REAL16_DI, %edi
	movl	REAL16_IN + REAL16_BP, %ebp
	movw	REAL16_IN + REAL16_ES, %es
	movw	REAL16_IN + REAL16_FS, %fs
	movw	REAL16_IN + REAL16_GS, %gs
	movw	REAL16_IN + REAL16_DS, %ds
	iretw
	.size	enter_real, . - enter_real

/* returned: by a far return, cs = the page; everything else is the image's. */
	.type	returned, @function
returned:
	pushfl
	cli
	popl	%cs:REAL16_OUT + REAL16_FLAGS
	movl	$SWING_OUTCOME_RETURNED, %cs:REAL16_ENDED
	.size	returned, . - returned

/* keep_registers: cs = the page; the image's flags are kept already, and how it ended. */
	.type	keep_registers, @function
keep_registers:
	cld
	movw	%ss, %cs:REAL16_OUT + REAL16_SS
	movl	%esp, %cs:REAL16_OUT + REAL16_SP
	movw	%ds, %cs:REAL16_OUT + REAL16_DS
	movl	%eax, %cs:REAL16_OUT + REAL16_AX
	movw	%cs, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movl	$REAL16_STACK, %esp
	movl	%ebx, REAL16_OUT + REAL16_BX
	movl	%ecx, REAL16_OUT + REAL16_CX
	movl	%edx, REAL16_OUT + REAL16_DX
	movl	%esi, REAL16_OUT + REAL16_SI
	movl	%edi, REAL16_OUT + REAL16_DI
	movl	%ebp, REAL16_OUT + REAL16_BP
	movw	%es, REAL16_OUT + REAL16_ES
	movw	%fs, REAL16_OUT + REAL16_FS
	movw	%gs, REAL16_OUT + REAL16_GS
	/* Before anything above 1 MiB is touched. A machine without the port reads ones. */
	inb	$PORT_A20, %al
	cmpb	$PORT_ABSENT, %al
	je	1f
	orb	$PORT_A20_ON, %al
	andb	$~PORT_A20_RESET & 0xff, %al
	outb	%al, $PORT_A20
1:	movl	REAL16_ENDED, %ecx
	.size	keep_registers, . - keep_registers

/* leave_real: ds = ss = cs = the page, interrupts off; ecx = how the image ended. */
	.type	leave_real, @function
leave_real:
	lidtl	REAL16_GAP_IDTR
	lgdtl	REAL16_GDTR
	movl	REAL16_CONTROL, %ebx
	movl	$(CR0_REAL | CR0_PE_BIT), %eax
	movl	%eax, %cr0
	ljmpl	*REAL16_LEAVE
	.size	leave_real, . - leave_real

/*
 * tick16: the timer, as NMI, while the image runs; cs = the page, six bytes on the image's stack, whatever that is. Looks for the
 * abort key and at the time, and goes back or ends the image.
 */
	.type	tick16, @function
tick16:
	movl	%eax, %cs:REAL16_TICK_AX
	movl	%edx, %cs:REAL16_TICK_DX
	cmpb	$0, %cs:REAL16_ENDED	/* it has returned already */
	jne	3f
	TICK16_KEY(REAL16, SWING_OUTCOME_ABORT, 4f)
	TICK16_TIME(REAL16, SWING_OUTCOME_WATCHDOG, 4f)
3:	movl	%cs:REAL16_TICK_DX, %edx
	movl	%cs:REAL16_TICK_AX, %eax
	iretw
4:	movb	%al, %cs:REAL16_ENDED
	movl	%cr0, %eax
	movl	%eax, %cs:REAL16_CR0
	movl	%cr4, %eax		/* a processor with a local APIC has it */
	movl	%eax, %cs:REAL16_CR4
	sgdtl	%cs:REAL16_GDTR_LEFT
	movl	%cs:REAL16_TICK_DX, %edx
	movl	%cs:REAL16_TICK_AX, %eax
	popw	%cs:REAL16_OUT + REAL16_IP
	popw	%cs:REAL16_OUT + REAL16_CS
	popw	%cs:REAL16_OUT + REAL16_FLAGS
	jmp	keep_registers
	.size	tick16, . - tick16

/* An NMI in a gap between two worlds (struct gap_table). */
	.type	gap_nmi16, @function
gap_nmi16:
	iretw
	.size	gap_nmi16, . - gap_nmi16
real16_end:

	.code32
/* real16_enter: ebx = control, 32-bit flat code without paging, the world's GDT and the gap's IDT. */
	.globl	real16_enter
	.hidden	real16_enter
	.type	real16_enter, @function
real16_enter:
	rdtsc
	movl	%eax, CONTROL_TSC_CALL(%ebx)
	movl	%edx, CONTROL_TSC_CALL + 4(%ebx)
	movl	CONTROL_REAL16(%ebx), %esi
	addl	%eax, REAL16_DEADLINE(%esi)
	adcl	%edx, REAL16_DEADLINE + 4(%esi)
	movl	REAL16_IO_APIC(%esi), %edx
	testl	%edx, %edx
	jz	1f
	call	real16_vector
	movl	IVT_NMI, %ecx
	movl	%ecx, REAL16_VECTOR(%esi)
	movl	%eax, IVT_NMI
	movl	REAL16_PIN(%esi), %eax
	movl	%eax, (%edx)
	movl	REAL16_PIN_ON(%esi), %eax
	movl	%eax, IO_APIC_WINDOW(%edx)
1:	pushl	$SEL_CODE16
	pushl	$(enter_pm - real16_start)
	lretl
	.size	real16_enter, . - real16_enter

/* real16_vector: esi = the page. Returns segment and offset of tick16 in eax. */
	.type	real16_vector, @function
real16_vector:
	movl	%esi, %eax
	shll	$(16 - 4), %eax
	movw	$(tick16 - real16_start), %ax
	ret
	.size	real16_vector, . - real16_vector

/* real16_back: ebx = control, ecx = how the image ended; 32-bit flat code, the world's GDT and the gap's IDT. */
	.globl	real16_back
	.hidden	real16_back
	.type	real16_back, @function
real16_back:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	CONTROL_STACK(%ebx), %esp
	movl	%ecx, CONTROL_OUTCOME(%ebx)
	rdtsc
	movl	%eax, CONTROL_TSC_BACK(%ebx)
	movl	%edx, CONTROL_TSC_BACK + 4(%ebx)
	movl	CONTROL_REAL16(%ebx), %esi
	movl	REAL16_IO_APIC(%esi), %edx
	testl	%edx, %edx
	jz	1f
	movl	REAL16_PIN(%esi), %eax
	movl	%eax, (%edx)
	movl	REAL16_PIN_OFF(%esi), %eax
	movl	%eax, IO_APIC_WINDOW(%edx)
	/* The vector as it was, unless the image has changed it. */
	call	real16_vector
	cmpl	%eax, IVT_NMI
	jne	1f
	movl	REAL16_VECTOR(%esi), %eax
	movl	%eax, IVT_NMI
1:	movl	CONTROL_UNWIND(%ebx), %edi
	jmp	world32_leave
	.size	real16_back, . - real16_back

	.section .note.GNU-stack, "", @progbits
