/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Between the parts of placing. */
#ifndef TRAPEZE_PLAN_PLACE_H
#define TRAPEZE_PLAN_PLACE_H

#include "memory.h"
#include "plan.h"

/*
 * Check a segment of the plan whose destination is given: a fixed one, or one behind it. Its limits, usable memory, no
 * control pages, no overlap with such segments before it. Logs what is wrong.
 */
enum err plan_check_fixed(const struct plan *plan, const struct memory *memory,
			  const struct plan_segment *s) MUST_CHECK;

#endif
