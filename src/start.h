/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The phases before the menu, in order; see docs/architecture.md. */
#ifndef TRAPEZE_START_H
#define TRAPEZE_START_H

#include "error.h"
#include "machine.h"
#include "options.h"

/* Understand the information block, read the options, open the console. */
void start_console(struct machine *machine, struct options *options, paddr_t info);
/* Memory map, heap, claims, page tables, RSDP. An error means that nothing can be booted. */
enum err start_memory(struct machine *machine) MUST_CHECK;
/* Find and read the manifest; what it says of console and log level takes effect. Errors are logged, the menu is empty then. */
void start_manifest(struct machine *machine, const struct options *options);

#endif
