/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "compose.h"

#include <string.h>

#include "arch.h"
#include "bios.h"
#include "copy.h"
#include "log.h"

bool compose_present(paddr_t start, u8 *to, u64 size)
{
	const u8 *now = arch_phys(start, size);

	if (!start)
		return size == PAGE_SIZE && bios_low_read(0, to, PAGE_SIZE);
	if (now)
		copy_bytes(to, now, (size_t)size);
	return now;
}

static enum err lay_segment(const struct plan_segment *s, paddr_t dest, u8 *to, u64 size, bool all)
{
	u64 filled = all ? s->mem_size : s->file_size + s->zero_size;
	paddr_t start = max_u64(s->dest, dest), end = min_u64(s->dest + filled, dest + size);
	paddr_t file_end = max_u64(start, min_u64(s->dest + s->file_size, end));
	const u8 *bytes;

	if (start >= end)
		return ERR_OK;
	memset(to + (file_end - dest), 0, end - file_end);
	if (start == file_end)
		return ERR_OK;
	bytes = arch_phys(s->source + (start - s->dest), file_end - start);
	if (!bytes) {
		log_err("prepare", "%s: source 0x%llx is out of reach", s->name, s->source);
		return ERR_RESERVED;
	}
	memcpy(to + (start - dest), bytes, file_end - start);
	return ERR_OK;
}

enum err compose_segments(const struct plan *plan, paddr_t dest, u8 *to, u64 size, bool all)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < plan->segment_count && !err; i++)
		err = lay_segment(&plan->segments[i], dest, to, size, all);
	return err;
}
