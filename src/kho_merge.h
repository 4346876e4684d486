/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A handover that came (kho_in.h) as a part of one that is made (kho.h): sub-trees and preserved memory of both, scratch of the one
 * that came. Linux's list of reserve_mem= regions and its count of kernels go into ours; the facts of an earlier Trapeze end.
 */
#ifndef TRAPEZE_KHO_MERGE_H
#define TRAPEZE_KHO_MERGE_H

#include "kho_in.h"
#include "kho_radix.h"
#include "manifest.h"

/* What there is of it; all zero: nothing came. */
struct kho_came {
	const struct kho_in *in;
	struct kho_in_tree *trees;	/* malloc'd: those that go on as they are */
	u32 tree_count;
	struct manifest_region *regions;	/* malloc'd: of Linux's reserve_mem= */
	u32 region_count;
	u32 kernel_count;		/* in the row so far */
};

/*
 * Read it, and add to the plan what goes back to its place and the scratch regions, so that nothing else lies there. What cannot be
 * merged is refused and logged.
 */
enum err kho_merge_plan(struct load_request *request, struct kho_came *came, const struct kho_version *version) MUST_CHECK;
void kho_merge_release(const struct kho_came *came);

bool kho_merge_has_tree(const struct kho_came *came, const char *name);
bool kho_merge_has_region(const struct kho_came *came, const char *name);
/* Every block that is preserved, as it is, into our tree. false: its pages are used up. */
bool kho_merge_index(const struct kho_came *came, struct kho_radix *radix) MUST_CHECK;

#endif
