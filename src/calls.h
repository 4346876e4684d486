/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* How the last calls of each image ended: for the kernel that comes after them. */
#ifndef TRAPEZE_CALLS_H
#define TRAPEZE_CALLS_H

#include "swing.h"

#define CALLS_MAX 16u

struct call_result {
	const char *name;		/* of the configuration */
	u32 number;			/* calls of it so far */
	const char *outcome;		/* "returned", "fault", ... */
	u64 result, us;			/* of one that returned */
};

/* Of more than CALLS_MAX images the first ones are kept. `name` stays, as the manifest does. */
void calls_note(const char *name, const struct swing *swing);
/* In the order of their first call; NULL behind the last. */
const struct call_result *calls_get(u32 index);

#endif
