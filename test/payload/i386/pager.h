/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What pager.c does once paging is on; the numbers are the tests' as well (test/qemu/test_paging.py). */
#ifndef PAYLOAD_PAGER_H
#define PAYLOAD_PAGER_H

#include "payload.h"

#define PAGER_HOLE 0xd0000000u

enum pager_choice {
	PAGER_UD2,
	PAGER_READ,			/* where nothing is mapped */
	PAGER_NO_STACK,			/* push there */
	PAGER_LOOP,			/* for ever, interrupts off */
	PAGER_WAIT,			/* as many cycles as the third argument says; then return */
	PAGER_INT3			/* then wait and return */
};

#endif
