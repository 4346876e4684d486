/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the files of quiet*.c share. */
#ifndef TRAPEZE_QUIET_PRIVATE_H
#define TRAPEZE_QUIET_PRIVATE_H

#include "quiet.h"

/* Bus mastering off wherever it is on, but for bridges and the like. Returns how many functions it was on at. */
u32 quiet_pci(enum quiet_scope scope);

#endif
