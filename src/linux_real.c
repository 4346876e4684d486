/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The 16-bit entry: the kernel's own setup code is loaded whole, run in real mode, and asks the BIOS for what the zero page
 * would tell (boot.rst, "The Real-Mode Kernel Header" to "Running the Kernel").
 */
#include "linux.h"

#include <string.h>

#include "log.h"
#include "record.h"

/* boot.rst, "Sample Boot Configuration": offsets in the segment of the real-mode part. */
#define SETUP_MAX 0x8000u
#define HEAP_END_NEW 0xe000u
#define HEAP_END_OLD 0x9800u
#define SEGMENT_SIZE 0x10000u
#define HEAP_END_PTR_BIAS 0x200u	/* heap_end_ptr counts from the end of the boot sector */

/* Modern kernels let the real-mode part lie anywhere below; some BIOSes use more than they say above. */
#define PLACE_MAX 0x9a000u

#define ENTRY_SEGMENT 0x20u		/* the entry is at 0x200 */
#define RETURN_SIZE 4u			/* the swing leaves the return address of a called image on the stack, here as well */

/* Old kernels are fixed at 0x90000, and have their heap and the command line below 0x9a000 there. */
static bool is_modern(const struct linux_header *header)
{
	return header->version >= 0x202 && linux_is_high(header);
}

static u32 heap_end(const struct linux_header *header)
{
	return is_modern(header) ? HEAP_END_NEW : HEAP_END_OLD;
}

enum err linux_check_real(const struct load_request *request)
{
	const struct linux_header *header = &linux_state(request)->header;
	const struct bootinfo *info = request->info;
	const char *name = request->kernel.blob.name;

	if (bootinfo_is_efi(info)) {
		log_err("linux", "%s: trapeze,mode=real: the 16-bit entry needs a BIOS, and this machine was started by UEFI",
			name);
		return ERR_UNSUPPORTED;
	}
	if (header->setup_size > SETUP_MAX) {
		log_err("linux", "%s: setup_sects=%u: the 16-bit code has 0x%x bytes, at most 0x%x have room below its heap", name,
			header->setup_size / LINUX_SECTOR - 1, header->setup_size, SETUP_MAX);
		return ERR_NO_ROOM;
	}
	return ERR_OK;
}

enum err linux_plan_real(struct load_request *request)
{
	struct linux_state *state = linux_state(request);
	const struct linux_header *header = &state->header;
	u64 size = heap_end(header) + strlen(request->bootargs) + 1;
	enum err err;

	if (size > SEGMENT_SIZE) {
		log_err("linux", "%s: a command line of %zu characters does not fit into the segment of the 16-bit code, which has room for %u",
			request->kernel.blob.name, strlen(request->bootargs), SEGMENT_SIZE - heap_end(header) - 1);
		return ERR_NO_ROOM;
	}
	if (is_modern(header))
		err = handover_plan(request, &state->params, (struct plan_segment){
			.name = "real-mode part", .where = PLAN_TOP, .min = PAGE_SIZE, .max = PLACE_MAX }, size);
	else
		err = linux_plan_old_params(request, &state->params, "real-mode part", size);
	if (err)
		return err;
	memcpy(state->params.data, linux_setup_blob(request)->data, header->setup_size);
	memcpy(state->params.data + heap_end(header), request->bootargs, strlen(request->bootargs) + 1);
	return ERR_OK;
}

static void put_command_line(const struct load_request *request, u8 *page)
{
	const struct linux_header *header = &linux_state(request)->header;
	u32 at = heap_end(header);

	if (header->version >= 0x202) {
		handover_put(page, HDR_CMD_LINE_PTR, 4, handover_dest(request, &linux_state(request)->params) + at);
		return;
	}
	handover_put(page, ZP_CL_MAGIC, 2, CL_MAGIC);
	handover_put(page, ZP_CL_OFFSET, 2, at);
	handover_put(page, HDR_SETUP_MOVE_SIZE, 2, at + strlen(request->bootargs) + 1);
}

static void put_ramdisk(const struct load_request *request, u8 *page)
{
	paddr_t start;
	u64 size;

	handover_find_ramdisks(request, linux_state(request)->first_ramdisk, &start, &size);
	handover_put(page, HDR_RAMDISK_IMAGE, 4, start);
	handover_put(page, HDR_RAMDISK_SIZE, 4, size);
}

enum err linux_finish_real(struct load_request *request)
{
	const struct linux_state *state = linux_state(request);
	const struct linux_header *header = &state->header;
	u16 segment = (u16)(handover_dest(request, &state->params) >> 4);
	u8 *page = state->params.data;

	linux_put_header(request, page);
	/* Setup moves a zImage to where its entry is; it jumps there by itself. */
	if (!linux_is_high(header))
		handover_put(page, HDR_CODE32_START, 4, header->code32_start);
	if (header->version >= 0x201) {
		handover_put(page, HDR_LOADFLAGS, 1, page[HDR_LOADFLAGS] | LOADFLAG_CAN_USE_HEAP);
		handover_put(page, HDR_HEAP_END_PTR, 2, heap_end(header) - HEAP_END_PTR_BIAS);
	}
	put_command_line(request, page);
	put_ramdisk(request, page);
	/* "Running the Kernel": all segments alike but cs, interrupts off. */
	request->plan->entry = (struct entry_state){
		.mode = ENTRY_REAL, .cs = segment + ENTRY_SEGMENT, .sp = heap_end(header),
		.ds = segment, .es = segment, .fs = segment, .gs = segment, .ss = segment,
	};
	return ERR_OK;
}

void linux_record_real(const struct load_request *request, const struct record *r)
{
	const struct linux_state *state = linux_state(request);
	const struct entry_state *e = &request->plan->entry;
	u64 version = state->header.version;

	record_line(r, "linux: protocol=%llu.%02llu mode=real setup=0x%llx size=%u crc32=0x%08x", version >> 8, version & 0xff,
		    handover_dest(request, &state->params), state->header.setup_size,
		    record_crc32(state->params.data, state->header.setup_size));
	record_regs(r, e);
	record_line(r, "real: cs=0x%x ip=0x%llx ds=0x%x es=0x%x fs=0x%x gs=0x%x ss=0x%x sp=0x%llx flags=0x%x", e->cs, e->ip, e->ds,
		    e->es, e->fs, e->gs, e->ss, e->sp - RETURN_SIZE, e->flags);
	record_line(r, "kernel: at=0x%llx size=%llu", request->plan->segments[state->kernel].dest, state->header.code_size);
	record_line(r, "header: heap_end_ptr=0x%llx setup_move_size=0x%llx",
		    version >= 0x201 ? handover_get(state->params.data, HDR_HEAP_END_PTR, 2) : 0,
		    handover_get(state->params.data, HDR_SETUP_MOVE_SIZE, 2));
}

paddr_t linux_command_line_at(const struct load_request *request)
{
	const struct linux_state *state = linux_state(request);

	return handover_dest(request, &state->params) + (state->mode == ENTRY_REAL ? heap_end(&state->header) : ZP_SIZE);
}
