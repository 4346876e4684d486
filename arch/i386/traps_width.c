/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "traps.h"
#include "x86.h"

#define TSS_CR3 7			/* in words (Intel SDM vol. 3, figure 7-2) */

/* arch/i386/vectors.S */
extern char task_nmi[], task_df[], task_pf[];

void traps_config_width(struct tables_config *config)
{
	config->task_nmi = (uintptr_t)task_nmi;
	config->task_df = (uintptr_t)task_df;
	config->task_pf = (uintptr_t)task_pf;
}

void traps_set_cr3(reg_t cr3)
{
	for (unsigned int i = 0; i < ARRAY_COUNT(traps_tables()->tss); i++)
		traps_tables()->tss[i][TSS_CR3] = cr3;
}
