/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Malformed images, each a sound one with a few bytes changed: what was done to it, and the one line that it gets. */
#ifndef TEST_MALFORMED_H
#define TEST_MALFORMED_H

#include "types.h"

#define MALFORMED_BASE 0x800000u	/* where sound kernels are linked */
#define MALFORMED_HEADER 0x200u		/* where multiboot headers and notes stand */
#define MALFORMED_PATCHES 5

enum malformed_kind {
	MAL_LINUX, MAL_ZIMAGE, MAL_ELF32, MAL_ELF64, MAL_PIE, MAL_PVH, MAL_MULTIBOOT1, MAL_MULTIBOOT1_FLAT,
	MAL_MULTIBOOT2, MAL_MULTIBOOT2_FLAT, MAL_BOOTSECTOR, MAL_ELTORITO, MAL_KINDS
};

struct malformed_patch {
	u32 at;
	u8 size;			/* bytes; 0: none */
	u64 value;
};

struct malformed {
	const char *name;
	enum malformed_kind kind;
	u32 keep;			/* bytes that are left of it; 0: all */
	struct malformed_patch patches[MALFORMED_PATCHES];
	const char *says;
};

#endif
