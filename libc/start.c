/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "include/start_libc.h"

/* Of boot/trapeze.lds. */
extern void (*const constructors_start[])(void);
extern void (*const constructors_end[])(void);

void libc_start(void)
{
	for (void (*const *constructor)(void) = constructors_start; constructor != constructors_end; constructor++)
		(*constructor)();
}
