/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The scratch regions of a handover that came. */
#include "kho_in.h"

#include "arch.h"
#include "handover.h"
#include "log.h"

static enum err take_scratch(struct kho_in *in, const u8 *entry)
{
	paddr_t start = handover_get(entry, 0, 8);
	u64 size = handover_get(entry, 8, 8);

	if ((start | size) & PAGE_MASK || start >= PADDR_LIMIT || size > PADDR_LIMIT - start) {
		log_err("kho", "handed over: scratch start=0x%llx size=0x%llx is no range of pages", start, size);
		return ERR_VALUE;
	}
	/* Linux lists a region for a node for which none was wanted. */
	if (size)
		in->scratch[in->scratch_count++] = (struct range){ start, start + size };
	return ERR_OK;
}

enum err kho_in_check_scratch(const struct kho_in *in, paddr_t start, paddr_t end, const char *what)
{
	for (u32 i = 0; i < in->scratch_count; i++) {
		const struct range *scratch = &in->scratch[i];

		if (!ranges_overlap(start, end, scratch->start, scratch->end))
			continue;
		log_err("kho", "handed over: %s at 0x%llx..0x%llx lies in scratch 0x%llx..0x%llx", what, start, end, scratch->start,
			scratch->end);
		return ERR_OVERLAP;
	}
	return ERR_OK;
}

enum err kho_in_read_scratch(struct kho_in *in)
{
	const struct kho_places *places = &in->places;
	u64 count = places->scratch_size / KHO_SCRATCH_ENTRY;
	u8 entry[KHO_SCRATCH_ENTRY];
	enum err err = ERR_OK;

	if (!count || places->scratch_size % KHO_SCRATCH_ENTRY || count > KHO_IN_SCRATCH_MAX) {
		log_err("kho", "handed over: list of scratch regions size=%llu, wanted 1 to %u entries of %u bytes",
			places->scratch_size, KHO_IN_SCRATCH_MAX, KHO_SCRATCH_ENTRY);
		return ERR_VALUE;
	}
	for (u32 i = 0; i < count && !err; i++) {
		if (kho_in_read(in, places->scratch + i * KHO_SCRATCH_ENTRY, entry, sizeof(entry))) {
			err = take_scratch(in, entry);
			continue;
		}
		log_err("kho", "handed over: list of scratch regions at 0x%llx is out of reach", places->scratch);
		err = ERR_RESERVED;
	}
	if (!err && !in->scratch_count) {
		log_err("kho", "handed over: list of scratch regions at 0x%llx: none of %llu has any memory", places->scratch, count);
		err = ERR_VALUE;
	}
	return err;
}

bool kho_in_is_clear(const void *ctx, paddr_t start, paddr_t end)
{
	const struct kho_in *in = ctx;

	for (u32 i = 0; in->version && i < in->scratch_count; i++)
		if (ranges_overlap(start, end, in->scratch[i].start, in->scratch[i].end))
			return false;
	return true;
}
