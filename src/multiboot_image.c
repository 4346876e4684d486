/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A multiboot kernel's bytes and where they go: by address fields, or by ELF program headers. */
#include "multiboot.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "log.h"

static enum err allocate_pieces(struct load_request *request, u32 count)
{
	struct multiboot_state *state = multiboot_state(request);

	state->pieces = calloc(count, sizeof(*state->pieces));
	if (state->pieces)
		return ERR_OK;
	log_err(state->area, "%s: no heap for %u segments", request->kernel.blob.name, count);
	return ERR_MEMORY;
}

static enum err refuse_field(const struct load_request *request, const char *field, u32 value, const char *limit_name,
			     u64 limit)
{
	log_err(multiboot_state(request)->area, "%s: %s=0x%x is not possible with %s=0x%llx", request->kernel.blob.name,
		field, value, limit_name, limit);
	return ERR_VALUE;
}

/* Where the image starts in the file: the header's own place gives it (format 1: 3.1.3, format 2: 3.1.5). */
static enum err find_start(const struct load_request *request, struct multiboot_piece *piece)
{
	const struct multiboot_header *h = &multiboot_state(request)->header;
	bool from_start = h->load_addr == MULTIBOOT_FROM_START;

	if (from_start && h->header_addr < h->offset)
		return refuse_field(request, "header_addr", h->header_addr, "the header at", h->offset);
	if (!from_start && h->load_addr > h->header_addr)
		return refuse_field(request, "load_addr", h->load_addr, "header_addr", h->header_addr);
	if (!from_start && h->header_addr - h->load_addr > h->offset)
		return refuse_field(request, "header_addr - load_addr", h->header_addr - h->load_addr, "the header at",
				    h->offset);
	piece->dest = from_start ? h->header_addr - h->offset : h->load_addr;
	piece->offset = from_start ? 0 : h->offset - (h->header_addr - h->load_addr);
	return ERR_OK;
}

static enum err find_sizes(const struct load_request *request, struct multiboot_piece *piece)
{
	const struct multiboot_header *h = &multiboot_state(request)->header;
	const struct blob *blob = &request->kernel.blob;
	u64 left = blob->size - piece->offset;

	if (h->load_end && h->load_end <= piece->dest)
		return refuse_field(request, "load_end_addr", h->load_end, "load_addr", piece->dest);
	piece->file_size = h->load_end ? h->load_end - piece->dest : left;
	if (piece->file_size > left) {
		log_err(multiboot_state(request)->area,
			"%s: load_end_addr=0x%x asks for %llu bytes from 0x%llx on: size=%llu",
			blob->name, h->load_end, piece->file_size, piece->offset, blob->size);
		return ERR_TRUNCATED;
	}
	if (piece->dest + piece->file_size > GIB(4))
		return refuse_field(request, "load_addr", (u32)piece->dest, "bytes to load", piece->file_size);
	piece->mem_size = piece->file_size;
	if (!h->bss_end)
		return ERR_OK;
	if (h->bss_end < piece->dest + piece->file_size)
		return refuse_field(request, "bss_end_addr", h->bss_end, "the load's end at",
				    piece->dest + piece->file_size);
	piece->mem_size = h->bss_end - piece->dest;
	return ERR_OK;
}

static enum err collect_flat(struct load_request *request)
{
	struct multiboot_state *state = multiboot_state(request);
	enum err err = allocate_pieces(request, 1);

	if (err || (err = find_start(request, &state->pieces[0])) || (err = find_sizes(request, &state->pieces[0])))
		return err;
	state->piece_count = 1;
	state->entry = state->header.entry;
	return ERR_OK;
}

static enum err add_piece(struct load_request *request, const struct elf_segment *segment, u32 index)
{
	struct multiboot_state *state = multiboot_state(request);

	if (state->piece_count == ELF_LOAD_LIMIT) {
		log_err(state->area, "%s: more than %u loadable segments", request->kernel.blob.name, ELF_LOAD_LIMIT);
		return ERR_VALUE;
	}
	if (segment->paddr + segment->mem_size > GIB(4)) {
		log_err(state->area,
			"%s: segment %u: p_paddr=0x%llx + p_memsz=0x%llx is beyond 0x%llx, and the entry is 32-bit",
			request->kernel.blob.name, index, segment->paddr, segment->mem_size, GIB(4));
		return ERR_VALUE;
	}
	state->pieces[state->piece_count++] = (struct multiboot_piece){
		.offset = segment->offset,
		.file_size = segment->file_size,
		.mem_size = segment->mem_size,
		.dest = segment->paddr,
	};
	return ERR_OK;
}

static enum err collect_elf(struct load_request *request)
{
	struct multiboot_state *state = multiboot_state(request);
	struct elf_segment segment;
	struct elf_file file;
	enum err err = elf_parse(&request->kernel.blob, &file);

	if (!err && file.is_pie) {
		log_err(state->area,
			"%s: e_type=0x%x: position-independent (ET_DYN), and nothing here applies relocations",
			request->kernel.blob.name, ELF_TYPE_DYN);
		return ERR_UNSUPPORTED;
	}
	if (!err)
		err = allocate_pieces(request, (u32)min_u64(file.segment_count, ELF_LOAD_LIMIT));
	for (u32 i = 0; !err && i < file.segment_count; i++) {
		err = elf_read_segment(&file, i, &segment);
		if (!err && segment.type == ELF_SEGMENT_LOAD && segment.mem_size)
			err = add_piece(request, &segment, i);
	}
	if (err)
		return err;
	if (!state->piece_count) {
		log_err(state->area, "%s: no loadable segment among %u program headers", request->kernel.blob.name,
			file.segment_count);
		return ERR_VALUE;
	}
	state->entry = state->header.entry;
	return state->header.has_entry ? ERR_OK : elf_find_entry(&file, &state->entry);
}

static void find_range(struct multiboot_state *state)
{
	state->link_start = PADDR_LIMIT;
	for (u32 i = 0; i < state->piece_count; i++) {
		const struct multiboot_piece *piece = &state->pieces[i];

		state->link_start = min_u64(state->link_start, piece->dest);
		state->link_end = max_u64(state->link_end, piece->dest + piece->mem_size);
	}
}

static enum err check_entry(const struct load_request *request)
{
	const struct multiboot_state *state = multiboot_state(request);

	for (u32 i = 0; i < state->piece_count; i++) {
		const struct multiboot_piece *piece = &state->pieces[i];

		if (state->entry >= piece->dest && state->entry - piece->dest < piece->file_size)
			return ERR_OK;
	}
	log_err(state->area, "%s: entry=0x%llx lies in none of the bytes loaded to 0x%llx..0x%llx",
		request->kernel.blob.name, state->entry, state->link_start, state->link_end);
	return ERR_VALUE;
}

static enum err plan_fixed(struct load_request *request)
{
	struct multiboot_state *state = multiboot_state(request);
	const struct blob *blob = &request->kernel.blob;

	state->kernel = request->plan->segment_count;
	for (u32 i = 0; i < state->piece_count; i++) {
		const struct multiboot_piece *piece = &state->pieces[i];
		const struct plan_segment segment = {
			.name = blob->name,
			.source = blob->paddr + piece->offset,
			.file_size = piece->file_size,
			.zero_size = piece->mem_size - piece->file_size,
			.mem_size = piece->mem_size,
			.where = PLAN_FIXED,
			.dest = piece->dest,
			.max = GIB(4),
			.align = 1,
		};
		enum err err = plan_add(request->plan, &segment, NULL);

		if (err)
			return err;
	}
	return ERR_OK;
}

/* The plan checks what has a fixed place; what moves as one block is checked here. */
static enum err check_overlaps(const struct load_request *request)
{
	const struct multiboot_state *state = multiboot_state(request);

	for (u32 i = 0; i < state->piece_count; i++) {
		const struct multiboot_piece *a = &state->pieces[i];

		for (u32 k = 0; k < i; k++) {
			const struct multiboot_piece *b = &state->pieces[k];

			if (!ranges_overlap(a->dest, a->dest + a->mem_size, b->dest, b->dest + b->mem_size))
				continue;
			log_err(state->area, "%s: segments overlap: 0x%llx..0x%llx and 0x%llx..0x%llx",
				request->kernel.blob.name, b->dest, b->dest + b->mem_size, a->dest,
				a->dest + a->mem_size);
			return ERR_OVERLAP;
		}
	}
	return ERR_OK;
}

/* One block as it will lie, up to its last byte that comes from the file. */
static enum err stage_image(struct load_request *request, u64 file_size)
{
	struct multiboot_state *state = multiboot_state(request);
	struct memory_where where = { .max = min_u64(GIB(4), arch_phys_limit()) };
	const u8 *bytes = request->kernel.blob.data;
	enum err err = memory_alloc(request->memory, file_size, &where, OWNER_STAGE, "kernel", &state->image_stage);
	u8 *image = err ? NULL : arch_phys(state->image_stage, file_size);

	if (!image) {
		log_err(state->area, "%s: no memory to compose the kernel in: size=%llu below 0x%llx",
			request->kernel.blob.name, file_size, where.max);
		return err ? err : ERR_NO_ROOM;
	}
	memset(image, 0, (size_t)file_size);
	for (u32 i = 0; i < state->piece_count; i++) {
		const struct multiboot_piece *piece = &state->pieces[i];

		if (piece->file_size)
			memcpy(image + (piece->dest - state->link_start), bytes + piece->offset,
			       (size_t)piece->file_size);
	}
	return ERR_OK;
}

static enum err plan_relocatable(struct load_request *request)
{
	struct multiboot_state *state = multiboot_state(request);
	const struct multiboot_header *h = &state->header;
	struct plan_segment segment = {
		.name = request->kernel.blob.name,
		.mem_size = state->link_end - state->link_start,
		.where = h->preference == MULTIBOOT_PREFER_HIGH ? PLAN_TOP : PLAN_BOTTOM,
		.min = h->min,
		.max = (u64)h->max + 1,
		.align = max_u64(h->align, PAGE_SIZE),
	};
	enum err err = check_overlaps(request);

	for (u32 i = 0; i < state->piece_count; i++) {
		const struct multiboot_piece *piece = &state->pieces[i];

		segment.file_size = max_u64(segment.file_size, piece->dest - state->link_start + piece->file_size);
	}
	segment.zero_size = segment.mem_size - segment.file_size;
	if (!h->preference && !(state->link_start & (segment.align - 1)))
		segment.preferred = state->link_start;
	if (!err)
		err = stage_image(request, segment.file_size);
	segment.source = state->image_stage;
	return err ? err : plan_add(request->plan, &segment, &state->kernel);
}

enum err multiboot_plan_image(struct load_request *request)
{
	struct multiboot_state *state = multiboot_state(request);
	enum err err = state->header.has_address ? collect_flat(request) : collect_elf(request);

	if (err)
		return err;
	find_range(state);
	err = check_entry(request);
	if (err)
		return err;
	return state->header.relocatable ? plan_relocatable(request) : plan_fixed(request);
}

u64 multiboot_delta(const struct load_request *request)
{
	const struct multiboot_state *state = multiboot_state(request);

	return state->header.relocatable ? request->plan->segments[state->kernel].dest - state->link_start : 0;
}

const char *multiboot_form(const struct load_request *request, const struct multiboot_header *header)
{
	struct elf_file file;

	if (header->has_address)
		return "at its header's addresses";
	if (elf_parse(&request->kernel.blob, &file))
		return "damaged: see the log";
	return file.is_64 ? "ELF64" : "ELF32";
}
