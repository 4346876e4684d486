/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Any bytes as the memory in which a Linux loader left its zero page, at 0: what the stub of trapeze.bzimage makes of
 * it the shim can read, and the copies in it are linked within it.
 */
#include <stdlib.h>
#include <string.h>

#include "../../boot/linux/info.c"
#include "../../boot/linux/params.c"
#include "bootinfo.h"
#include "fake.h"

#define RAM KIB(16)
#define INFO_AT 0x300000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static u8 block[KIB(32)];

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_nodes(const struct bootinfo *info)
{
	u32 count = 0;

	for (u64 at = number(block + (info->boot_params - INFO_AT) + HDR_SETUP_DATA, 8); at; count++) {
		const u8 *node = block + (size_t)(at - INFO_AT);

		require(at >= INFO_AT && at - INFO_AT <= info->size - SETUP_DATA_HEADER && count < SETUP_NODES_MAX);
		require(number(node + 12, 4) <= info->size - (at - INFO_AT) - SETUP_DATA_HEADER);
		at = number(node, 8);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct info_saved saved = { MIB(2), MIB(4), MIB(16) };
	struct params params;
	struct bootinfo info;

	if (size > RAM)
		return 0;
	fake_ram_init(RAM);
	memcpy(fake_ram, data, size);
	if (params_read(&params, 0))
		return 0;
	(void)params_is_memory(&params, MIB(2), MIB(4));
	if (info_build(&params, &saved, block, sizeof(block), INFO_AT))
		return 0;
	require(!bootinfo_parse(&info, block, INFO_AT, sizeof(block)));
	require(info.has_linux && !info.unknown_tags && info.displaced_copy == MIB(16));
	require(!strcmp(info.command_line, params.command_line));
	require(info.initrd_start == params.initrd_start && info.initrd_end == params.initrd_end);
	require_nodes(&info);
	bootinfo_free(&info);
	return 0;
}
