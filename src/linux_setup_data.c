/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The memory map for the kernel, and the list of setup_data nodes (boot.rst, field setup_data). */
#include "linux.h"

#include <string.h>

#include "arch.h"
#include "log.h"

#define SEED_NODE_SIZE (SETUP_DATA_HEADER + RNG_SEED_SIZE)

/* i386 kernels had a table of 32 entries until 2.6.11 and did not check; 2.04 came with 2.6.14. */
#define E820_OLD_MAX 32u

enum err linux_plan_setup_data(struct load_request *request)
{
	struct linux_state *state = linux_state(request);
	u32 entries = request->memory->map.count + HANDOVER_MAP_EXTRA;
	u8 seed[RNG_SEED_SIZE];
	u64 size;
	enum err err;

	if (state->header.version < 0x209 || state->mode == ENTRY_REAL)
		return ERR_OK;
	state->has_seed = arch_random(seed, sizeof(seed));
	state->e820_ext_max = entries > E820_ZP_MAX ? entries - E820_ZP_MAX : 0;
	size = state->has_seed ? SEED_NODE_SIZE : 0;
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

static void put_node(u8 *node, paddr_t next, u32 type, u32 length)
{
	handover_put(node, 0, 8, next);
	handover_put(node, 8, 4, type);
	handover_put(node, 12, 4, length);
}

static void put_e820(u8 *entry, const struct mem_range *range)
{
	handover_put(entry, 0, 8, range->start);
	handover_put(entry, 8, 8, range->end - range->start);
	handover_put(entry, 16, 4, range->type);
}

/* Link what there is: the seed, the rest of the memory map, both or neither. */
static void put_nodes(struct load_request *request, const struct mem_range *ranges, u32 count, u8 *zero_page)
{
	const struct linux_state *state = linux_state(request);
	u8 *node = state->setup_data.data;
	paddr_t dest;

	if (!state->setup_data.size || !(state->has_seed || count)) {
		handover_put(zero_page, HDR_SETUP_DATA, 8, 0);
		return;
	}
	dest = handover_dest(request, &state->setup_data);
	handover_put(zero_page, HDR_SETUP_DATA, 8, dest);
	if (state->has_seed) {
		put_node(node, count ? dest + SEED_NODE_SIZE : 0, SETUP_RNG_SEED, RNG_SEED_SIZE);
		node += SEED_NODE_SIZE;
	}
	if (!count)
		return;
	put_node(node, 0, SETUP_E820_EXT, count * E820_ENTRY_SIZE);
	for (u32 i = 0; i < count; i++)
		put_e820(node + SETUP_DATA_HEADER + i * E820_ENTRY_SIZE, &ranges[i]);
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
