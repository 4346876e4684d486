/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Where a kernel, its ramdisks and its hand-over data may lie, as segments of the plan. */
#include "linux.h"

#include <string.h>

#include "arch.h"
#include "log.h"

/*
 * A zImage is loaded at 0x10000, and its 16-bit code moves it to 0x1000, where it is linked, before it enters it. Where
 * we enter the 32-bit code ourselves, we put it there at once. The kernel unpacks itself to 1 MiB, with its heap up to
 * 0x90000.
 */
#define ZIMAGE_LOAD 0x10000u
#define ZIMAGE_RUN 0x1000u
#define ZIMAGE_END 0x90000u

/* What the entry can reach. */
static paddr_t reach(const struct linux_state *state)
{
	bool high = state->mode == ENTRY_LONG && (state->header.xloadflags & XLF_ABOVE_4G);

	return high ? PADDR_LIMIT : GIB(4);
}

/* Some usable range has room for `size` bytes at this alignment, whatever else may want to lie there. */
static bool fits(const struct memmap *map, u64 size, u64 align, paddr_t max)
{
	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *range = &map->ranges[i];
		paddr_t start = align_up(max_u64(range->start, LINUX_HIGH_LOAD), align), end = min_u64(range->end, max);

		if (range->type == MEM_USABLE && start < end && end - start >= size)
			return true;
	}
	return false;
}

/*
 * The largest alignment from the preferred one down to the least possible with which the kernel fits into this machine.
 */
static u64 choose_alignment(const struct load_request *request, paddr_t max)
{
	const struct linux_header *header = &linux_state(request)->header;

	for (u64 align = header->alignment; align >= header->min_alignment; align >>= 1)
		if (fits(&request->memory->map, header->init_size, align, max))
			return align;
	return header->alignment;
}

/* The manifest's `load` is a wish, as the kernel's own preferred address is. */
static paddr_t preferred_address(const struct load_request *request, u64 align)
{
	const struct manifest_image *image = request->kernel.image;
	const struct linux_header *header = &linux_state(request)->header;
	paddr_t preferred = header->pref_address ? header->pref_address : LINUX_HIGH_LOAD;

	if (image && image->has_load && image->load && header->relocatable) {
		if (!(image->load & (align - 1)) && image->load >= LINUX_HIGH_LOAD)
			return image->load;
		log_warn("linux",
			 "%s: load=0x%llx is no place for this kernel (alignment 0x%llx, from 1 MiB on): ignored",
			 request->kernel.blob.name, image->load, align);
	}
	return preferred & (align - 1) ? 0 : preferred;
}

static enum err add_relocatable(struct load_request *request, struct plan_segment *segment)
{
	struct linux_state *state = linux_state(request);

	segment->where = PLAN_BOTTOM;
	segment->min = LINUX_HIGH_LOAD;
	segment->max = reach(state);
	segment->mem_size = state->header.init_size;
	state->alignment = choose_alignment(request, segment->max);
	if (state->alignment != state->header.alignment)
		log_info("linux", "%s: no room at kernel_alignment=0x%llx, aligned to 0x%llx instead",
			 request->kernel.blob.name, state->header.alignment, state->alignment);
	segment->align = max_u64(state->alignment, PAGE_SIZE);
	segment->preferred = preferred_address(request, segment->align);
	return plan_add(request->plan, segment, &state->kernel);
}

/* Memory that the kernel will use and that nothing else may be put into. */
static enum err add_room(struct load_request *request, paddr_t start, u64 size)
{
	struct plan_segment room = {
		.name = "kernel room", .where = PLAN_FIXED, .dest = start, .mem_size = size, .max = GIB(4), .align = 1,
	};

	return plan_add(request->plan, &room, NULL);
}

/* A bzImage that is not relocatable is loaded at 1 MiB and moves itself to pref_address, where it needs init_size. */
static enum err add_fixed(struct load_request *request, struct plan_segment *segment)
{
	struct linux_state *state = linux_state(request);
	const struct linux_header *header = &state->header;
	paddr_t run = header->pref_address ? header->pref_address : LINUX_HIGH_LOAD;
	enum err err;

	segment->where = PLAN_FIXED;
	segment->dest = LINUX_HIGH_LOAD;
	segment->max = GIB(4);
	segment->align = 1;
	segment->mem_size = header->code_size;
	if (run <= LINUX_HIGH_LOAD + header->code_size) {
		segment->mem_size = max_u64(header->code_size, run - LINUX_HIGH_LOAD + header->init_size);
		return plan_add(request->plan, segment, &state->kernel);
	}
	err = plan_add(request->plan, segment, &state->kernel);
	return err ? err : add_room(request, run, header->init_size);
}

static enum err check_low_memory(const struct load_request *request, paddr_t start, paddr_t end, const char *why)
{
	if (memory_is_usable(request->memory, start, end))
		return ERR_OK;
	log_err("linux", "%s: %s needs usable memory at 0x%llx..0x%llx, and this machine has something else there",
		request->kernel.blob.name, why, start, end);
	return ERR_RESERVED;
}

static enum err add_zimage(struct load_request *request, struct plan_segment *segment)
{
	struct linux_state *state = linux_state(request);
	enum err err;

	segment->where = PLAN_FIXED;
	segment->dest = state->mode == ENTRY_REAL ? ZIMAGE_LOAD : state->nominal_load;
	segment->max = ZIMAGE_END;
	segment->align = 1;
	segment->mem_size = ZIMAGE_END - segment->dest;
	if (segment->file_size > segment->mem_size) {
		log_err("linux", "%s: a zImage must end below 0x%x: size=%llu, at most %llu from 0x%llx on",
			request->kernel.blob.name, ZIMAGE_END, segment->file_size, segment->mem_size, segment->dest);
		return ERR_NO_ROOM;
	}
	err = check_low_memory(request, state->nominal_load, ZIMAGE_END, "a zImage");
	if (err || (err = plan_add(request->plan, segment, &state->kernel)))
		return err;
	return add_room(request, LINUX_HIGH_LOAD, state->header.init_size);
}

/* code32_start is the entry of a kernel loaded at its nominal address; bzImages all have 1 MiB there. */
static enum err check_entry(const struct load_request *request, struct linux_state *state)
{
	const struct linux_header *header = &state->header;
	u32 start = header->code32_start;

	state->nominal_load = LINUX_HIGH_LOAD;
	state->entry64 = LINUX_ENTRY64;
	if (!linux_is_high(header))
		state->nominal_load = start == ZIMAGE_RUN || !start ? ZIMAGE_RUN : ZIMAGE_LOAD;
	if (start && (start < state->nominal_load || start - state->nominal_load >= header->code_size)) {
		log_err("linux", "%s: code32_start=0x%x is outside the kernel 0x%llx..0x%llx",
			request->kernel.blob.name, start, state->nominal_load, state->nominal_load + header->code_size);
		return ERR_VALUE;
	}
	if (state->mode == ENTRY_LONG && header->code_size <= LINUX_ENTRY64) {
		log_err("linux", "%s: 64-bit entry at 0x200 is beyond the kernel's %llu bytes",
			request->kernel.blob.name, header->code_size);
		return ERR_TRUNCATED;
	}
	return ERR_OK;
}

/* More is kept than the kernel asks for, but its own figures do not fit together. */
static void warn_of_sizes(const struct load_request *request)
{
	const struct linux_header *header = &linux_state(request)->header;
	u64 stated = header->version >= 0x20a ? handover_get(request->kernel.blob.data, HDR_INIT_SIZE, 4) : 0;

	if (stated && stated < header->code_size)
		log_warn("linux", "%s: init_size=0x%llx, but the kernel itself has 0x%llx bytes: that much is kept",
			 request->kernel.blob.name, stated, header->code_size);
}

enum err linux_plan_kernel(struct load_request *request)
{
	struct linux_state *state = linux_state(request);
	const struct linux_header *header = &state->header;
	struct plan_segment segment = {
		.name = "kernel",
		.source = request->kernel.blob.paddr + header->setup_size,
		.file_size = header->code_size,
	};
	enum err err;

	state->alignment = header->alignment;
	if (request->setup.image)
		return linux_split_plan_kernel(request, &segment);
	err = check_entry(request, state);
	if (err)
		return err;
	warn_of_sizes(request);
	if (!linux_is_high(header))
		return add_zimage(request, &segment);
	return header->relocatable ? add_relocatable(request, &segment) : add_fixed(request, &segment);
}

/* Linux skips the zeros between cpio archives (init/initramfs.c, unpack_to_rootfs). */
enum err linux_plan_ramdisks(struct load_request *request)
{
	struct linux_state *state = linux_state(request);
	bool anywhere = state->mode == ENTRY_LONG && (state->header.xloadflags & XLF_ABOVE_4G);

	return handover_plan_ramdisks(request, anywhere ? PADDR_LIMIT : state->header.initrd_end, &state->first_ramdisk);
}

enum err linux_plan_area(struct load_request *request, struct handover_area *area, const char *name, u64 size)
{
	const struct plan_segment segment = { .name = name, .where = PLAN_TOP, .min = LINUX_HIGH_LOAD, .max = GIB(4) };

	return handover_plan(request, area, segment, size);
}

enum err linux_plan_old_params(struct load_request *request, struct handover_area *area, const char *name, u64 size)
{
	const struct plan_segment segment = { .name = name, .where = PLAN_FIXED, .dest = LINUX_OLD_PARAMS, .max = MIB(1) };
	enum err err = check_low_memory(request, segment.dest, segment.dest + size, "a kernel before boot protocol 2.02");

	return err ? err : handover_plan(request, area, segment, size);
}
