/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A handover that came is handed on. */
#include "kho_in.h"

#include "loader.h"
#include "log.h"

enum err kho_in_plan(const struct kho_in *in, struct load_request *request)
{
	const struct bootinfo *info = in->info;
	struct plan *plan = request->plan;
	enum err err = ERR_OK;

	for (u32 i = 0; i < in->kept.count && !err; i++) {
		paddr_t start = max_u64(in->kept.items[i].start, info->displaced_start);
		paddr_t end = min_u64(in->kept.items[i].end, info->displaced_end);
		const struct plan_segment segment = {
			.name = "preserved", .source = info->displaced_copy + (start - info->displaced_start),
			.file_size = end - start, .mem_size = end - start, .where = PLAN_FIXED, .dest = start, .align = 1,
			.is_kept = true,
		};

		if (start < end)
			err = plan_add(plan, &segment, NULL);
	}
	plan->scratch = in->scratch;
	plan->scratch_count = in->scratch_count;
	request->kho_passed = !err;
	return err;
}

void kho_in_begin(const struct kho_in *in, struct load_request *request)
{
	const struct manifest_config *config = request->config;

	request->kho_in = in->version && !config->kho_drop && !config->preserve_context ? in : NULL;
	/* What is called gives every page back. */
	request->plan->may_cover_kept = config->kho_drop || config->preserve_context;
}
