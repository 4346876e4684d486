/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The kexec handover, the memory map for the kernel, and the list of setup_data nodes (boot.rst, field setup_data). */
#include "linux.h"

#include <string.h>

#include "arch.h"
#include "kho_in.h"
#include "log.h"

#define SEED_NODE_SIZE (SETUP_DATA_HEADER + RNG_SEED_SIZE)

/* i386 kernels had a table of 32 entries until 2.6.11 and did not check; 2.04 came with 2.6.14. */
#define E820_OLD_MAX 32u

static bool takes_kho(const struct linux_state *state)
{
	return linux_is_64(&state->header) && state->header.version >= 0x209 && state->mode != ENTRY_REAL;
}

/* What came goes on as it is: the same tree and scratch regions. */
static enum err pass_kho(struct load_request *request)
{
	struct linux_state *state = linux_state(request);

	if (!request->kho_in || !takes_kho(state))
		return ERR_OK;
	state->kho_places = request->kho_in->places;
	return kho_in_plan(request->kho_in, request);
}

enum err linux_plan_kho(struct load_request *request)
{
	struct linux_state *state = linux_state(request);

	if (!request->config->kho)
		return pass_kho(request);
	if (!takes_kho(state)) {
		log_err("kho", "%s: trapeze,kho: only 64-bit kernels take a kexec handover, and not by their 16-bit entry "
			"(protocol=%u.%02u xloadflags=0x%x)", request->kernel.blob.name, state->header.version >> 8, state->header.version & 0xff,
			state->header.xloadflags);
		return ERR_UNSUPPORTED;
	}
	return kho_plan(request, &state->kho, state->header.init_size);
}

enum err linux_finish_kho(struct load_request *request)
{
	struct linux_state *state = linux_state(request);

	return state->kho.version ? kho_finish(request, &state->kho, &state->kho_places) : ERR_OK;
}

enum err linux_plan_setup_data(struct load_request *request)
{
	struct linux_state *state = linux_state(request);
	u32 entries = request->memory->map.count + handover_map_growth(request);
	u8 seed[RNG_SEED_SIZE];
	u64 size;
	enum err err;

	if (state->header.version < 0x209 || state->mode == ENTRY_REAL)
		return ERR_OK;
	state->has_seed = arch_random(seed, sizeof(seed));
	state->e820_ext_max = entries > E820_ZP_MAX ? entries - E820_ZP_MAX : 0;
	size = state->has_seed ? SEED_NODE_SIZE : 0;
	if (state->kho.version || request->kho_passed)
		size += SETUP_DATA_HEADER + KHO_DATA_SIZE;
	if (state->e820_ext_max)
		size += SETUP_DATA_HEADER + (u64)state->e820_ext_max * E820_ENTRY_SIZE;
	if (!size)
		return ERR_OK;
	err = linux_plan_area(request, &state->setup_data, "setup data", size);
	if (!err && state->has_seed)
		memcpy(state->setup_data.data + SETUP_DATA_HEADER, seed, sizeof(seed));
	memset(seed, 0, sizeof(seed));
	return err;
}

/* Nodes one behind the other; `link` is where the address of the next goes. */
struct chain {
	u8 *node, *link;
	paddr_t at;
};

/* Append a node and return its data, which are there already or to be written. */
static u8 *add_node(struct chain *chain, u32 type, u32 length)
{
	u8 *data = chain->node + SETUP_DATA_HEADER;

	handover_put(chain->link, 0, 8, chain->at);
	handover_put(chain->node, 0, 8, 0);
	handover_put(chain->node, 8, 4, type);
	handover_put(chain->node, 12, 4, length);
	chain->link = chain->node;
	chain->node = data + length;
	chain->at += SETUP_DATA_HEADER + length;
	return data;
}

static void add_kho(struct chain *chain, const struct kho_places *places)
{
	u8 *data = add_node(chain, SETUP_KEXEC_KHO, KHO_DATA_SIZE);

	handover_put(data, 0, 8, places->tree);
	handover_put(data, 8, 8, places->tree_size);
	handover_put(data, 16, 8, places->scratch);
	handover_put(data, 24, 8, places->scratch_size);
}

static void put_e820(u8 *entry, const struct mem_range *range)
{
	handover_put(entry, 0, 8, range->start);
	handover_put(entry, 8, 8, range->end - range->start);
	handover_put(entry, 16, 4, range->type);
}

/* Link what there is, if anything. */
static void put_nodes(struct load_request *request, const struct mem_range *ranges, u32 count, u8 *zero_page)
{
	const struct linux_state *state = linux_state(request);
	struct chain chain = { .node = state->setup_data.data, .link = zero_page + HDR_SETUP_DATA };
	u8 *entries;

	handover_put(zero_page, HDR_SETUP_DATA, 8, 0);
	if (!state->setup_data.size)
		return;
	chain.at = handover_dest(request, &state->setup_data);
	if (state->has_seed)
		add_node(&chain, SETUP_RNG_SEED, RNG_SEED_SIZE);
	if (state->kho.version || request->kho_passed)
		add_kho(&chain, &state->kho_places);
	if (!count)
		return;
	entries = add_node(&chain, SETUP_E820_EXT, count * E820_ENTRY_SIZE);
	for (u32 i = 0; i < count; i++)
		put_e820(entries + i * E820_ENTRY_SIZE, &ranges[i]);
}

static u32 table_limit(const struct load_request *request)
{
	const struct linux_state *state = linux_state(request);

	return state->header.version < 0x204 ? E820_OLD_MAX : E820_ZP_MAX;
}

static void put_map(struct load_request *request, const struct memmap *map, u8 *zero_page)
{
	const struct linux_state *state = linux_state(request);
	u32 first = (u32)min_u64(map->count, table_limit(request)), rest = map->count - first;

	for (u32 i = 0; i < first; i++)
		put_e820(zero_page + ZP_E820_TABLE + i * E820_ENTRY_SIZE, &map->ranges[i]);
	handover_put(zero_page, ZP_E820_COUNT, 1, first);
	if (rest > state->e820_ext_max) {
		log_warn("linux", "%s: takes %u entries of the memory map of %u, the last ones are lost",
			 request->kernel.blob.name, first + state->e820_ext_max, map->count);
		rest = state->e820_ext_max;
	}
	if (state->header.version >= 0x209)
		put_nodes(request, map->ranges + first, rest, zero_page);
}

enum err linux_finish_setup_data(struct load_request *request, u8 *zero_page)
{
	struct memmap map;
	enum err err;

	memmap_init(&map);
	err = handover_copy_map(request, &map);
	if (!err)
		put_map(request, &map, zero_page);
	memmap_free(&map);
	return err;
}
