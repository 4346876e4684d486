/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * PVH kernels: static ELF files that name a 32-bit entry in a note, vmlinux among them. Entered in protected mode with the
 * address of a start information in ebx; docs/linux.md says what is in it.
 */
#include "pvh.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "elf_symbols.h"
#include "fmt.h"
#include "log.h"

/* What a kernel that says nothing of it takes by the boot protocol; 32-bit kernels map little more (boot.rst, initrd_addr_max). */
#define RAMDISK_MAX_32 0x38000000ull

static enum err pvh_probe(const struct load_request *request, const char **reason)
{
	struct pvh_note note;

	*reason = pvh_find_note(request->kernel.blob.data, request->kernel.blob.size, &note);
	return *reason ? ERR_FORMAT : ERR_OK;
}

static enum err check_mode(const struct load_request *request)
{
	const struct manifest_config *config = request->config;
	const char *name = request->kernel.blob.name, *why = "";

	if (config->has_mode && config->mode != ENTRY_PROTECTED) {
		log_err("pvh", "%s: trapeze,mode=%s: PVH kernels are entered in protected mode", name,
			plan_mode_name(config->mode));
		return ERR_UNSUPPORTED;
	}
	if (arch_can_enter(ENTRY_PROTECTED, &why))
		return ERR_OK;
	log_err("pvh", "%s: %s", name, why);
	return ERR_PROCESSOR;
}

static enum err parse(const struct load_request *request, struct pvh_state *state)
{
	const struct manifest_image *image = request->kernel.image;
	const struct blob *blob = &request->kernel.blob;
	const char *reason = pvh_find_note(blob->data, blob->size, &state->note);
	enum err err;

	if (reason) {
		log_err("pvh", "%s: %s", blob->name, reason);
		return ERR_FORMAT;
	}
	if ((err = elf_parse(blob, &state->file)))
		return err;
	if (state->file.is_pie) {
		log_err("pvh", "%s: position-independent; PVH kernels lie where they are linked", blob->name);
		return ERR_UNSUPPORTED;
	}
	state->file.use_vaddr |= image && image->virtual_addresses;
	if (state->note.size == 4 || state->note.size == 8)
		return ERR_OK;
	log_err("pvh", "%s: the entry's note at 0x%llx has %u bytes, not 4 or 8", blob->name, state->note.at,
		state->note.size);
	return ERR_VALUE;
}

/* A 64-bit kernel on a processor without long mode stops without a word, or with one on a screen that nobody sees. */
static enum err check_processor(const struct load_request *request)
{
	if (!pvh_state(request)->file.is_64 || arch_features.can_long_mode)
		return ERR_OK;
	log_err("pvh", "%s: a 64-bit kernel, and this processor has no long mode", request->kernel.blob.name);
	return ERR_PROCESSOR;
}

static enum err check_entry(const struct load_request *request)
{
	const struct plan *plan = request->plan;
	u64 entry = pvh_state(request)->note.entry;

	for (u32 i = 0; i < plan->segment_count; i++)
		if (entry >= plan->segments[i].dest && entry - plan->segments[i].dest < plan->segments[i].file_size)
			return ERR_OK;
	log_err("pvh", "%s: entry 0x%llx (note at 0x%llx) lies in none of the bytes that are loaded",
		request->kernel.blob.name, entry, pvh_state(request)->note.at);
	return ERR_VALUE;
}

static enum err plan_modules(struct load_request *request)
{
	pvh_state(request)->first_module = request->plan->segment_count;
	for (u32 i = 0; i < request->module_count; i++) {
		const struct blob *blob = &request->modules[i].blob;
		const struct plan_segment segment = {
			.name = blob->name, .source = blob->paddr, .file_size = blob->size,
			.mem_size = align_up(blob->size, PAGE_SIZE),
			.where = PLAN_TOP, .min = MIB(1), .max = GIB(4), .align = PAGE_SIZE,
		};
		enum err err = plan_add(request->plan, &segment, NULL);

		if (err)
			return err;
	}
	return ERR_OK;
}

static paddr_t lowest(const struct plan *plan)
{
	paddr_t start = PADDR_LIMIT;

	for (u32 i = 0; i < plan->segment_count; i++)
		start = min_u64(start, plan->segments[i].dest);
	return start;
}

static enum err plan_parts(struct load_request *request, struct pvh_state *state)
{
	paddr_t kernel_start;
	enum err err = elf_plan_segments(request, &state->file, GIB(4));

	if (err || (err = check_entry(request)))
		return err;
	kernel_start = lowest(request->plan);
	err = handover_plan_ramdisks(request, state->file.is_64 ? GIB(4) : RAMDISK_MAX_32, &state->first_ramdisk);
	if (!err)
		err = plan_modules(request);
	return err ? err : pvh_plan_info(request, kernel_start);
}

static enum err pvh_plan(struct load_request *request)
{
	struct pvh_state *state = calloc(1, sizeof(*state));
	enum err err;

	request->state = state;
	if (!state) {
		log_err("pvh", "%s: no heap for the loader's state", request->kernel.blob.name);
		return ERR_MEMORY;
	}
	if ((err = parse(request, state)) || (err = check_mode(request)) || (err = check_processor(request)) ||
	    (err = plan_parts(request, state)))
		return err;
	elf_symbols_make(&state->file, request->memory, &request->symbols);
	request->plan->entry.mode = ENTRY_PROTECTED;
	return ERR_OK;
}

static enum err pvh_finish(struct load_request *request)
{
	const struct pvh_state *state = pvh_state(request);

	request->plan->entry = (struct entry_state){
		.mode = ENTRY_PROTECTED, .ip = state->note.entry, .bx = handover_dest(request, &state->info),
	};
	return pvh_finish_info(request);
}

static void pvh_describe(const struct load_request *request, char *buf, size_t size)
{
	struct pvh_state state;

	if (parse(request, &state))
		fmt_snprintf(buf, size, "PVH kernel, damaged: see the log");
	else
		fmt_snprintf(buf, size, "ELF%s PVH kernel, protected mode, entry 0x%llx", state.file.is_64 ? "64" : "32",
			     state.note.entry);
}

static void pvh_release(struct load_request *request)
{
	struct pvh_state *state = pvh_state(request);

	elf_symbols_release(&request->symbols, request->memory);
	if (!state)
		return;
	handover_release(request, &state->info);
	free(state);
	request->state = NULL;
}

const struct loader loader_pvh = {
	.name = "pvh",
	.takes_modules = true,
	.probe = pvh_probe,
	.plan = pvh_plan,
	.finish = pvh_finish,
	.record = pvh_record,
	.describe = pvh_describe,
	.release = pvh_release,
};
