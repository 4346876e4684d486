/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Static ELF executables, 32- and 64-bit, entered for good or called. Segments go to their physical addresses, or to their
 * virtual ones (trapeze,addresses), position-independent ones to free memory; the entry mode follows from the class, or
 * from trapeze,mode. trapeze,args arrive as the C ABI passes six integers.
 */
#include "elf_file.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "elf_pie.h"
#include "elf_symbols.h"
#include "fmt.h"
#include "log.h"
#include "record.h"

#define ARG_COUNT 6u

/*
 * The stack of a protected-mode entry: at the top of a page of its own a return address of zero and the six arguments,
 * the first of them 16-byte aligned (i386 ABI supplement, "The Stack Frame"); a few zero words above stop stack
 * walkers.
 */
#define STACK_POINTER (PAGE_SIZE - 36)

struct elf_state {
	struct elf_file file;
	struct elf_pie pie;
	enum entry_mode mode;
	paddr_t entry;			/* of a position-independent file: before it is moved */
	paddr_t stack_stage;		/* 0: none */
	u8 *stack;
	u32 stack_segment;
};

static enum err elf_probe(const struct load_request *request, const char **reason)
{
	*reason = elf_probe_bytes(request->kernel.blob.data, request->kernel.blob.size);
	return *reason ? ERR_FORMAT : ERR_OK;
}

static enum err choose_mode(const struct load_request *request, const struct elf_file *file, struct elf_state *state)
{
	const struct manifest_config *config = request->config;
	const char *name = request->kernel.blob.name, *why = "";

	state->mode = config->has_mode ? config->mode : file->is_64 ? ENTRY_LONG : ENTRY_PROTECTED;
	if (state->mode == ENTRY_REAL) {
		log_err("elf", "%s: trapeze,mode=real: ELF files are entered in long or protected mode", name);
		return ERR_UNSUPPORTED;
	}
	if (!arch_can_enter(state->mode, &why)) {
		log_err("elf", "%s: %s", name, why);
		return ERR_PROCESSOR;
	}
	for (u32 i = 0; i < request->arg_count; i++) {
		if (state->mode == ENTRY_LONG || request->args[i] <= UINT32_MAX)
			continue;
		log_err("elf", "%s: trapeze,args: number %u, 0x%llx, does not fit 32-bit protected mode", name, i + 1,
			request->args[i]);
		return ERR_VALUE;
	}
	return ERR_OK;
}

/*
 * The first page of memory holds the BIOS's vectors and data. An image that lies there and has nothing but zeros in that page
 * leaves it alone.
 */
static void skip_page_0(const struct blob *blob, struct elf_segment *s)
{
	const u8 *bytes = (const u8 *)blob->data + s->offset;
	u64 skipped = min_u64(s->file_size, PAGE_SIZE);

	if (s->paddr || s->mem_size <= PAGE_SIZE)
		return;
	for (u64 i = 0; i < skipped; i++)
		if (bytes[i])
			return;
	log_info("elf", "%s: its first page, at address 0, is all zero and left out", blob->name);
	s->paddr = PAGE_SIZE;
	s->mem_size -= PAGE_SIZE;
	s->offset += skipped;
	s->file_size -= skipped;
}

enum err elf_plan_segments(struct load_request *request, const struct elf_file *file, paddr_t max)
{
	const struct blob *blob = &request->kernel.blob;
	struct elf_segment segment;
	u32 loaded = 0;
	enum err err;

	for (u32 i = 0; i < file->segment_count; i++) {
		struct plan_segment planned;

		if ((err = elf_read_segment(file, i, &segment)))
			return err;
		if (segment.type != ELF_SEGMENT_LOAD || !segment.mem_size)
			continue;
		if (++loaded > ELF_LOAD_LIMIT) {
			log_err("elf", "%s: more than %u loadable segments", blob->name, ELF_LOAD_LIMIT);
			return ERR_VALUE;
		}
		skip_page_0(blob, &segment);
		planned = (struct plan_segment){
			.name = blob->name,
			.source = blob->paddr + segment.offset,
			.file_size = segment.file_size,
			.zero_size = segment.mem_size - segment.file_size,
			.mem_size = segment.mem_size,
			.where = PLAN_FIXED,
			.dest = segment.paddr,
			.max = max,
			.align = 1,
		};
		if ((err = plan_add(request->plan, &planned, NULL)))
			return err;
	}
	if (loaded)
		return ERR_OK;
	log_err("elf", "%s: no loadable segment among %u program headers", blob->name, file->segment_count);
	return ERR_VALUE;
}

/* Protected mode takes its arguments from the stack; long mode has registers for six, and the control pages' stack. */
static enum err plan_stack(struct load_request *request, struct elf_state *state)
{
	struct memory_where where = { .max = min_u64(GIB(4), arch_phys_limit()) };
	struct plan_segment segment = {
		.name = "stack",
		.file_size = PAGE_SIZE,
		.mem_size = PAGE_SIZE,
		.where = PLAN_TOP,
		.min = MIB(1),
		.max = GIB(4),
		.align = PAGE_SIZE,
	};
	enum err err;

	if (state->mode != ENTRY_PROTECTED)
		return ERR_OK;
	err = memory_alloc(request->memory, PAGE_SIZE, &where, OWNER_STAGE, "stack", &state->stack_stage);
	state->stack = err ? NULL : arch_phys(state->stack_stage, PAGE_SIZE);
	if (!state->stack) {
		log_err("elf", "%s: no page below 0x%llx for its stack", request->kernel.blob.name, where.max);
		return err ? err : ERR_NO_ROOM;
	}
	memset(state->stack, 0, PAGE_SIZE);
	for (u32 i = 0; i < request->arg_count && i < ARG_COUNT; i++) {
		u32 value = (u32)request->args[i];

		memcpy(state->stack + STACK_POINTER + 4 + 4 * i, &value, sizeof(value));
	}
	segment.source = state->stack_stage;
	return plan_add(request->plan, &segment, &state->stack_segment);
}

static enum err parse(const struct load_request *request, struct elf_file *file)
{
	const struct manifest_image *image = request->kernel.image;
	enum err err = elf_parse(&request->kernel.blob, file);

	file->use_vaddr |= image && image->virtual_addresses;
	return err;
}

static enum err elf_plan(struct load_request *request)
{
	struct elf_state *state = calloc(1, sizeof(*state));
	struct elf_file *file;
	enum err err;

	request->state = state;
	if (!state) {
		log_err("elf", "%s: no heap for the loader's state", request->kernel.blob.name);
		return ERR_MEMORY;
	}
	file = &state->file;
	if ((err = parse(request, file)) || (err = choose_mode(request, file, state)) ||
	    (err = elf_find_entry(file, &state->entry)))
		return err;
	if (file->is_pie)
		err = elf_pie_plan(file, request, &state->pie);
	else
		err = elf_plan_segments(request, file, state->mode == ENTRY_LONG ? PADDR_LIMIT : GIB(4));
	if (!err)
		err = plan_stack(request, state);
	if (!err)
		elf_symbols_make(file, request->memory, &request->symbols);
	return err;
}

static u64 argument(const struct load_request *request, u32 index)
{
	return index < request->arg_count ? request->args[index] : 0;
}

static enum err elf_finish(struct load_request *request)
{
	struct elf_state *state = request->state;
	struct entry_state *entry = &request->plan->entry;
	enum err err = state->file.is_pie ? elf_pie_finish(&state->file, request->plan, &state->pie) : ERR_OK;

	if (err)
		return err;
	elf_symbols_move(&request->symbols, state->pie.bias);
	*entry = (struct entry_state){ .mode = state->mode, .ip = state->entry + state->pie.bias };
	if (state->mode == ENTRY_PROTECTED) {
		entry->sp = request->plan->segments[state->stack_segment].dest + STACK_POINTER;
		return ERR_OK;
	}
	/* x86-64 psABI, 3.2.3: the order in which integers are passed. */
	entry->di = argument(request, 0);
	entry->si = argument(request, 1);
	entry->dx = argument(request, 2);
	entry->cx = argument(request, 3);
	entry->r8 = argument(request, 4);
	entry->r9 = argument(request, 5);
	return ERR_OK;
}

static void elf_record(const struct load_request *request, const struct record *to)
{
	const struct elf_state *state = request->state;
	const struct entry_state *entry = &request->plan->entry;

	record_line(to, "elf: mode=%s entry=0x%llx", plan_mode_name(state->mode), entry->ip);
	record_regs(to, entry);
	if (state->mode == ENTRY_PROTECTED)
		record_line(to, "stack: sp=0x%llx", entry->sp);
	record_line(to, "args: 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx", argument(request, 0), argument(request, 1),
		    argument(request, 2), argument(request, 3), argument(request, 4), argument(request, 5));
	record_line(to, "end");
}

static void elf_describe(const struct load_request *request, char *buf, size_t size)
{
	const struct manifest_config *config = request->config;
	enum entry_mode mode;
	struct elf_file file;
	paddr_t entry;

	if (parse(request, &file) || elf_find_entry(&file, &entry)) {
		fmt_snprintf(buf, size, "ELF, damaged: see the log");
		return;
	}
	mode = config->has_mode ? config->mode : file.is_64 ? ENTRY_LONG : ENTRY_PROTECTED;
	fmt_snprintf(buf, size, "ELF%s %s, %s mode, entry 0x%llx", file.is_64 ? "64" : "32",
		     file.is_pie ? "position-independent executable" : "static executable", plan_mode_name(mode), entry);
}

static void elf_release(struct load_request *request)
{
	struct elf_state *state = request->state;

	elf_symbols_release(&request->symbols, request->memory);
	if (!state)
		return;
	if (state->stack_stage)
		memory_release(request->memory, state->stack_stage);
	elf_pie_release(&state->pie, request->memory);
	free(state);
	request->state = NULL;
}

const struct loader loader_elf = {
	.name = "elf",
	.can_call = true,
	.probe = elf_probe,
	.plan = elf_plan,
	.finish = elf_finish,
	.record = elf_record,
	.describe = elf_describe,
	.release = elf_release,
};
