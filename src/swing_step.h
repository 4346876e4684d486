/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Where a swing is. In the control pages and in the flight recorder: constant text through comparisons, no static pointers. */
#ifndef TRAPEZE_SWING_STEP_H
#define TRAPEZE_SWING_STEP_H

#include "types.h"

enum control_step {
	CONTROL_AT_START, CONTROL_MOVING, CONTROL_MOVED, CONTROL_CHECKING, CONTROL_BEFORE, CONTROL_ENTERING, CONTROL_RETURNED,
	CONTROL_BACK, CONTROL_AT_END
};

/* To be followed by the image's name in quotation marks. */
static inline const char *control_step_text(u32 step, bool returns)
{
	if (step == CONTROL_AT_START)
		return "swing, before the move, ";
	if (step == CONTROL_MOVING)
		return "swing, pages moving, ";
	if (step == CONTROL_MOVED)
		return "swing, pages moved, ";
	if (step == CONTROL_CHECKING)
		return "swing, checking, ";
	if (step == CONTROL_BEFORE)
		return "swing, about to enter, ";
	if (step == CONTROL_RETURNED)
		return "swing, out of the call of ";
	if (step == CONTROL_BACK)
		return "swing, on the way back, ";
	if (step == CONTROL_AT_END)
		return "swing, pages swapped back, ";
	return returns ? "swing, inside the call of " : "swing, entered, ";
}

#endif
