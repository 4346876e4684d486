/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The pipeline of the setup code, and where the stub goes. */
#include "setup.h"

#include "../stub.h"

#define SAY(text) "\r\nTrapeze: " text "\r\n"

u8 setup_zero_page[ZP_SIZE];
struct setup_move setup_move;

static bool is_old_command_line(const u8 *file)
{
	return (file[ZP_CL_MAGIC] | file[ZP_CL_MAGIC + 1] << 8) == CL_MAGIC && !file[HDR_CMD_LINE_PTR] &&
	       !file[HDR_CMD_LINE_PTR + 1] && !file[HDR_CMD_LINE_PTR + 2] && !file[HDR_CMD_LINE_PTR + 3];
}

static void copy_header(const u8 *file)
{
	u32 end = HDR_JUMP + 2 + file[HDR_JUMP + 1];

	for (u32 i = HDR_SETUP_SECTS; i < end; i++)
		setup_zero_page[i] = file[i];
}

/*
 * BIOS loaders put the kernel at 1 MiB, the shim's place being right behind: the stub goes to the first multiple of its
 * alignment with memory that nothing else lies in.
 */
static bool choose_place(void)
{
	const struct params params = { .zero_page = setup_zero_page };
	u64 from = params_u32(&params, HDR_CODE32_START), initrd = params_u32(&params, HDR_RAMDISK_IMAGE);
	u64 from_end = from + ((u64)params_u32(&params, HDR_SYSSIZE) << 4);
	u64 initrd_end = initrd + params_u32(&params, HDR_RAMDISK_SIZE);
	u64 size = params_u32(&params, HDR_INIT_SIZE), align = params_u32(&params, HDR_KERNEL_ALIGNMENT);

	setup_move.entry = (u32)from;
	if (!(from & (align - 1)))
		return true;
	for (u64 to = align; to + size <= GIB(4); to += align) {
		if (ranges_overlap(to, to + size, initrd, initrd_end) ||
		    ranges_overlap(to, to + size, from, from_end) || !params_is_memory(&params, to, to + size))
			continue;
		setup_move = (struct setup_move){ (u32)from, (u32)to, (u32)(from_end - from) / 4, (u32)to };
		setup_put(setup_zero_page + HDR_CODE32_START, to, 4);
		return true;
	}
	return false;
}

const char *setup_run(const u8 *file)
{
	if (is_old_command_line(file))
		return SAY("the loader speaks a boot protocol before 2.02, which is not understood.");
	copy_header(file);
	setup_take_screen(setup_zero_page);
	if (!setup_take_memory(setup_zero_page))
		return SAY("the BIOS tells of no memory above 1 MiB.");
	if (!choose_place())
		return SAY("no room: a free piece of memory at a multiple of 8 MiB is wanted.");
	if (!setup_open_a20())
		return SAY("address line A20 cannot be enabled.");
	return NULL;
}
