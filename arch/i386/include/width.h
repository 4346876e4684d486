/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What differs between the widths, for assembly: the i386 build. #DF, NMI and #PF are tasks. */
#ifndef TRAPEZE_WIDTH_H
#define TRAPEZE_WIDTH_H

#define CONTROL_TASK(name) name - control_header

#endif
