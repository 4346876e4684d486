/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Which UART the console is on (arch_console_open chose it): discovery, apart from the registers. */
#ifndef TRAPEZE_SERIAL_H
#define TRAPEZE_SERIAL_H

#include "console.h"
#include "paging.h"
#include "uart8250.h"

struct serial_port {
	bool present;
	struct console_config config;	/* with the rate in force */
	unsigned int shift;		/* register stride as a power of two */
	paddr_t end;			/* of its registers, which begin at config.addr */
	u32 wait_us;			/* bound of a wait for the line */
};

const struct serial_port *serial_current(void);
/* Map the registers of the console's UART, where they are memory, into these tables: uncached. */
enum err serial_map(struct paging *paging) MUST_CHECK;

/* How the registers of a UART are reached. */
const struct uart8250_io *serial_io(enum console_access access);

#endif
