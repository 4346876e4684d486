/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A kernel and its setup code as two images (U-Boot, doc/usage/fit/x86-fit-boot.rst): the flat kernel goes to `load`
 * and is entered at its first byte, in long mode when `arch` says x86_64. The setup code only gives the header; it is
 * not run.
 */
#include <string.h>

#include "linux.h"
#include "log.h"

enum entry_mode linux_split_mode(const struct load_request *request)
{
	return strcmp(request->kernel.image->arch, "x86_64") ? ENTRY_PROTECTED : ENTRY_LONG;
}

enum err linux_split_plan_kernel(struct load_request *request, struct plan_segment *segment)
{
	struct linux_state *state = linux_state(request);
	const struct manifest_image *image = request->kernel.image;

	if (!image->has_load || image->load < LINUX_HIGH_LOAD) {
		log_err("linux",
			"%s: load=0x%llx: a kernel apart from its setup code needs a load address from 0x%llx on",
			request->kernel.blob.name, image->has_load ? image->load : 0, LINUX_HIGH_LOAD);
		return ERR_VALUE;
	}
	state->nominal_load = state->header.code32_start;
	segment->where = PLAN_FIXED;
	segment->source = request->kernel.blob.paddr;
	segment->dest = image->load;
	segment->max = GIB(4);
	segment->align = 1;
	segment->mem_size = state->header.init_size;
	return plan_add(request->plan, segment, &state->kernel);
}
