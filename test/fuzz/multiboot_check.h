/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Arbitrary bytes as a multiboot kernel, with up to two modules, on machines of several sizes. Nothing crashes; a plan
 * that comes out of it holds what plans promise, the entry lies in bytes that it brings, and its record is complete.
 *
 * Input: a byte each for memory, modules and net; then the kernel.
 */
#ifndef FUZZ_MULTIBOOT_CHECK_H
#define FUZZ_MULTIBOOT_CHECK_H

#include <stdlib.h>
#include <string.h>

#include "plan_check.h"
#include "rig.h"

#define CONTROLS 3
#define KERNEL_MAX 65536u

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct rig rig;
static struct loader_part modules[2];

static inline void choose_machine(const u8 *controls)
{
	static const u64 sizes[] = { MIB(3), MIB(24), MIB(64), GIB(6) };

	rig_init(&rig, MIB(2));
	log_set_level(LOG_ERR);
	rig_extend(&rig, sizes[controls[0] & 3]);
	rig.request.modules = modules;
	for (u32 i = 0; i < controls[1] % 3u; i++) {
		rig_ramdisk(&rig, "module", NULL, 1 + 1000u * (controls[1] >> 4), controls[1] & 0xf);
		modules[i] = rig.parts[i];
	}
	rig.request.module_count = rig.request.ramdisk_count;
	rig.request.ramdisk_count = 0;
	rig.info.framebuffer.present = controls[2] & 1;
	if (controls[2] & 2)
		loader_keep(&rig.request, MIB(1) + 0x8000, MIB(1) + 0xc000);
}

static inline void check_entry(void)
{
	paddr_t ip = rig.plan.entry.ip;

	for (u32 i = 0; i < rig.plan.segment_count; i++) {
		const struct plan_segment *segment = &rig.plan.segments[i];

		if (ip >= segment->dest && ip - segment->dest < segment->file_size)
			return;
	}
	fuzz_require(false);
}

static inline void check_finished(const struct loader *loader)
{
	char *record;

	plan_check(&rig.plan, &rig.memory);
	check_entry();
	record = rig_record(&rig, loader);
	fuzz_require(strstr(record, "\nend\n") != NULL);
	free(record);
}

static inline int check_loader(const struct loader *loader, const u8 *data, size_t size)
{
	const char *reason;
	char text[128];

	if (size < CONTROLS || size > KERNEL_MAX)
		return 0;
	choose_machine(data);
	rig_kernel(&rig, data + CONTROLS, size - CONTROLS);
	if (!loader->probe(&rig.request, &reason)) {
		loader->describe(&rig.request, text, sizeof(text));
		if (!rig_finish(&rig, loader))
			check_finished(loader);
	}
	loader->release(&rig.request);
	fuzz_require(rig.memory.claim_count == rig.claims);
	rig_free(&rig);
	return 0;
}

#endif
