/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the shim says of a call once it is back. */
#ifndef TRAPEZE_REPORT_H
#define TRAPEZE_REPORT_H

#include "swing.h"

/* How the image ended, its result, time and pages, into the log; what the net printed goes into the ring as well. */
void report_outcome(const struct swing *swing);

#endif
