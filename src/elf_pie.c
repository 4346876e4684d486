/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "elf_pie.h"

#include <string.h>

#include "arch.h"
#include "log.h"

/* Page tables know no larger pages that an image could want to start at. */
#define ALIGN_LIMIT GIB(1)

static enum err check_align(const struct elf_file *file, u32 index, u64 align)
{
	if (align <= 1 || (is_power_of_two(align) && align <= ALIGN_LIMIT))
		return ERR_OK;
	log_err("elf", "%s: segment %u: p_align=0x%llx: no power of two up to 0x%llx", file->blob->name, index, align,
		ALIGN_LIMIT);
	return ERR_ALIGN;
}

/* From the lowest segment's start, aligned downwards, to the highest one's end. They stand in ascending order (gABI). */
static enum err measure(const struct elf_file *file, struct elf_pie *pie)
{
	struct elf_segment segment;
	u64 end = 0, file_end = 0;
	bool found = false;
	enum err err;

	pie->align = PAGE_SIZE;
	for (u32 i = 0; i < file->segment_count; i++) {
		if ((err = elf_read_segment(file, i, &segment)))
			return err;
		if (segment.type != ELF_SEGMENT_LOAD || !segment.mem_size)
			continue;
		if ((err = check_align(file, i, segment.align)))
			return err;
		if (found && segment.vaddr < end) {
			log_err("elf", "%s: segment %u: p_vaddr=0x%llx lies before the end of the one before it, 0x%llx",
				file->blob->name, i, segment.vaddr, end);
			return ERR_OVERLAP;
		}
		pie->align = max_u64(pie->align, segment.align);
		pie->low = found ? pie->low : segment.vaddr;
		found = true;
		end = segment.vaddr + segment.mem_size;
		if (segment.file_size)
			file_end = segment.vaddr + segment.file_size;
	}
	pie->low = align_down(pie->low, pie->align);
	pie->span = found ? end - pie->low : 0;
	pie->file_span = file_end > pie->low ? file_end - pie->low : 0;
	if (pie->file_span)
		return ERR_OK;
	log_err("elf", "%s: no loadable bytes among %u program headers", file->blob->name, file->segment_count);
	return ERR_VALUE;
}

static enum err lay_out(const struct elf_file *file, struct load_request *request, struct elf_pie *pie)
{
	const struct memory_where where = { .max = min_u64(GIB(4), arch_phys_limit()), .align = pie->align };
	enum err err = memory_alloc(request->memory, pie->span, &where, OWNER_STAGE, "image", &pie->stage);
	struct elf_segment segment;

	if (err) {
		log_err("elf", "%s: no room for 0x%llx bytes below 0x%llx, aligned to 0x%llx", file->blob->name, pie->span,
			where.max, pie->align);
		return err;
	}
	pie->bytes = arch_phys(pie->stage, pie->span);
	memset(pie->bytes, 0, pie->file_span);
	for (u32 i = 0; i < file->segment_count; i++) {
		if ((err = elf_read_segment(file, i, &segment)))
			return err;
		if (segment.type == ELF_SEGMENT_LOAD && segment.mem_size)
			memcpy(pie->bytes + (segment.vaddr - pie->low), file->blob->data + segment.offset,
			       segment.file_size);
	}
	return ERR_OK;
}

enum err elf_pie_plan(const struct elf_file *file, struct load_request *request, struct elf_pie *pie)
{
	struct plan_segment segment = {
		.name = file->blob->name,
		.where = PLAN_TOP,	/* where it is laid out, if nothing is in the way: then it is not moved */
		.min = MIB(1),
		.max = GIB(4),
	};
	u64 count;
	enum err err = measure(file, pie);

	if (!err)
		err = lay_out(file, request, pie);
	if (!err)
		err = elf_relocate(file, pie, false, &count);
	if (err)
		return err;
	segment.source = pie->stage;
	segment.file_size = pie->file_span;
	segment.zero_size = pie->span - pie->file_span;
	segment.mem_size = pie->span;
	segment.align = pie->align;
	return plan_add(request->plan, &segment, &pie->segment);
}

enum err elf_pie_finish(const struct elf_file *file, const struct plan *plan, struct elf_pie *pie)
{
	paddr_t dest = plan->segments[pie->segment].dest;
	u64 count;
	enum err err;

	pie->bias = dest - pie->low;
	err = elf_relocate(file, pie, true, &count);
	if (!err)
		log_info("elf", "%s: position-independent at=0x%llx linked-at=0x%llx bytes=%llu relocations=%llu",
			 file->blob->name, dest, pie->low, pie->span, count);
	return err;
}

void elf_pie_release(struct elf_pie *pie, struct memory *memory)
{
	if (pie->stage)
		memory_release(memory, pie->stage);
	pie->stage = 0;
}
