/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Which UART the console is on (arch_console_open chose it): discovery, apart from the registers. */
#ifndef TRAPEZE_SERIAL_H
#define TRAPEZE_SERIAL_H

#include "console.h"

struct serial_port {
	bool present;
	struct console_config config;	/* with the rate in force */
	unsigned int shift;		/* register stride as a power of two */
};

const struct serial_port *serial_current(void);

#endif
