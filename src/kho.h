/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Kexec handover (KHO): what Linux calls the way in which one kernel leaves memory, and data about it, to the next. Here as
 * the side that hands over; docs/handover.md describes what a kernel finds. Source of every format:
 * include/linux/kho/abi/ of Linux 7.2.
 */
#ifndef TRAPEZE_KHO_H
#define TRAPEZE_KHO_H

#include "handover.h"
#include "kho_merge.h"
#include "kho_radix.h"
#include "kho_version.h"

#define KHO_SCRATCH_MAX 3u

/* Names of sub-trees, and what they say they are: include/linux/kho/abi/memblock.h, kexec_metadata.h. */
#define KHO_NAME_MEMBLOCK "memblock"
#define KHO_NAME_METADATA "kexec-metadata"
#define KHO_NAME_FACTS "trapeze"
#define KHO_MEMBLOCK "memblock-v1"
#define KHO_RESERVED "reserve-mem-v1"

struct kho {
	const struct kho_version *version;
	struct handover_area tree;	/* the root tree, then our sub-trees: preserved */
	struct handover_area index;	/* the tree of what is preserved, then the list of scratch regions: read at once */
	u32 index_pages;
	u32 first_blob;			/* segment numbers */
	u32 scratch[KHO_SCRATCH_MAX];
	u32 scratch_count;		/* 0: those that came */
	struct kho_came came;		/* what is handed on with it */
	struct kept_range *preserved;	/* malloc'd; from finish on all that the next kernel is to leave alone */
	u32 preserved_count, preserved_max;
};

/*
 * Add to the plan what the configuration's trapeze,kho asks for: areas, scratch regions that a kernel of `kernel_size` bytes
 * could be unpacked in, the regions to be preserved, and the request's modules as blobs. *kho is zeroed memory.
 */
enum err kho_plan(struct load_request *request, struct kho *kho, u64 kernel_size) MUST_CHECK;
enum err kho_finish(struct load_request *request, struct kho *kho, struct kho_places *places) MUST_CHECK;
void kho_release(struct load_request *request, const struct kho *kho);

/* One of the trees that were made, 0 is the root. */
#define KHO_TREES 3u
const void *kho_tree(const struct kho *kho, u32 number);

/* Keep the shim itself out of all regions that configurations want to hand over, from the start on. */
void kho_claim_memory(struct memory *memory, const struct manifest *manifest);

/* kho_trees.c: the trees that are handed over, into `data` of `size` bytes. false: they do not fit. */
bool kho_make_facts(const struct load_request *request, void *data, u32 size) MUST_CHECK;
bool kho_make_reserved(const struct manifest_region *regions, u32 count, void *data, u32 size) MUST_CHECK;
/* `count` kernels in the row, with us. */
void kho_make_metadata(void *data, u32 count);
/* Numbers of 8 bytes in the processor's order, or NULL. */
const void *kho_property(const void *tree, int node, const char *name);
/* One sub-tree, or blob, of the root. */
struct kho_entry {
	const char *name;
	paddr_t start;
	u64 size;
};
bool kho_make_root(const struct kho_version *version, paddr_t map, const struct kho_entry *entries, u32 count, void *data,
		   u32 size) MUST_CHECK;

#define KHO_METADATA_SIZE 73u		/* u32 version, 65 bytes of text, u32 count: <linux/kho/abi/kexec_metadata.h>, packed */

#endif
