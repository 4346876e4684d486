/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Arbitrary bytes as an ELF file. Nothing crashes; a plan that comes out of it holds what plans promise, and the entry
 * lies in bytes that it brings.
 *
 * Input: a byte for memory, addresses and mode, a byte for the arguments; then the file.
 */
#include "plan_check.h"
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"

#define CONTROLS 2

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct rig rig;

static void choose_machine(const u8 *controls)
{
	static const u64 sizes[] = { MIB(3), MIB(24), MIB(64), GIB(6) };

	rig_init(&rig, MIB(2));
	log_set_level(LOG_ERR);
	rig_extend(&rig, sizes[controls[0] & 3]);
	rig.config.has_mode = controls[0] & 4;
	rig.config.mode = controls[0] >> 6 == 3 ? ENTRY_LONG : (enum entry_mode)(controls[0] >> 6);
	rig.image.virtual_addresses = controls[0] & 8;
	rig.config.arg_count = controls[1] % 7;
	for (u32 i = 0; i < rig.config.arg_count; i++)
		rig.config.args[i] = (u64)controls[1] << (8 * i);
}

static void check_entry(void)
{
	paddr_t ip = rig.plan.entry.ip;

	for (u32 i = 0; i < rig.plan.segment_count; i++) {
		const struct plan_segment *segment = &rig.plan.segments[i];

		if (ip >= segment->dest && ip - segment->dest < segment->file_size)
			return;
	}
	fuzz_require(false);
}

/* Names are asked for around every segment; each answer ends in the table. */
static void check_symbols(void)
{
	const struct symbol_table *symbols = &rig.request.symbols;
	const char *table = symbols->size ? arch_phys(symbols->paddr, symbols->size) : NULL;
	struct symbol_hit hit;

	if (!table)
		return;
	fuzz_require(symbols->size <= SYMBOLS_SIZE_LIMIT && symbols_are_whole(table, symbols->size));
	for (u32 i = 0; i < rig.plan.segment_count; i++) {
		const struct plan_segment *segment = &rig.plan.segments[i];

		for (u64 at = 0; at < min_u64(segment->mem_size, 256); at++)
			if (symbols_find(table, segment->dest + at, &hit))
				fuzz_require(hit.name > table && strlen(hit.name) <= SYMBOLS_NAME_LIMIT &&
					     hit.name + strlen(hit.name) < table + symbols->size);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const char *reason;
	char text[128];

	if (size < CONTROLS || size > 65536)
		return 0;
	choose_machine(data);
	rig_kernel(&rig, data + CONTROLS, size - CONTROLS);
	if (!loader_elf.probe(&rig.request, &reason)) {
		loader_elf.describe(&rig.request, text, sizeof(text));
		if (!rig_finish(&rig, &loader_elf)) {
			plan_check(&rig.plan, &rig.memory);
			check_entry();
			check_symbols();
			free(rig_record(&rig, &loader_elf));
		}
	}
	loader_elf.release(&rig.request);
	fuzz_require(rig.memory.claim_count == rig.claims);
	rig_free(&rig);
	return 0;
}
