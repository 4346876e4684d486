/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#ifndef TRAPEZE_MAIN_H
#define TRAPEZE_MAIN_H

#include "types.h"

/* The pipeline: from the boot loader's information block (physical address) to the menu and on. */
NORETURN void main(u32 info_paddr);

#endif
