/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "traps.h"
#include "x86.h"

void traps_config_width(struct tables_config *config)
{
	(void)config;			/* interrupt stacks need no tasks here */
}

void traps_set_cr3(reg_t cr3)
{
	(void)cr3;			/* interrupt stacks need no tasks here */
}
