/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What a timer's tick in real mode looks at, for images and for BIOS calls. cs = the page, whose layout has the offsets WHERE_UART_STATUS,
 * WHERE_UART_DATA, WHERE_KEYS and WHERE_DEADLINE. Both clobber eax, edx and flags; at `end` al says why. After control.h.
 */
#ifndef TRAPEZE_CONTROL_TICK16_H
#define TRAPEZE_CONTROL_TICK16_H

#ifdef __ASSEMBLER__

/* The abort key, so many times in a row: al = ABORTED. Without a UART, and without a byte in it, nothing. */
#define TICK16_KEY(WHERE, ABORTED, end) \
	movw	%cs:WHERE##_UART_STATUS, %dx;	\
	testw	%dx, %dx;			\
	jz	2f;				\
	inb	%dx, %al;			\
	cmpb	$UART_ABSENT, %al;		\
	je	2f;				\
	testb	$UART_DATA_READY, %al;		\
	jz	2f;				\
	movw	%cs:WHERE##_UART_DATA, %dx;	\
	inb	%dx, %al;			\
	incw	%cs:WHERE##_KEYS;		\
	cmpb	$KEY_ABORT, %al;		\
	je	1f;				\
	movw	$0, %cs:WHERE##_KEYS;		\
1:	movb	$ABORTED, %al;			\
	cmpw	$ABORT_PRESSES, %cs:WHERE##_KEYS; \
	jae	end;				\
2:

/* The deadline: al = TIMEOUT. */
#define TICK16_TIME(WHERE, TIMEOUT, end) \
	rdtsc;					\
	subl	%cs:WHERE##_DEADLINE, %eax;	\
	sbbl	%cs:WHERE##_DEADLINE + 4, %edx;	\
	movb	$TIMEOUT, %al;			\
	jae	end

#endif

#endif
