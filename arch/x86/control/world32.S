/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The 32-bit world's code: into the image, back from it, and the stubs of its vectors. 32-bit code in both builds. */
#include "control.h"
#include "early.h"
#include "macros.h"
#include "vectors.h"
#include "world32.h"

#define TSS_TYPE_BYTE 5
#define TSS_NOT_BUSY 0xfd
#define VECTOR_NMI 2
#define VECTOR_DF 8
#define CR0_EM_BIT 0x4
#define CR0_PG_BIT 0x80000000

	.section .text.world32, "ax"
/* An NMI in a gap between two worlds (struct gap_table). */
	.code64
	.globl	gap_nmi64
	.hidden	gap_nmi64
	.type	gap_nmi64, @function
gap_nmi64:
	iretq
	.size	gap_nmi64, . - gap_nmi64

	.code32
	.globl	gap_nmi32
	.hidden	gap_nmi32
	.type	gap_nmi32, @function
gap_nmi32:
	iretl
	.size	gap_nmi32, . - gap_nmi32

/*
 * world32_enter: ebx = control, esi = world32, paging off, the world's GDT and the gap's IDT loaded, CS flat. Into the image
 * with the entry state's registers. A called image finds its return address where its stack pointer points (cdecl).
 */
	.globl	world32_enter
	.hidden	world32_enter
	.type	world32_enter, @function
world32_enter:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movl	WORLD32_GDTR + 2(%esi), %eax
	andb	$TSS_NOT_BUSY, WORLD32_SEL_MAIN + TSS_TYPE_BYTE(%eax)
	movl	$WORLD32_SEL_MAIN, %eax
	ltr	%ax
	cmpl	$CONTROL_MODE_REAL, CONTROL_MODE(%ebx)
	je	real16_enter
	movl	CONTROL_SP(%ebx), %esp
	lidtl	WORLD32_IDTR(%esi)
	cmpl	$0, CONTROL_RETURNS(%ebx)
	je	1f
	movl	CONTROL_RETURN32(%ebx), %eax
	movl	%eax, (%esp)
	movl	%esp, CONTROL_RETURN_SLOT(%ebx)
1:	movl	CONTROL_LINT0(%ebx), %ecx
	jecxz	2f
	take_timer
	movl	$LINT0_NMI, (%ecx)
2:	rdtsc
	movl	%eax, CONTROL_TSC_CALL(%ebx)
	movl	%edx, CONTROL_TSC_CALL + 4(%ebx)
	pushl	CONTROL_IP(%ebx)
	pushl	CONTROL_ENTRY_FLAGS(%ebx)
	movl	CONTROL_AX(%ebx), %eax
	movl	CONTROL_CX(%ebx), %ecx
	movl	CONTROL_DX(%ebx), %edx
	movl	CONTROL_SI(%ebx), %esi
	movl	CONTROL_DI(%ebx), %edi
	movl	CONTROL_BP(%ebx), %ebp
	movl	CONTROL_BX(%ebx), %ebx
	popfl				/* a trap flag traps behind the return: at the entry */
	ret
	.size	world32_enter, . - world32_enter

	.macro	not_busy selector
	andb	$TSS_NOT_BUSY, \selector + TSS_TYPE_BYTE(%eax)
	.endm

/*
 * world32_go_on: as world32_enter, after an exception of vector CONTROL_FAULT_VECTOR was reported. The image's task goes on where
 * its state stands, by a jump from a task that only serves to be left.
 */
	.globl	world32_go_on
	.hidden	world32_go_on
	.type	world32_go_on, @function
world32_go_on:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movl	WORLD32_GDTR + 2(%esi), %eax
	movl	CONTROL_FAULT_VECTOR(%ebx), %edx
	andb	$TSS_NOT_BUSY, WORLD32_SEL_TASK + TSS_TYPE_BYTE(%eax, %edx, 8)
	not_busy (WORLD32_SEL_TASK + 8 * VECTOR_NMI)
	not_busy WORLD32_SEL_MAIN
	not_busy WORLD32_SEL_LEAVE
	movl	$WORLD32_SEL_LEAVE, %eax
	ltr	%ax
	/* What a tick's way back takes its CR3 from, whichever of the two it came upon. */
	movl	CONTROL_FAULT_CR4(%ebx), %eax
	movl	%eax, %cr4
	movl	CONTROL_FAULT_CR3(%ebx), %eax
	movl	%eax, %cr3
	movl	%eax, WORLD32_LEAVE_CR3(%esi)
	movl	CONTROL_FAULT_CR0(%ebx), %edi
	movl	$0, CONTROL_FAULT_CR0(%ebx)
	lidtl	WORLD32_IDTR(%esi)	/* before the timer is let through: an NMI that is forgotten would be its last */
	movl	CONTROL_LINT0(%ebx), %ecx
	jecxz	1f
	take_timer
	movl	$LINT0_NMI, (%ecx)
1:	movl	%edi, %cr0
	ljmpl	$WORLD32_SEL_MAIN, $0
	.size	world32_go_on, . - world32_go_on

/* The vectors' tasks, in WORLD32_SEL_STUBS: eax = error code, edx = vector. Of what the registers hold only 16 bits are known. */
	.balign	WORLD32_STUB_SIZE
	.globl	world32_stubs
	.hidden	world32_stubs
	.type	world32_stubs, @function
world32_stubs:
	.set	vector, 0
	.rept	WORLD32_VECTORS
	.balign	WORLD32_STUB_SIZE
	.if	vector == WORLD32_VECTOR_NM
	jmp	world32_no_math
	.else
	.if	vector < 32 && ((VECTORS_WITH_ERROR >> vector) & 1)
	popw	%ax
	movzwl	%ax, %eax
	.else
	xorl	%eax, %eax
	.endif
	movl	$vector, %edx
	jmp	world32_trap
	.endif
	.set	vector, vector + 1
	.endr
	.balign	WORLD32_STUB_SIZE
	.size	world32_stubs, . - world32_stubs

/* world32_no_math: #NM by an interrupt gate, on the image's stack. Keeps every register. */
	.type	world32_no_math, @function
world32_no_math:
	pushl	%eax
	movl	%cr0, %eax
	testl	$CR0_EM_BIT, %eax
	popl	%eax
	jnz	1f
	clts
	iretl
1:	lcall	$(WORLD32_SEL_TASK + 8 * WORLD32_VECTOR_EMULATE), $0
	.size	world32_no_math, . - world32_no_math

/*
 * world32_returned: the image came back by ret (or by a peer's call). eax = its result. The one word of this code that
 * knows where it lies: arch_swing_prepare writes struct control's address into it.
 */
	.globl	world32_returned, world32_anchor
	.hidden	world32_returned, world32_anchor
	.type	world32_returned, @function
world32_returned:
	cli
	cld
	.byte	0xbb			/* mov $control, %ebx */
world32_anchor:
	.long	0
	/* The image's segments may be anything but the one that this runs in. */
	lidtl	%cs:CONTROL_GAP_IDTR(%ebx)
	lgdtl	%cs:CONTROL_GDTR(%ebx)
	movl	$SEL_DATA, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	movl	%ecx, %ss
	movl	%esp, CONTROL_RETURN_SP(%ebx)
	movl	CONTROL_STACK(%ebx), %esp
	movl	CONTROL_LINT0(%ebx), %ecx
	jecxz	1f
	movl	$LINT0_NMI_MASKED, (%ecx)
1:	movl	%eax, CONTROL_RESULT(%ebx)
	movl	$0, CONTROL_RESULT + 4(%ebx)
	rdtsc
	movl	%eax, CONTROL_TSC_BACK(%ebx)
	movl	%edx, CONTROL_TSC_BACK + 4(%ebx)
	movl	$SWING_OUTCOME_RETURNED, CONTROL_OUTCOME(%ebx)
	movl	CONTROL_UNWIND(%ebx), %edi
	jmp	world32_leave
	.size	world32_returned, . - world32_returned

/*
 * world32_trap: from a task's first instructions on into flat segments. The image's page tables, if it has any, map the control
 * pages to themselves, or the gate would not have been found: there paging can be switched off. Its CR3 goes where the way back
 * to its task takes it from.
 */
	.type	world32_trap, @function
world32_trap:
	cld
	movl	%cs:(world32_anchor - world32_stubs), %ebx
	movl	$SEL_DATA, %ecx
	movl	%ecx, %ss
	movl	CONTROL_STACK(%ebx), %esp
	movl	CONTROL_RETURN32(%ebx), %ecx
	addl	$(1f - world32_returned), %ecx
	pushl	$SEL_CODE32
	pushl	%ecx
	lretl
1:	movl	CONTROL_WORLD32(%ebx), %esi
	movl	%cr3, %ecx
	movl	%ecx, WORLD32_MAIN_CR3(%esi)
	movl	%cr0, %edi
	movl	%edi, %ecx
	andl	$~CR0_PG_BIT, %ecx
	cmpl	$VECTOR_NMI, %edx
	je	world32_nmi
	movl	%edi, CONTROL_FAULT_CR0(%ebx)
	movl	%ecx, %cr0
world32_fault:
	movl	CONTROL_LINT0(%ebx), %ecx
	jecxz	1f
	movl	$LINT0_NMI_MASKED, (%ecx)
1:	movl	%eax, CONTROL_FAULT_ERROR(%ebx)
	movl	%edx, CONTROL_FAULT_VECTOR(%ebx)
	movl	%cr2, %eax
	movl	%eax, CONTROL_FAULT_CR2(%ebx)
	movl	%cr3, %eax
	movl	%eax, CONTROL_FAULT_CR3(%ebx)
	movl	%cr4, %eax
	movl	%eax, CONTROL_FAULT_CR4(%ebx)
	movl	CONTROL_TRAP32(%ebx), %edi
	jmp	world32_leave
	.size	world32_trap, . - world32_trap

/*
 * world32_nmi: edi = CR0 as it came, ecx = the same without paging. An NMI upon another vector's first instructions has cut that
 * task's registers to 16 bits: what that one was for is found again, in the link to it and on its stack, and done here. Where
 * that task begins is put right later (world32_set_task).
 */
	.type	world32_nmi, @function
world32_nmi:
	movl	%ecx, %cr0
	movzwl	WORLD32_NMI_LINK(%esi), %edx
	subl	$WORLD32_SEL_TASK, %edx
	jb	world32_tick
	shrl	$3, %edx
	cmpl	$0, CONTROL_FAULT_CR0(%ebx)
	jne	1f			/* it had got that far */
	movl	%edi, CONTROL_FAULT_CR0(%ebx)
1:	movl	$VECTORS_WITH_ERROR & ~(1 << VECTOR_DF), %ecx
	btl	%edx, %ecx
	jnc	world32_fault		/* eax is zero, as #DF's error code is */
	/* Pushed as a word, or as two whose upper one is zero. */
	movw	WORLD32_STACK_AT + WORLD32_STACK_TOP - 2(%esi), %ax
	orw	WORLD32_STACK_AT + WORLD32_STACK_TOP - 4(%esi), %ax
	jmp	world32_fault
	.size	world32_nmi, . - world32_nmi

/*
 * world32_tick: the watchdog's timer, as NMI. Counts, looks for the abort key, and goes back into the image by the task's
 * return, or ends it. The task's next entry goes on behind the iret. edi = the CR0 to go back with.
 */
	.type	world32_tick, @function
world32_tick:
	cmpl	$0, CONTROL_TICK_LIMIT(%ebx)
	je	3f
	take_timer
	incl	CONTROL_TICKS(%ebx)
	movl	CONTROL_UART_AT(%ebx), %edx
	testl	%edx, %edx
	jz	2f
	movl	CONTROL_UART_SHIFT(%ebx), %ecx
	movl	$UART_LSR_OFFSET, %eax
	shll	%cl, %eax
	addl	%eax, %edx
	call	world32_uart_read
	cmpb	$UART_ABSENT, %al
	je	2f
	testb	$UART_DATA_READY, %al
	jz	2f
	movl	CONTROL_UART_AT(%ebx), %edx
	call	world32_uart_read
	incl	CONTROL_ABORT_KEYS(%ebx)
	cmpb	$KEY_ABORT, %al
	je	1f
	movl	$0, CONTROL_ABORT_KEYS(%ebx)
1:	movl	$SWING_OUTCOME_ABORT, %ecx
	cmpl	$ABORT_PRESSES, CONTROL_ABORT_KEYS(%ebx)
	jae	4f
2:	movl	$SWING_OUTCOME_WATCHDOG, %ecx
	movl	CONTROL_TICKS(%ebx), %eax
	cmpl	CONTROL_TICK_LIMIT(%ebx), %eax
	jae	4f
3:	movl	%edi, %cr0
	ljmpl	$WORLD32_SEL_STUBS, $(1f - world32_stubs)
1:	iretl
	xorl	%eax, %eax
	movl	$VECTOR_NMI, %edx
	jmp	world32_trap
4:	movl	%ecx, CONTROL_OUTCOME(%ebx)
	movl	%edi, CONTROL_FAULT_CR0(%ebx)
	xorl	%eax, %eax
	movl	$VECTOR_NMI, %edx
	jmp	world32_fault
	.size	world32_tick, . - world32_tick

/* world32_uart_read: ebx = control, edx = port or address of a register. Returns it in al; clobbers the rest of eax. */
	.type	world32_uart_read, @function
world32_uart_read:
	cmpl	$CONTROL_UART_MMIO, CONTROL_UART_ACCESS(%ebx)
	je	1f
	ja	2f
	inb	%dx, %al
	ret
1:	movb	(%edx), %al
	ret
2:	movl	(%edx), %eax
	ret
	.size	world32_uart_read, . - world32_uart_read

	.section .note.GNU-stack, "", @progbits
