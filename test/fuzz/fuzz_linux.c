/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Arbitrary bytes as a kernel, on machines of several sizes, with up to three ramdisks. Nothing crashes; a plan that
 * comes out of it holds what plans promise, and its record is complete.
 *
 * Input: a byte each for memory, build and mode, ramdisks, memory map, command line; then the kernel.
 */
#include "plan_check.h"
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#define CONTROLS 5
#define COMMAND_LINE_MAX 255

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct rig rig;

static void choose_machine(const u8 *controls)
{
	static const u64 sizes[] = { MIB(3), MIB(24), MIB(64), GIB(6) };

	rig_init(&rig, MIB(2));
	log_set_level(LOG_ERR);
	rig_extend(&rig, sizes[controls[0] & 3]);
	fake_random = controls[0] & 8 ? controls[0] : -1;
	arch_features.build = controls[1] & 1 ? "i386" : "x86_64";
	arch_features.can_long_mode = !(controls[1] & 2);
	rig.config.has_mode = controls[1] & 4;
	rig.config.mode = controls[1] >> 6 == 3 ? ENTRY_LONG : (enum entry_mode)(controls[1] >> 6);
	rig.image.has_load = controls[1] & 8;
	rig.image.load = (u64)controls[1] << 20;
}

static void choose_map(u8 control)
{
	u32 count = control & 0x7f;

	for (u32 i = 0; i < 2 * count; i++)
		fuzz_require(!memmap_add(&rig.memory.map, GIB(7) + i * 0x2000ull, 0x1000, i % 5 + 1));
	if (control & 0x80)
		loader_keep(&rig.request, MIB(2), MIB(2) + 0x6000);
}

/* Half of the time the first part of the bytes is FIT's setup code and the rest a flat kernel. */
static void choose_kernel(const u8 *bytes, size_t size, u8 control)
{
	static const struct manifest_image setup = { .name = "setup" };
	size_t part = min_u64(size, (control & 0x20) ? RIG_SETUP_SIZE : 700);

	if (!(control & 0x10) || part == size) {
		rig_kernel(&rig, bytes, size);
		return;
	}
	rig_ramdisk(&rig, "setup", bytes, part, 0);
	rig.request.setup = (struct loader_part){ .blob = rig.parts[0].blob, .image = &setup };
	rig.request.ramdisk_count = 0;
	rig_kernel(&rig, bytes + part, size - part);
}

static void choose_ramdisks(u8 control)
{
	static const u32 sizes[] = { 1, 4096, 5000, 70000 };

	for (u32 i = 0; i < (control & 3u); i++)
		rig_ramdisk(&rig, "ramdisk", NULL, sizes[(control >> (2 + 2 * i)) & 3], i ? 0 : control >> 4);
}

static void check_record(void)
{
	char *record = rig_record(&rig, &loader_linux);

	fuzz_require(strstr(record, "\nend\n") != NULL);
	free(record);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char command_line[COMMAND_LINE_MAX + 1] = "", text[128];
	const char *reason;

	if (size < CONTROLS || size > RIG_KERNEL_MAX)
		return 0;
	choose_machine(data);
	choose_map(data[3]);
	choose_kernel(data + CONTROLS, size - CONTROLS, data[1]);
	choose_ramdisks(data[2]);
	memset(command_line, 'c', data[4]);
	rig.request.bootargs = command_line;
	if (!loader_linux.probe(&rig.request, &reason)) {
		loader_linux.describe(&rig.request, text, sizeof(text));
		if (!rig_finish(&rig, &loader_linux)) {
			plan_check(&rig.plan, &rig.memory);
			check_record();
		}
	}
	loader_linux.release(&rig.request);
	fuzz_require(rig.memory.claim_count == rig.claims);
	rig_free(&rig);
	return 0;
}
