/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Arbitrary bytes as a PVH kernel. Nothing crashes; a plan that comes out of it holds what plans promise, the entry lies in
 * bytes that it brings, and the record is complete.
 *
 * Input: a byte each for memory and mode, ramdisks, modules; then the file.
 */
#include "plan_check.h"
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#define CONTROLS 3
#define MODULES 3

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct rig rig;
static struct loader_part modules[MODULES];

static void choose_machine(u8 control)
{
	static const u64 sizes[] = { MIB(3), MIB(24), MIB(64), GIB(6) };

	rig_init(&rig, MIB(2));
	log_set_level(control & 0x40 ? LOG_DEBUG : LOG_ERR);
	rig_extend(&rig, sizes[control & 3]);
	arch_features.can_long_mode = !(control & 4);
	rig.config.has_mode = control & 8;
	rig.config.mode = control & 16 ? ENTRY_LONG : ENTRY_PROTECTED;
	rig.image.virtual_addresses = control & 32;
	if (control & 0x80)
		loader_keep(&rig.request, MIB(2), MIB(2) + 0x6000);
	rig.request.bootargs = control & 1 ? "memmap=1M$2M console" : "";
}

static void choose_parts(u8 ramdisks, u8 count)
{
	static const u32 sizes[] = { 1, 4096, 5000, 70000 };
	static const struct manifest_image text = { .bootargs = "text of a module" };

	for (u32 i = 0; i < count % (MODULES + 1); i++) {
		rig_ramdisk(&rig, "module", NULL, sizes[i], 0);
		modules[i].blob = rig.parts[0].blob;
		modules[i].image = count & 0x40 ? &text : NULL;
		rig.request.ramdisk_count = 0;
		rig.request.module_count++;
	}
	rig.request.modules = modules;
	for (u32 i = 0; i < (ramdisks & 3u); i++)
		rig_ramdisk(&rig, "ramdisk", NULL, sizes[(ramdisks >> (2 + 2 * i)) & 3], i ? 0 : ramdisks >> 4);
}

static void check_result(void)
{
	char *record = rig_record(&rig, &loader_pvh);
	paddr_t ip = rig.plan.entry.ip;
	bool found = false;

	plan_check(&rig.plan, &rig.memory);
	for (u32 i = 0; i < rig.plan.segment_count; i++) {
		const struct plan_segment *segment = &rig.plan.segments[i];

		found |= ip >= segment->dest && ip - segment->dest < segment->file_size;
	}
	fuzz_require(found && strstr(record, "\nend\n") != NULL);
	free(record);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const char *reason;
	char text[128];

	if (size < CONTROLS || size > 65536)
		return 0;
	choose_machine(data[0]);
	rig_kernel(&rig, data + CONTROLS, size - CONTROLS);
	choose_parts(data[1], data[2]);
	if (!loader_pvh.probe(&rig.request, &reason)) {
		loader_pvh.describe(&rig.request, text, sizeof(text));
		if (!rig_finish(&rig, &loader_pvh))
			check_result();
	}
	loader_pvh.release(&rig.request);
	fuzz_require(rig.memory.claim_count == rig.claims);
	rig_free(&rig);
	return 0;
}
