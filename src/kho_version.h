/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The formats of a kexec handover's root tree (include/linux/kho/abi/kexec_handover.h of Linux), and where one lies. */
#ifndef TRAPEZE_KHO_VERSION_H
#define TRAPEZE_KHO_VERSION_H

#include "types.h"

/* By the name that is the root tree's `compatible`. */
struct kho_version {
	const char *name;
	const char *map, *data, *size;	/* its properties */
};

/* NULL: not known. */
const struct kho_version *kho_find_version(const char *name);
/* "kho-v4", and what comes after it, as text. */
void kho_list_versions(char *text, size_t size);

/* What a kernel's setup_data says: the root tree, and the list of scratch regions, {u64 start, u64 size} each. */
struct kho_places {
	paddr_t tree, scratch;
	u64 tree_size, scratch_size;
};

#define KHO_SCRATCH_ENTRY 16u

#endif
