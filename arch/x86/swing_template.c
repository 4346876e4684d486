/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Control pages as they were made, for another call: no byte of it is taken from where an image can have written. */
#include "swing_build.h"

#include <stdlib.h>
#include <string.h>

struct part {
	void *at;
	size_t size;
};

static struct part part_at(u64 address, size_t size)
{
	return (struct part){ (void *)(uintptr_t)address, address ? size : 0 };
}

/* The net's text comes last in struct control, and is nothing yet. */
static void find_parts(const struct arch_swing *a, struct part parts[3])
{
	parts[0] = part_at((uintptr_t)a->control, offsetof(struct control, text));
	parts[1] = part_at(a->code + blob_header()->world32, sizeof(struct world32));
	parts[2] = part_at(a->long_tables ? a->code + blob_header()->world64 : 0, sizeof(struct world64));
}

void swing_template_save(struct arch_swing *a)
{
	struct part parts[3];
	size_t size = 0;
	u8 *at;

	find_parts(a, parts);
	for (u32 i = 0; i < ARRAY_COUNT(parts); i++)
		size += parts[i].size;
	at = a->template = malloc(size);
	for (u32 i = 0; at && i < ARRAY_COUNT(parts); at += parts[i++].size)
		memcpy(at, parts[i].at, parts[i].size);
}

bool swing_template_restore(const struct arch_swing *a)
{
	const u8 *at = a->template;
	struct part parts[3];

	find_parts(a, parts);
	for (u32 i = 0; at && i < ARRAY_COUNT(parts); at += parts[i++].size)
		memcpy(parts[i].at, at, parts[i].size);
	if (at)
		swing_set_uart(a->control);
	return at;
}
