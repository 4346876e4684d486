/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Where the stub puts things, for C and assembly. The SHIM_ numbers come from the shim's own symbols (mk/shim.mk). */
#ifndef TRAPEZE_LINUX_PLACE_H
#define TRAPEZE_LINUX_PLACE_H

#include "shim_layout.h"

/* Right behind the shim, whose end is page aligned. The last page is for the code that leaves long mode. */
#define PLACE_INFO SHIM_END
#define PLACE_INFO_SIZE 0x1f000
#define PLACE_LEAVE (PLACE_INFO + PLACE_INFO_SIZE)
#define PLACE_END (PLACE_LEAVE + 0x1000)
#define PLACE_SIZE (PLACE_END - SHIM_START)

/*
 * A multiple of it that is not 0 lies above all of that: whatever loader keeps to the alignment never loads the stub
 * where the shim goes.
 */
#define PLACE_ALIGN_SHIFT 23
#define PLACE_ALIGN (1 << PLACE_ALIGN_SHIFT)

#endif
