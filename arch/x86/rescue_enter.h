/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The rescue image (src/rescue.h), for the processor's side. */
#ifndef TRAPEZE_RESCUE_ENTER_H
#define TRAPEZE_RESCUE_ENTER_H

#include "core.h"

struct control;

/* Before each swing: where its control pages find the rescue image. Where they do not stay, neither does that. */
void rescue_tell(struct control *control, bool net_stays);
/* After a call that had to be ended: the record of it, for a rescue image that the manifest names. */
void rescue_note(const struct control *control);
/* The shim cannot go on. Returns when there is no rescue image, or when it was called and is back. */
void rescue_enter(const struct core_report *report);

#endif
