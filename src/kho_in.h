/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Kexec handover from the kernel before us: a Linux that started Trapeze by `kexec -s` may have left memory for the kernel that comes
 * next. It is kept out of everything that Trapeze does, and handed on; docs/handover.md has the rules. Nothing of what that
 * kernel says is trusted.
 */
#ifndef TRAPEZE_KHO_IN_H
#define TRAPEZE_KHO_IN_H

#include "bootinfo.h"
#include "kho_version.h"
#include "memory.h"
#include "rangeset.h"

struct load_request;

#define KHO_IN_SCRATCH_MAX 128u
/* libfdt looks at that many bytes before it believes a size. */
#define KHO_IN_TREE_MIN 40u
#define KHO_IN_OWNER "kexec handover"

struct kho_in {
	const struct bootinfo *info;
	const struct kho_version *version;	/* NULL: nothing came, or nothing that can be kept */
	struct kho_places places;		/* as they came */
	paddr_t index;				/* the root of the tree of what is preserved */
	u32 table_count;			/* that tree's pages */
	u64 page_count;				/* preserved */
	u32 run_count;				/* as so many runs of blocks of one size, at most */
	u32 tree_count;				/* the root's sub-trees */
	struct range scratch[KHO_IN_SCRATCH_MAX];	/* where nothing is preserved */
	u32 scratch_count;
	struct rangeset kept;			/* after kho_in_claim: what is preserved, and all that describes it */
};

/*
 * Look for a handover in the setup_data of the loader's boot_params, and read all of it once. Needs no heap and allocates
 * nothing. An error has been logged, and *in says then that there is none.
 */
enum err kho_in_find(struct kho_in *in, const struct bootinfo *info) MUST_CHECK;
/* Heap that the claims take at most. */
u64 kho_in_heap(const struct kho_in *in);
/*
 * Claim what is to be kept (OWNER_KEPT), as the first of all claims but the heap's. On an error (logged) there is no handover any
 * more.
 */
enum err kho_in_claim(struct kho_in *in, struct memory *memory) MUST_CHECK;
/* Give it up: nothing is kept and nothing handed on. */
void kho_in_drop(struct kho_in *in);

/*
 * Every read of what that kernel left goes through here: what lay where the shim lies now is read from its copy. A page's bytes
 * are good until the next call; NULL: no memory, or out of this build's reach.
 */
const void *kho_in_page(const struct kho_in *in, paddr_t page);
/* Copy bytes, across pages. */
bool kho_in_read(const struct kho_in *in, paddr_t at, void *to, u64 size) MUST_CHECK;

/* A sub-tree, or blob, of the root, by number; false: none, or not whole. */
struct kho_in_tree {
	char name[64];
	bool is_exact;			/* the name is all of it, and text */
	paddr_t start;
	u64 size;
};
bool kho_in_tree(const struct kho_in *in, u32 number, struct kho_in_tree *tree) MUST_CHECK;

/* kho_scratch.c: the regions out of the list that came; there is one at least. What is wrong is logged. */
enum err kho_in_read_scratch(struct kho_in *in) MUST_CHECK;
/* Scratch is free for whoever comes next, the shim's own heap first: nothing that is to be read later may lie there. Logs it. */
enum err kho_in_check_scratch(const struct kho_in *in, paddr_t start, paddr_t end, const char *what) MUST_CHECK;
/* memory_where's: outside scratch, which the next kernel takes for free. ctx is a struct kho_in. */
bool kho_in_is_clear(const void *ctx, paddr_t start, paddr_t end);

/* Of a boot that begins: is there something to be kept, and handed on? */
void kho_in_begin(const struct kho_in *in, struct load_request *request);
/* Add to the plan what puts memory that lay in the shim's place back there. */
enum err kho_in_plan(const struct kho_in *in, struct load_request *request) MUST_CHECK;

#endif
