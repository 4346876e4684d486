/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Canonical, and far above any memory that an identity mapping could have a reason to cover. */
#include "nowhere.h"

#define NOWHERE 0x7eadbeef0000ul

unsigned long find_nowhere(void)
{
	return NOWHERE;
}
