/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The zero page (struct boot_params) and the command line behind it: one segment. */
#include "linux.h"

#include <string.h>

/* No identifier is assigned to Trapeze; 0xff means "undefined", and 0 would make kernels ignore the ramdisk. */
#define TYPE_OF_LOADER 0xff

#define EXT_MEM_K_MAX 0xfc00u		/* INT 15h AH=88h counts to 63 MiB at most */

/*
 * Kernels before 2.02 copy both from 0x90000 on; the command line lies where the old 16-bit code would have its heap.
 */
enum err linux_plan_params(struct load_request *request)
{
	struct linux_state *state = linux_state(request);
	const struct blob *setup = linux_setup_blob(request);
	u64 size = ZP_SIZE + strlen(request->bootargs) + 1;
	enum err err;

	if (state->mode == ENTRY_REAL)
		return linux_plan_real(request);
	if (state->header.version < 0x202)
		err = linux_plan_old_params(request, &state->params, "boot parameters", size);
	else
		err = linux_plan_area(request, &state->params, "boot parameters", size);
	if (err)
		return err;
	memcpy(state->params.data + HDR_SETUP_SECTS, (const u8 *)setup->data + HDR_SETUP_SECTS,
	       state->header.header_end - HDR_SETUP_SECTS);
	return ERR_OK;
}

/*
 * KiB of usable memory from 1 MiB on without a hole: decompressors up to 2.6 refuse to run when told of less than one
 * MiB.
 */
static u64 memory_above_1m(const struct memmap *map)
{
	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *range = &map->ranges[i];

		if (range->type == MEM_USABLE && range->start <= MIB(1) && range->end > MIB(1))
			return (range->end - MIB(1)) >> 10;
	}
	return 0;
}

static void put_memory_sizes(const struct load_request *request, u8 *zero_page)
{
	u64 kib = memory_above_1m(&request->memory->map);

	handover_put(zero_page, ZP_EXT_MEM_K, 2, min_u64(kib, EXT_MEM_K_MAX));
	handover_put(zero_page, ZP_ALT_MEM_K, 4, min_u64(kib, UINT32_MAX));
}

static void put_command_line(const struct load_request *request, u8 *zero_page)
{
	const struct linux_state *state = linux_state(request);

	memcpy(zero_page + ZP_SIZE, request->bootargs, strlen(request->bootargs) + 1);
	if (state->header.version >= 0x202) {
		handover_put(zero_page, HDR_CMD_LINE_PTR, 4, handover_dest(request, &state->params) + ZP_SIZE);
		return;
	}
	handover_put(zero_page, ZP_CL_MAGIC, 2, CL_MAGIC);
	handover_put(zero_page, ZP_CL_OFFSET, 2, ZP_SIZE);
}

static void put_ramdisk(const struct load_request *request, u8 *zero_page)
{
	paddr_t start;
	u64 size;

	handover_find_ramdisks(request, linux_state(request)->first_ramdisk, &start, &size);
	handover_put(zero_page, HDR_RAMDISK_IMAGE, 4, start);
	handover_put(zero_page, HDR_RAMDISK_SIZE, 4, size);
	handover_put(zero_page, ZP_EXT_RAMDISK_IMAGE, 4, start >> 32);
	handover_put(zero_page, ZP_EXT_RAMDISK_SIZE, 4, size >> 32);
}

void linux_put_header(const struct load_request *request, u8 *zero_page)
{
	const struct linux_state *state = linux_state(request);
	const struct linux_header *header = &state->header;
	u8 loadflags = header->loadflags & (u8)~(LOADFLAG_CAN_USE_HEAP | LOADFLAG_KASLR | LOADFLAG_QUIET);
	paddr_t load = request->plan->segments[state->kernel].dest;
	u32 offset = header->code32_start ? header->code32_start - (u32)state->nominal_load : 0;

	handover_put(zero_page, HDR_TYPE_OF_LOADER, 1, TYPE_OF_LOADER);
	handover_put(zero_page, HDR_LOADFLAGS, 1, loadflags | (state->quiet ? LOADFLAG_QUIET : 0));
	handover_put(zero_page, HDR_CODE32_START, 4, load + offset);
	if (state->has_vid_mode)
		handover_put(zero_page, HDR_VID_MODE, 2, state->vid_mode);
	if (state->alignment != header->alignment)
		handover_put(zero_page, HDR_KERNEL_ALIGNMENT, 4, state->alignment);
}

/* boot.rst, "32-bit Boot Protocol" and "64-bit Boot Protocol": all other registers are zero. */
static void set_entry(struct load_request *request, u8 *zero_page)
{
	const struct linux_state *state = linux_state(request);
	struct entry_state *entry = &request->plan->entry;

	*entry = (struct entry_state){ .mode = state->mode, .si = handover_dest(request, &state->params) };
	if (state->mode == ENTRY_LONG)
		entry->ip = request->plan->segments[state->kernel].dest + state->entry64;
	else
		entry->ip = handover_get(zero_page, HDR_CODE32_START, 4);
}

enum err linux_finish(struct load_request *request)
{
	struct linux_state *state = linux_state(request);
	u8 *zero_page = state->params.data;
	enum err err;

	if (state->mode == ENTRY_REAL)
		return linux_finish_real(request);
	if ((err = linux_finish_kho(request)))
		return err;
	linux_put_header(request, zero_page);
	put_memory_sizes(request, zero_page);
	put_command_line(request, zero_page);
	put_ramdisk(request, zero_page);
	linux_finish_screen(request, zero_page);
	err = linux_finish_efi(request, zero_page);
	if (state->header.version >= 0x20e)
		handover_put(zero_page, ZP_ACPI_RSDP, 8, request->rsdp);
	set_entry(request, zero_page);
	return err ? err : linux_finish_setup_data(request, zero_page);
}
