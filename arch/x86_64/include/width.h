/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What differs between the widths, for assembly: the x86_64 build. Exceptions have stacks by IST, and no tasks. */
#ifndef TRAPEZE_WIDTH_H
#define TRAPEZE_WIDTH_H

#define CONTROL_TASK(name) 0

#endif
