/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "kho_merge.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "kho.h"
#include "loader.h"
#include "log.h"

#define BLOB_MAX KIB(64)

static enum err refuse(const struct load_request *request, const char *what, const char *why)
{
	log_err("kho", "%s: trapeze,kho: what the kernel before handed over, \"%s\": %s", request->config->name, what, why);
	return ERR_UNSUPPORTED;
}

/* A malloc'd copy; NULL: too large, or out of reach. */
static void *copy_blob(const struct kho_in *in, const struct kho_in_tree *tree)
{
	void *copy = tree->size && tree->size <= BLOB_MAX ? malloc((size_t)tree->size) : NULL;

	if (copy && !kho_in_read(in, tree->start, copy, tree->size)) {
		free(copy);
		copy = NULL;
	}
	return copy;
}

static bool take_region(struct manifest_region *region, const void *tree, int node)
{
	const char *name = fdt_get_name(tree, node, NULL);
	const void *start = kho_property(tree, node, "start"), *size = kho_property(tree, node, "size");

	if (fdt_node_check_compatible(tree, node, KHO_RESERVED) || !start || !size || strlen(name) >= sizeof(region->name))
		return false;
	memcpy(region->name, name, strlen(name) + 1);
	region->start = handover_get(start, 0, 8);
	region->size = handover_get(size, 0, 8);
	return true;
}

static enum err take_regions(struct load_request *request, struct kho_came *came, const void *tree, u64 size)
{
	u32 count = 0;
	int node;

	if (size < KHO_IN_TREE_MIN || fdt_check_full(tree, (size_t)size) || fdt_node_check_compatible(tree, 0, KHO_MEMBLOCK))
		return refuse(request, "memblock", "not of a kind that is known");
	fdt_for_each_subnode(node, tree, 0)
		count++;
	came->regions = calloc(count + 1, sizeof(*came->regions));
	if (!came->regions)
		return refuse(request, "memblock", "the heap is full");
	fdt_for_each_subnode(node, tree, 0) {
		if (!take_region(&came->regions[came->region_count], tree, node))
			return refuse(request, "memblock", "has what is no region of reserve_mem=");
		came->region_count++;
	}
	return ERR_OK;
}

static enum err take_memblock(struct load_request *request, struct kho_came *came, const struct kho_in_tree *tree)
{
	void *copy = came->regions ? NULL : copy_blob(came->in, tree);
	enum err err = copy ? take_regions(request, came, copy, tree->size) : refuse(request, tree->name, "cannot be read");

	free(copy);
	return err;
}

static void take_metadata(struct kho_came *came, const struct kho_in_tree *tree)
{
	u8 *copy = tree->size == KHO_METADATA_SIZE ? copy_blob(came->in, tree) : NULL;

	if (copy)
		came->kernel_count = (u32)handover_get(copy, KHO_METADATA_SIZE - 4, 4);
	free(copy);
}

static enum err take_tree(struct load_request *request, struct kho_came *came, u32 number)
{
	struct kho_in_tree *tree = &came->trees[came->tree_count];

	if (!kho_in_tree(came->in, number, tree))
		return ERR_OK;
	if (!strcmp(tree->name, KHO_NAME_MEMBLOCK))
		return take_memblock(request, came, tree);
	if (!strcmp(tree->name, KHO_NAME_METADATA))
		take_metadata(came, tree);
	else if (!tree->is_exact)
		return refuse(request, tree->name, "a name that is too long, or no text");
	else if (strcmp(tree->name, KHO_NAME_FACTS))
		came->tree_count++;
	return ERR_OK;
}

static enum err check(const struct load_request *request, const struct kho_version *version)
{
	const struct manifest_config *config = request->config;

	if (request->kho_in->version != version)
		return refuse(request, request->kho_in->version->name, "another version");
	if (config->kho_scratch_count)
		return refuse(request, "scratch", "scratch is where it is, trapeze,kho-scratch must be left out");
	return ERR_OK;
}

static enum err plan_scratch(struct load_request *request, const struct kho_in *in)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < in->scratch_count && !err; i++) {
		const struct plan_segment segment = {
			.name = "handover scratch", .where = PLAN_FIXED, .dest = in->scratch[i].start, .align = 1,
			.mem_size = in->scratch[i].end - in->scratch[i].start, .is_kept = true,
		};

		err = plan_add(request->plan, &segment, NULL);
	}
	return err;
}

enum err kho_merge_plan(struct load_request *request, struct kho_came *came, const struct kho_version *version)
{
	const struct kho_in *in = request->kho_in;
	enum err err;

	if (!in)
		return ERR_OK;
	err = check(request, version);
	if (err)
		return err;
	came->in = in;
	came->trees = calloc(in->tree_count + 1, sizeof(*came->trees));
	if (!came->trees)
		return refuse(request, "root", "the heap is full");
	for (u32 i = 0; i < in->tree_count && !err; i++)
		err = take_tree(request, came, i);
	for (u32 i = 0; i < request->config->kho_memory_count && !err; i++)
		if (kho_merge_has_region(came, request->config->kho_memory[i].name))
			err = refuse(request, request->config->kho_memory[i].name, "trapeze,kho-memory has that name, too");
	if (!err)
		err = plan_scratch(request, in);
	return err ? err : kho_in_plan(in, request);
}

void kho_merge_release(const struct kho_came *came)
{
	free(came->trees);
	free(came->regions);
}

bool kho_merge_has_tree(const struct kho_came *came, const char *name)
{
	for (u32 i = 0; i < came->tree_count; i++)
		if (!strcmp(came->trees[i].name, name))
			return true;
	return false;
}

bool kho_merge_has_region(const struct kho_came *came, const char *name)
{
	for (u32 i = 0; i < came->region_count; i++)
		if (!strcmp(came->regions[i].name, name))
			return true;
	return false;
}

/* --- what is preserved --- */

struct copier {
	const struct kho_in *in;
	struct kho_radix *radix;
};

static const void *page(void *ctx, paddr_t at)
{
	return kho_in_page(((struct copier *)ctx)->in, at);
}

/* Counted when it was found. */
static enum err pass_table(void *ctx, paddr_t at)
{
	(void)ctx;
	(void)at;
	return ERR_OK;
}

/* Linux gives the pages back in blocks of the very sizes in which they were preserved. */
static enum err copy_block(void *ctx, paddr_t start, u32 order)
{
	return kho_radix_add_block(((struct copier *)ctx)->radix, start, order) ? ERR_OK : ERR_NO_ROOM;
}

bool kho_merge_index(const struct kho_came *came, struct kho_radix *radix)
{
	struct copier copier = { came->in, radix };
	struct kho_radix_walk walk = { .page = page, .table = pass_table, .block = copy_block, .ctx = &copier };

	return !came->in || !kho_radix_walk(&walk, came->in->index);
}
