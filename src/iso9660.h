/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * ISO 9660 with Rock Ridge or Joliet, read only. Sources: ECMA-119 (4th edition); System Use Sharing Protocol 1.12 and
 * Rock Ridge Interchange Protocol 1.12 (IEEE P1281, P1282); Joliet Specification 1.
 */
#ifndef TRAPEZE_ISO9660_H
#define TRAPEZE_ISO9660_H

#include "types.h"

enum iso9660_names { ISO9660_PLAIN, ISO9660_ROCK_RIDGE, ISO9660_JOLIET };

struct iso9660 {
	enum iso9660_names names;
	u32 root_block, root_size;
	u8 skip;			/* bytes before the first entry of each system use area (SUSP 5.3) */
};

#endif
