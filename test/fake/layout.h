/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A layout out of any bytes: memory map, claims and segments, good and bad. It is added, placed, listed and moved,
 * and each step is held against what the headers promise. Used by the fuzzer and by a unit test that feeds it random
 * bytes.
 */
#ifndef TRAPEZE_LAYOUT_H
#define TRAPEZE_LAYOUT_H

#include "types.h"

struct layout_tally {
	u32 refused, unplaced, placed, moved;
};

/* Returns NULL, or what was found wrong (static storage). Counts in *tally what became of the layout. */
const char *layout_try(const u8 *data, size_t size, struct layout_tally *tally);

#endif
