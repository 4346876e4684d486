/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Memory types: what an image must leave as it found them. Intel SDM vol. 3, 11.11 and 11.12. */
#ifndef TRAPEZE_GUARD_H
#define TRAPEZE_GUARD_H

#include "types.h"

/* From here on arch_self_changed() looks at the shim's code and constants. */
void guard_self(void);

/* Remember PAT and MTRRs, as far as the processor has them. */
void guard_take(void);
/* Put back what has changed since; returns SWING_CHANGED_PAT, SWING_CHANGED_MTRR for what that was. */
u32 guard_restore(void);

#endif
