/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "kho_in.h"

#include <libfdt.h>
#include <string.h>

#include "arch.h"
#include "kho.h"
#include "linux.h"
#include "log.h"
#include "printable.h"

#define NODES_MAX 64u
/* Of ranges: some dozens of MiB of tables of our own at most. */
#define RUNS_MAX (1u << 18)
/* Two of the list of ranges while it grows, two of the table of claims. */
#define HEAP_PER_RANGE (3 * sizeof(struct range) + 3 * sizeof(struct mem_claim))

/* --- reading --- */

const void *kho_in_page(const struct kho_in *in, paddr_t page)
{
	const struct bootinfo *info = in->info;

	if (!bootinfo_is_memory(info, page, page + PAGE_SIZE))
		return NULL;
	if (page >= info->displaced_start && page < info->displaced_end)
		page = info->displaced_copy + (page - info->displaced_start);
	return arch_phys_page(page);
}

bool kho_in_read(const struct kho_in *in, paddr_t at, void *to, u64 size)
{
	u8 *out = to;

	if (at >= PADDR_LIMIT || size > PADDR_LIMIT - at)
		return false;
	while (size) {
		u64 offset = at & PAGE_MASK, part = min_u64(size, PAGE_SIZE - offset);
		const u8 *page = kho_in_page(in, at - offset);

		if (!page)
			return false;
		memcpy(out, page + offset, (size_t)part);
		at += part;
		out += part;
		size -= part;
	}
	return true;
}

/* --- setup_data --- */

/* The nodes lie within the information block, as all that was copied there. */
static const u8 *block_bytes(const struct bootinfo *info, paddr_t at, u64 size)
{
	if (at < info->paddr || at - info->paddr > info->size || info->size - (at - info->paddr) < size)
		return NULL;
	return arch_phys(at, size);
}

static enum err take_node(struct kho_in *in, const struct bootinfo *info, paddr_t at, u32 length)
{
	const u8 *data = block_bytes(info, at + SETUP_DATA_HEADER, length);

	if (length != KHO_DATA_SIZE || !data) {
		log_err("kho", "handed over: setup_data at 0x%llx has length=%u, wanted %u", at, length, KHO_DATA_SIZE);
		return ERR_VALUE;
	}
	in->places = (struct kho_places){
		.tree = handover_get(data, 0, 8), .tree_size = handover_get(data, 8, 8),
		.scratch = handover_get(data, 16, 8), .scratch_size = handover_get(data, 24, 8),
	};
	return ERR_OK;
}

/* places.tree stays 0 where there is no such node. */
static enum err find_node(struct kho_in *in, const struct bootinfo *info)
{
	const u8 *params = block_bytes(info, info->boot_params, ZP_SIZE), *node;
	paddr_t at = params ? handover_get(params, HDR_SETUP_DATA, 8) : 0;

	for (u32 i = 0; at; i++, at = handover_get(node, 0, 8)) {
		node = block_bytes(info, at, SETUP_DATA_HEADER);
		if (!node || i == NODES_MAX) {
			log_err("kho", "setup_data: node %u at 0x%llx %s", i, at, node ? "is one too many" : "is out of reach");
			return ERR_VALUE;
		}
		if (handover_get(node, 8, 4) == SETUP_KEXEC_KHO)
			return take_node(in, info, at, (u32)handover_get(node, 12, 4));
	}
	return ERR_OK;
}

/* --- the root tree --- */

static const void *open_root(const struct kho_in *in)
{
	const struct kho_places *places = &in->places;
	const void *tree = NULL;

	if (!(places->tree & PAGE_MASK) && places->tree_size >= KHO_IN_TREE_MIN && places->tree_size <= PAGE_SIZE)
		tree = kho_in_page(in, places->tree);
	if (!tree || fdt_check_full(tree, (size_t)places->tree_size))
		return NULL;
	return tree;
}

static bool get_native(const void *tree, int node, const char *name, u64 *value)
{
	const void *bytes = kho_property(tree, node, name);

	if (!bytes)
		return false;
	*value = handover_get(bytes, 0, sizeof(*value));
	return true;
}

static enum err refuse_version(const char *name, u32 size)
{
	char known[64], shown[64];

	kho_list_versions(known, sizeof(known));
	printable(shown, sizeof(shown), name ? name : "", name ? strnlen(name, size) : 0);
	log_err("kho", "handed over as \"%s\", known: %s: what the kernel before preserved cannot be found, and is lost", shown,
		known);
	return ERR_VERSION;
}

static enum err read_root(struct kho_in *in)
{
	const struct kho_version *version = NULL;
	const void *tree = open_root(in);
	const char *name;
	int size, node;

	if (!tree) {
		log_err("kho", "handed over: no tree of a page at 0x%llx size=%llu", in->places.tree, in->places.tree_size);
		return ERR_VALUE;
	}
	name = fdt_getprop(tree, 0, "compatible", &size);
	if (name && size && !name[size - 1])
		version = kho_find_version(name);
	if (!version)
		return refuse_version(name, size > 0 ? (u32)size : 0);
	if (!get_native(tree, 0, version->map, &in->index)) {
		log_err("kho", "handed over: the root tree at 0x%llx has no %s of 8 bytes", in->places.tree, version->map);
		return ERR_VALUE;
	}
	fdt_for_each_subnode(node, tree, 0)
		in->tree_count++;
	in->version = version;
	return ERR_OK;
}

bool kho_in_tree(const struct kho_in *in, u32 number, struct kho_in_tree *out)
{
	const void *tree = open_root(in);
	const char *name;
	int node, length;

	if (!tree)
		return false;
	for (node = fdt_first_subnode(tree, 0); node >= 0 && number; number--)
		node = fdt_next_subnode(tree, node);
	name = node >= 0 ? fdt_get_name(tree, node, &length) : NULL;
	if (!name)
		return false;
	printable(out->name, sizeof(out->name), name, (size_t)length);
	out->is_exact = !strcmp(out->name, name);
	return get_native(tree, node, in->version->data, &out->start) && get_native(tree, node, in->version->size, &out->size) &&
	       out->start < PADDR_LIMIT && out->size <= PADDR_LIMIT - out->start;
}

/* --- what is preserved --- */

struct reader {
	struct kho_in *in;
	struct rangeset *kept;		/* NULL: only count */
	const struct memory *memory;
	struct range run;		/* blocks one behind the other; empty at first */
};

static const void *page_of_index(void *ctx, paddr_t at)
{
	return kho_in_page(((struct reader *)ctx)->in, at);
}

static enum err keep(struct reader *reader, paddr_t start, paddr_t end, const char *what)
{
	if (!reader->kept || start >= end)
		return ERR_OK;
	if (!memory_is_usable(reader->memory, start, end)) {
		log_err("kho", "handed over: %s at 0x%llx..0x%llx is not all memory", what, start, end);
		return ERR_RESERVED;
	}
	return rangeset_append(reader->kept, start, end);
}

static enum err take_table(void *ctx, paddr_t at)
{
	struct reader *reader = ctx;
	enum err err = kho_in_check_scratch(reader->in, at, at + PAGE_SIZE, "the index");

	return err ? err : keep(reader, at, at + PAGE_SIZE, "the index");
}

static enum err end_run(struct reader *reader)
{
	const struct range run = reader->run;

	if (run.start == run.end)
		return ERR_OK;
	if (reader->in->run_count++ == RUNS_MAX) {
		log_err("kho", "handed over: preserved memory is in more than %u pieces", RUNS_MAX);
		return ERR_NO_ROOM;
	}
	return keep(reader, run.start, run.end, "a preserved block");
}

static enum err take_block(void *ctx, paddr_t start, u32 order)
{
	struct reader *reader = ctx;
	struct kho_in *in = reader->in;
	paddr_t end = start + kho_radix_block_size(order);
	enum err err = kho_in_check_scratch(in, start, end, "a preserved block");

	if (err)
		return err;
	in->page_count += 1ull << order;
	if (start != reader->run.end) {
		err = end_run(reader);
		reader->run.start = start;
	}
	reader->run.end = end;
	return err;
}

static enum err read_index(struct reader *reader)
{
	struct kho_in *in = reader->in;
	struct kho_radix_walk walk = { .page = page_of_index, .table = take_table, .block = take_block, .ctx = reader };
	enum err err;

	in->page_count = in->run_count = 0;
	err = kho_radix_walk(&walk, in->index);
	in->table_count = walk.table_count;
	return err ? err : end_run(reader);
}

enum err kho_in_find(struct kho_in *in, const struct bootinfo *info)
{
	struct reader reader = { .in = in };
	enum err err;

	*in = (struct kho_in){ .info = info };
	if (!info->has_linux)
		return ERR_OK;
	err = find_node(in, info);
	if (err || !in->places.tree)
		return err;
	err = read_root(in);
	if (!err)
		err = kho_in_read_scratch(in);
	if (!err)
		err = kho_in_check_scratch(in, in->places.tree, in->places.tree + PAGE_SIZE, "the root tree");
	if (!err)
		err = read_index(&reader);
	if (err)
		kho_in_drop(in);
	return err;
}

u64 kho_in_heap(const struct kho_in *in)
{
	return in->version ? ((u64)in->run_count + in->table_count + in->tree_count + 2) * HEAP_PER_RANGE : 0;
}

void kho_in_drop(struct kho_in *in)
{
	rangeset_free(&in->kept);
	in->version = NULL;
}

/* --- claims --- */

static enum err collect_tree(struct reader *reader, const struct kho_in_tree *tree)
{
	paddr_t start = align_down(tree->start, PAGE_SIZE), end = align_up(tree->start + tree->size, PAGE_SIZE);
	enum err err = kho_in_check_scratch(reader->in, start, end, tree->name);

	return err ? err : keep(reader, start, end, tree->name);
}

static enum err collect_trees(struct reader *reader)
{
	struct kho_in_tree tree;
	enum err err = ERR_OK;

	for (u32 i = 0; i < reader->in->tree_count && !err; i++) {
		if (kho_in_tree(reader->in, i, &tree))
			err = collect_tree(reader, &tree);
		else
			log_warn("kho", "handed over: sub-tree %u of the root has no place", i);
	}
	return err;
}

static enum err collect(struct kho_in *in, const struct memory *memory)
{
	struct reader reader = { .in = in, .kept = &in->kept, .memory = memory };
	const struct kho_places *places = &in->places;
	enum err err = read_index(&reader);

	if (!err)
		err = collect_trees(&reader);
	if (!err)
		err = keep(&reader, places->tree, places->tree + PAGE_SIZE, "the root tree");
	if (!err)
		err = keep(&reader, align_down(places->scratch, PAGE_SIZE),
			   align_up(places->scratch + places->scratch_size, PAGE_SIZE), "the list of scratch regions");
	rangeset_sort(&in->kept);
	return err;
}

enum err kho_in_claim(struct kho_in *in, struct memory *memory)
{
	enum err err;

	if (!in->version)
		return ERR_OK;
	err = collect(in, memory);
	for (u32 i = 0; i < in->kept.count && !err; i++)
		err = memory_claim(memory, in->kept.items[i].start, in->kept.items[i].end, OWNER_KEPT, KHO_IN_OWNER);
	if (err) {
		log_err("kho", "what the kernel before preserved cannot be kept, and is lost");
		kho_in_drop(in);
		return err;
	}
	log_info("kho", "found version=%s pages=%llu ranges=%u sub-trees=%u tree=0x%llx index=0x%llx scratch=%u",
		 in->version->name, in->page_count, in->kept.count, in->tree_count, in->places.tree, in->index,
		 in->scratch_count);
	return ERR_OK;
}
