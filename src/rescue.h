/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The rescue image (docs/rescue.md): one configuration whose boot is prepared ahead, down to the control pages, in a
 * window of memory that nothing else gets. The shim's traps and the net enter it when nothing else can be done;
 * trapeze,on-fault may name it.
 */
#ifndef TRAPEZE_RESCUE_H
#define TRAPEZE_RESCUE_H

#include "boot.h"
#include "machine.h"

/* Megabytes of the window where the manifest does not say. */
#define RESCUE_MEMORY_DEFAULT 128u

/*
 * Prepare the configuration that is marked `trapeze,rescue`, if there is one. What is wrong is logged: then there is
 * none.
 */
void rescue_prepare(struct machine *machine);
/* Is this configuration ready? */
bool rescue_is(u32 config);
/* Its command line says where the flight recorder lay, which has moved since; and what is to be done about it, in the menu. */
bool rescue_is_stale(void);
void rescue_refresh(struct machine *machine);
/* Enter it, as rescue_is said; as boot_run when it comes back, and then it is prepared anew. */
void rescue_run(struct machine *machine, enum swing_outcome *outcome);
/* What must stay under the next kernel: the window; of the rescue image itself, the fault record. */
void rescue_keep(struct load_request *request);

#endif
