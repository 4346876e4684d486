/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "kho.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "fmt.h"
#include "log.h"
#include "recorder.h"

/* Released as whole blocks of the page allocator's largest size (kernel/liveupdate/kexec_handover.c, SCRATCH_ALIGNMENT_BYTES). */
#define SCRATCH_ALIGN MIB(4)
/* Measured with Linux 7.2: all early allocations come from there, page structures (1/64 of memory) among them. */
#define SCRATCH_BASE MIB(64)
#define SCRATCH_SHARE 6
/* So much of that share lies below 4 GiB, where memory is scarce on large machines; more of it where there is room. */
#define SCRATCH_SHARE_LOW MIB(256)

/* The area of the trees: one page but for the facts. */
#define ROOT_AT 0u
#define RESERVED_AT PAGE_SIZE
#define METADATA_AT (2 * PAGE_SIZE)
#define FACTS_AT (3 * PAGE_SIZE)
#define FACTS_SIZE (4 * PAGE_SIZE)
#define TREE_SIZE (FACTS_AT + FACTS_SIZE)

#define CLAIM_NAME "for a later kernel"

/* Names of sub-trees of the root that are ours to give. */
static const char *const own_names[] = { KHO_NAME_MEMBLOCK, KHO_NAME_METADATA, KHO_NAME_FACTS };

static enum err find_version(const struct load_request *request, struct kho *kho)
{
	const char *name = request->config->kho;
	char known[64];

	kho->version = kho_find_version(name);
	if (kho->version)
		return ERR_OK;
	kho_list_versions(known, sizeof(known));
	log_err("kho", "%s: trapeze,kho=\"%s\" is not known; known: %s", request->config->name, name, known);
	return ERR_UNSUPPORTED;
}

static enum err plan_areas(struct load_request *request, struct kho *kho)
{
	const struct manifest_config *config = request->config;
	struct plan_segment segment = { .name = "handover trees", .where = PLAN_TOP, .min = MIB(1), .max = GIB(4) };
	enum err err = handover_plan(request, &kho->tree, segment, TREE_SIZE);

	kho->preserved_max = 3 + config->kho_memory_count + request->module_count;
	kho->preserved = calloc(kho->preserved_max, sizeof(*kho->preserved));
	if (!kho->preserved) {
		log_err("kho", "%s: heap is full regions=%u", config->name, kho->preserved_max);
		return ERR_MEMORY;
	}
	kho->index_pages = KHO_RADIX_PAGES_MIN + kho_radix_pages(TREE_SIZE) + kho_radix_pages(PAGE_SIZE) +
			   kho_radix_pages(RECORDER_ZONE_SIZE) + (kho->came.in ? kho->came.in->table_count : 0);
	for (u32 i = 0; i < config->kho_memory_count; i++)
		kho->index_pages += kho_radix_pages(config->kho_memory[i].size);
	for (u32 i = 0; i < request->module_count; i++)
		kho->index_pages += kho_radix_pages(request->modules[i].blob.size);
	segment.name = "handover index";
	return err ? err : handover_plan(request, &kho->index, segment, (u64)(kho->index_pages + 1) * PAGE_SIZE);
}

static enum err add_scratch(struct load_request *request, struct kho *kho, const struct plan_segment *segment)
{
	return plan_add(request->plan, segment, &kho->scratch[kho->scratch_count++]);
}

static enum err plan_given_scratch(struct load_request *request, struct kho *kho)
{
	const struct manifest_config *config = request->config;
	struct plan_segment segment = { .name = "handover scratch", .where = PLAN_FIXED, .min = MIB(1), .align = 1 };
	enum err err = ERR_OK;

	for (u32 i = 0; i < config->kho_scratch_count && !err; i += 2) {
		segment.dest = config->kho_scratch[i];
		segment.mem_size = config->kho_scratch[i + 1];
		if ((segment.dest | segment.mem_size) & (SCRATCH_ALIGN - 1)) {
			log_err("kho", "%s: trapeze,kho-scratch: start=0x%llx size=0x%llx, wanted multiples of 0x%llx",
				config->name, segment.dest, segment.mem_size, (u64)SCRATCH_ALIGN);
			return ERR_ALIGN;
		}
		err = add_scratch(request, kho, &segment);
	}
	return err;
}

/* One region by rule; on large machines two, where this build can have something above 4 GiB at all. */
static enum err plan_own_scratch(struct load_request *request, struct kho *kho, u64 kernel_size)
{
	u64 share = align_up(memmap_total(&request->memory->map, MEM_USABLE) >> SCRATCH_SHARE, SCRATCH_ALIGN);
	u64 low = arch_phys_limit() > GIB(4) ? min_u64(share, SCRATCH_SHARE_LOW) : share;
	struct plan_segment segment = {
		.name = "handover scratch", .where = PLAN_BOTTOM, .min = MIB(1), .max = GIB(4), .align = SCRATCH_ALIGN,
		.mem_size = align_up(low + SCRATCH_BASE + kernel_size, SCRATCH_ALIGN),
	};
	enum err err = add_scratch(request, kho, &segment);

	if (err || share == low)
		return err;
	segment.where = PLAN_TOP;
	segment.max = 0;
	segment.mem_size = share - low;
	return add_scratch(request, kho, &segment);
}

/* The first thing in the region that was not kept for it, or NULL when all of it was. */
static const char *find_stranger(const struct memory *memory, paddr_t start, paddr_t end)
{
	while (start < end) {
		const struct mem_claim *claim = memory_find_claim(memory, start, end);

		if (!claim || claim->start > start)
			return "what is no memory";
		if (strcmp(claim->name, CLAIM_NAME))
			return claim->name;
		start = claim->end;
	}
	return NULL;
}

/* What lies in a region must have been left alone since the start. */
static enum err plan_region(struct load_request *request, const struct manifest_region *region)
{
	const struct plan_segment segment = {
		.name = region->name, .where = PLAN_FIXED, .dest = region->start, .mem_size = region->size, .min = MIB(1),
		.align = 1,
	};
	const char *stranger = find_stranger(request->memory, region->start, region->start + region->size);

	if (!stranger)
		return plan_add(request->plan, &segment, NULL);
	log_err("kho", "%s: trapeze,kho-memory \"%s\" start=0x%llx size=0x%llx meets %s", request->config->name, region->name,
		region->start, region->size, stranger);
	return ERR_RESERVED;
}

/* The root has one node for each name. */
static enum err check_blob_name(const struct load_request *request, u32 number)
{
	const char *name = request->modules[number].blob.name;

	if (!*name || strchr(name, '/')) {
		log_err("kho", "%s: a blob cannot be called \"%s\": that is no name of a node", request->config->name, name);
		return ERR_VALUE;
	}
	for (size_t i = 0; i < ARRAY_COUNT(own_names); i++) {
		if (strcmp(own_names[i], name))
			continue;
		log_err("kho", "%s: a blob cannot be called \"%s\": that is a sub-tree of Trapeze's", request->config->name,
			name);
		return ERR_DUPLICATE;
	}
	for (u32 i = 0; i <= number; i++) {
		bool is_there = i < number ? !strcmp(request->modules[i].blob.name, name) :
					     kho_merge_has_tree(&request->kho->came, name);

		if (!is_there)
			continue;
		log_err("kho", "%s: the blob \"%s\" is there twice", request->config->name, name);
		return ERR_DUPLICATE;
	}
	return ERR_OK;
}

static enum err plan_blob(struct load_request *request, u32 number, u32 *index)
{
	const struct blob *blob = &request->modules[number].blob;
	struct plan_segment segment = {
		.name = blob->name, .source = blob->paddr, .file_size = blob->size, .where = PLAN_TOP,
		.min = MIB(1), .max = GIB(4), .align = PAGE_SIZE,
	};
	enum err err = check_blob_name(request, number);

	if (err)
		return err;
	if (!align_up_checked(blob->size, PAGE_SIZE, &segment.mem_size))
		return ERR_OVERFLOW;
	segment.zero_size = segment.mem_size - segment.file_size;
	return plan_add(request->plan, &segment, index);
}

enum err kho_plan(struct load_request *request, struct kho *kho, u64 kernel_size)
{
	const struct manifest_config *config = request->config;
	enum err err = find_version(request, kho);

	request->kho = kho;
	if (!err)
		err = kho_merge_plan(request, &kho->came, kho->version);
	if (!err && !kho->came.in)
		err = request->config->kho_scratch_count ? plan_given_scratch(request, kho) :
							  plan_own_scratch(request, kho, kernel_size);
	for (u32 i = 0; i < config->kho_memory_count && !err; i++)
		err = plan_region(request, &config->kho_memory[i]);
	for (u32 i = 0; i < request->module_count && !err; i++)
		err = plan_blob(request, i, i ? NULL : &kho->first_blob);
	return err ? err : plan_areas(request, kho);
}

/* --- all addresses are known --- */

/* What is new: the manifest's regions, then the flight recorder's text, if there is one. Returns how many, 0 without heap. */
static u32 collect_regions(const struct load_request *request, struct manifest_region **regions)
{
	const struct manifest_config *config = request->config;
	u32 count = config->kho_memory_count;

	*regions = calloc(count + 1 + request->kho->came.region_count, sizeof(**regions));
	if (!*regions)
		return 0;
	if (count)
		memcpy(*regions, config->kho_memory, count * sizeof(**regions));
	if (recorder_zone()) {
		(*regions)[count] = (struct manifest_region){ RECORDER_NAME, recorder_zone(), RECORDER_ZONE_SIZE };
		count++;
	}
	return count;
}

static void preserve(struct kho *kho, paddr_t start, u64 size)
{
	kho->preserved[kho->preserved_count++] = (struct kept_range){ start, align_up(start + size, PAGE_SIZE) };
}

static void list_preserved(const struct load_request *request, struct kho *kho, const struct manifest_region *regions, u32 count)
{
	const struct plan_segment *blobs = &request->plan->segments[kho->first_blob];
	paddr_t block, end;

	kho->preserved_count = 0;
	preserve(kho, handover_dest(request, &kho->tree), kho->tree.size);
	for (u32 i = 0; i < count; i++)
		preserve(kho, regions[i].start, regions[i].size);
	for (u32 i = 0; i < request->module_count; i++)
		preserve(kho, blobs[i].dest, request->modules[i].blob.size);
	recorder_range(&block, &end);
	/* The page before its text: by it the next start of Trapeze finds it. */
	if (block < end)
		preserve(kho, block, PAGE_SIZE);
}

/* Behind those, what came: our own log replaces that of an earlier flight. */
static u32 add_regions(const struct kho_came *came, struct manifest_region *regions, u32 count)
{
	for (u32 i = 0; i < came->region_count; i++)
		if (!recorder_zone() || strcmp(came->regions[i].name, RECORDER_NAME))
			regions[count++] = came->regions[i];
	return count;
}

static bool make_index(const struct kho *kho, struct kho_radix *radix)
{
	for (u32 i = 0; i < kho->preserved_count; i++)
		if (!kho_radix_add(radix, kho->preserved[i].start, kho->preserved[i].end))
			return false;
	return kho_merge_index(&kho->came, radix);
}

/* Behind the tree of what is preserved. */
static void make_scratch_list(const struct load_request *request, const struct kho *kho)
{
	u8 *list = kho->index.data + (size_t)kho->index_pages * PAGE_SIZE;

	for (u32 i = 0; i < kho->scratch_count; i++) {
		const struct plan_segment *segment = &request->plan->segments[kho->scratch[i]];

		handover_put(list, KHO_SCRATCH_ENTRY * i, 8, segment->dest);
		handover_put(list, KHO_SCRATCH_ENTRY * i + 8, 8, segment->mem_size);
	}
}

static bool make_root(struct load_request *request, const struct kho *kho)
{
	const u32 own = ARRAY_COUNT(own_names), count = own + request->module_count;
	const struct kho_came *came = &kho->came;
	paddr_t dest = handover_dest(request, &kho->tree);
	struct kho_entry *entries = calloc(count + came->tree_count, sizeof(*entries));
	bool fits;

	if (!entries)
		return false;
	entries[0] = (struct kho_entry){ own_names[0], dest + RESERVED_AT, fdt_totalsize(kho->tree.data + RESERVED_AT) };
	entries[1] = (struct kho_entry){ own_names[1], dest + METADATA_AT, KHO_METADATA_SIZE };
	entries[2] = (struct kho_entry){ own_names[2], dest + FACTS_AT, fdt_totalsize(kho->tree.data + FACTS_AT) };
	for (u32 i = 0; i < request->module_count; i++)
		entries[own + i] = (struct kho_entry){
			request->modules[i].blob.name, request->plan->segments[kho->first_blob + i].dest,
			request->modules[i].blob.size,
		};
	for (u32 i = 0; i < came->tree_count; i++)
		entries[count + i] = (struct kho_entry){ came->trees[i].name, came->trees[i].start, came->trees[i].size };
	fits = kho_make_root(kho->version, handover_dest(request, &kho->index), entries, count + came->tree_count,
			     kho->tree.data + ROOT_AT, PAGE_SIZE);
	free(entries);
	return fits;
}

/* Returns what does not fit its pages, or NULL. */
static const char *compose(struct load_request *request, struct kho *kho, struct kho_radix *radix)
{
	struct manifest_region *regions;
	u32 count = collect_regions(request, &regions);
	u8 *tree = kho->tree.data;
	const char *what = NULL;

	if (!regions)
		return "list of regions (heap)";
	make_scratch_list(request, kho);
	kho_make_metadata(tree + METADATA_AT, kho->came.kernel_count + 1);
	list_preserved(request, kho, regions, count);
	count = add_regions(&kho->came, regions, count);
	if (!make_index(kho, radix))
		what = "index";
	else if (!kho_make_facts(request, tree + FACTS_AT, FACTS_SIZE))
		what = "tree of the boot's facts";
	else if (!kho_make_reserved(regions, count, tree + RESERVED_AT, PAGE_SIZE))
		what = "tree of reserved memory";
	else if (!make_root(request, kho))
		what = "root tree";
	free(regions);
	return what;
}

static void log_made(const struct load_request *request, const struct kho *kho, paddr_t tree, const struct kho_radix *radix)
{
	const struct plan_segment *scratch = &request->plan->segments[kho->scratch[0]];
	const struct range *came = kho->came.in ? &kho->came.in->scratch[0] : NULL;

	log_info("kho", "%s tree=0x%llx index=0x%llx pages=%u scratch=0x%llx size=0x%llx blobs=%u regions=%u log=0x%llx",
		 kho->version->name, tree, radix->dest, radix->count, came ? came->start : scratch->dest,
		 came ? came->end - came->start : scratch->mem_size, request->module_count, request->config->kho_memory_count,
		 recorder_zone());
	if (came)
		log_info("kho", "with it what came: sub-trees=%u regions=%u pages=%llu", kho->came.tree_count,
			 kho->came.region_count, kho->came.in->page_count);
}

enum err kho_finish(struct load_request *request, struct kho *kho, struct kho_places *places)
{
	struct kho_radix radix = {
		.pages = kho->index.data, .dest = handover_dest(request, &kho->index), .count = 1, .capacity = kho->index_pages,
	};
	const char *what = compose(request, kho, &radix);

	if (what) {
		log_err("kho", "%s: the %s does not fit its pages blobs=%u regions=%u", request->config->name, what,
			request->module_count, request->config->kho_memory_count);
		return ERR_NO_ROOM;
	}
	*places = (struct kho_places){
		.tree = handover_dest(request, &kho->tree), .tree_size = PAGE_SIZE,
		.scratch = radix.dest + (u64)kho->index_pages * PAGE_SIZE, .scratch_size = KHO_SCRATCH_ENTRY * kho->scratch_count,
	};
	if (kho->came.in) {
		places->scratch = kho->came.in->places.scratch;
		places->scratch_size = kho->came.in->places.scratch_size;
	}
	log_made(request, kho, places->tree, &radix);
	return ERR_OK;
}

const void *kho_tree(const struct kho *kho, u32 number)
{
	static const u32 offsets[KHO_TREES] = { ROOT_AT, RESERVED_AT, FACTS_AT };

	return kho->tree.data + offsets[number];
}

void kho_release(struct load_request *request, const struct kho *kho)
{
	handover_release(request, &kho->tree);
	handover_release(request, &kho->index);
	free(kho->preserved);
	kho_merge_release(&kho->came);
}

static void claim_region(struct memory *memory, const struct manifest_config *config, const struct manifest_region *region)
{
	paddr_t start = region->start, end = start + region->size;

	if (!memory_is_usable(memory, start, end) || memory_claim(memory, start, end, OWNER_STAGE, CLAIM_NAME))
		log_warn("kho", "%s: \"%s\" 0x%llx..0x%llx cannot be kept", config->name, region->name, start, end);
}

void kho_claim_memory(struct memory *memory, const struct manifest *manifest)
{
	for (u32 i = 0; i < manifest->config_count; i++)
		for (u32 j = 0; j < manifest->configs[i].kho_memory_count; j++)
			claim_region(memory, &manifest->configs[i], &manifest->configs[i].kho_memory[j]);
}
