/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "calls.h"

#include <string.h>

static struct call_result calls[CALLS_MAX];
static u32 call_count;

static struct call_result *find(const char *name)
{
	for (u32 i = 0; i < call_count; i++)
		if (!strcmp(calls[i].name, name))
			return &calls[i];
	if (call_count == CALLS_MAX)
		return NULL;
	calls[call_count] = (struct call_result){ .name = name };
	return &calls[call_count++];
}

void calls_note(const char *name, const struct swing *swing)
{
	static const char *const outcomes[] = {
		[SWING_NONE] = "none", [SWING_RETURNED] = "returned", [SWING_FAULT] = "fault", [SWING_WATCHDOG] = "watchdog",
		[SWING_ABORT] = "abort", [SWING_CHECKSUM] = "checksum",
	};
	struct call_result *call = find(name);

	if (!call)
		return;
	call->number++;
	call->outcome = outcomes[swing->outcome];
	call->result = swing->result;
	call->us = swing->call_us;
}

const struct call_result *calls_get(u32 index)
{
	return index < call_count ? &calls[index] : NULL;
}
