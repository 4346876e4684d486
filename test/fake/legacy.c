/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "legacy.h"

#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "linux.h"

#define TREE MIB(5)
#define SCRATCH_LIST MIB(33)
#define INDEX MIB(6)
#define JUNK 0xa5			/* the shim's own bytes */

static void must(bool fine)
{
	if (!fine)
		abort();
}

static void put_map(struct legacy *l, u32 number, paddr_t start, paddr_t end, u32 type)
{
	u8 *at = l->mmap + 24 * (size_t)number;

	handover_put(at, 0, 8, start);
	handover_put(at, 8, 8, end - start);
	handover_put(at, 16, 4, type);
}

static void put_info(struct legacy *l)
{
	put_map(l, 0, 0, 0x9f000, MEM_USABLE);
	put_map(l, 1, 0x9f000, MIB(1), MEM_RESERVED);
	put_map(l, 2, MIB(1), LEGACY_RAM, MEM_USABLE);
	l->info = (struct bootinfo){
		.paddr = LEGACY_BLOCK, .size = LEGACY_BLOCK_SIZE, .command_line = "", .loader_name = "", .has_linux = true,
		.boot_params = LEGACY_BLOCK, .displaced_start = LEGACY_SHIM, .displaced_end = LEGACY_SHIM_END,
		.displaced_copy = LEGACY_COPY, .mmap = { l->mmap, sizeof(l->mmap) }, .mmap_entry_size = 24,
	};
}

void legacy_begin(struct legacy *l)
{
	memset(l, 0, sizeof(*l));
	put_info(l);
	memory_init(&l->memory);
	l->tree = TREE;
	l->scratch_list = SCRATCH_LIST;
	l->radix = (struct kho_radix){
		.pages = calloc(LEGACY_INDEX_PAGES, PAGE_SIZE), .dest = INDEX, .count = 1, .capacity = LEGACY_INDEX_PAGES,
	};
	must(l->radix.pages != NULL);
}

void legacy_init(struct legacy *l)
{
	fake_ram_init(LEGACY_RAM);
	fake_log_reset();
	memset(fake_ram + LEGACY_SHIM, JUNK, LEGACY_SHIM_END - LEGACY_SHIM);
	legacy_begin(l);
	must(!bootinfo_memory_map(&l->info, &l->memory.map));
}

void legacy_free(struct legacy *l)
{
	free(l->radix.pages);
	memory_free(&l->memory);
	fake_ram_free();
}

u8 *legacy_at(paddr_t at)
{
	bool moved = at >= LEGACY_SHIM && at < LEGACY_SHIM_END;

	return fake_ram + (moved ? at - LEGACY_SHIM + LEGACY_COPY : at);
}

void legacy_preserve(struct legacy *l, paddr_t start, paddr_t end)
{
	must(kho_radix_add(&l->radix, start, end));
}

void legacy_add_tree(struct legacy *l, const char *name, paddr_t start, u64 size)
{
	must(l->entry_count < LEGACY_TREES);
	l->entries[l->entry_count++] = (struct kho_entry){ name, start, size };
}

static void put_setup_data(const struct legacy *l)
{
	u8 *node = fake_ram + LEGACY_NODE, *kho = fake_ram + LEGACY_KHO_NODE;

	handover_put(fake_ram + LEGACY_BLOCK, HDR_SETUP_DATA, 8, LEGACY_NODE);
	handover_put(node, 0, 8, LEGACY_KHO_NODE);
	handover_put(node, 8, 4, SETUP_RNG_SEED);
	handover_put(node, 12, 4, RNG_SEED_SIZE);
	handover_put(kho, 0, 8, 0);
	handover_put(kho, 8, 4, SETUP_KEXEC_KHO);
	handover_put(kho, 12, 4, KHO_DATA_SIZE);
	handover_put(kho, 16, 8, l->tree);
	handover_put(kho, 24, 8, PAGE_SIZE);
	handover_put(kho, 32, 8, l->scratch_list);
	handover_put(kho, 40, 8, KHO_SCRATCH_ENTRY);
}

void legacy_finish(struct legacy *l)
{
	put_setup_data(l);
	handover_put(legacy_at(l->scratch_list), 0, 8, LEGACY_SCRATCH);
	handover_put(legacy_at(l->scratch_list), 8, 8, LEGACY_SCRATCH_END - LEGACY_SCRATCH);
	must(kho_make_root(kho_find_version("kho-v4"), l->radix.dest, l->entries, l->entry_count, legacy_at(l->tree), PAGE_SIZE));
	for (u32 i = 0; i < l->radix.count; i++)
		memcpy(legacy_at(l->radix.dest + i * PAGE_SIZE), l->radix.pages + (size_t)i * PAGE_SIZE, PAGE_SIZE);
}
