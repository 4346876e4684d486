/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What an earlier flight left in memory. All of it may be damaged, or made up. */
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "div.h"
#include "fmt.h"
#include "log.h"
#include "printable.h"
#include "recorder_private.h"
#include "swing_step.h"

#define LINES_TOLD 8u

static bool is_whole(const struct recorder_slot *slot, paddr_t self)
{
	return slot->magic == RECORDER_MAGIC && slot->self == self && slot->sum == recorder_slot_sum(slot);
}

const struct recorder_slot *recorder_newest(const struct recorder_block *block, paddr_t self)
{
	const struct recorder_slot *a = &block->header.slots[0], *b = &block->header.slots[1];
	bool has_a = is_whole(a, self), has_b = is_whole(b, self);

	if (has_a && has_b)
		return (s32)(a->sequence - b->sequence) > 0 ? a : b;
	return has_a ? a : has_b ? b : NULL;
}

/* Something of ours was here: a slot that says so, whole or not. */
static bool is_marked(const struct recorder_block *block, paddr_t self)
{
	for (u32 i = 0; i < ARRAY_COUNT(block->header.slots); i++)
		if (block->header.slots[i].magic == RECORDER_MAGIC && block->header.slots[i].self == self)
			return true;
	return false;
}

/* The lines of the ring, each printable; NULL: not what was written. */
static char *copy_text(const struct recorder_block *block, const struct recorder_slot *slot, size_t *size)
{
	struct log_ring ring = {
		.data = (char *)block->zone.text, .size = slot->ring_size, .total = slot->total, .first = slot->first,
	};
	char *text;
	u32 offset;

	if (ring.size != RECORDER_TEXT_SIZE || ring.first > ring.total || ring.total - ring.first > ring.size ||
	    log_ring_sum(&ring) != slot->text_sum)
		return NULL;
	*size = (size_t)(ring.total - ring.first);
	text = malloc(*size + 1);
	for (size_t i = 0; text && i < *size; i++) {
		div_u64_u32(ring.first + i, ring.size, &offset);
		text[i] = ring.data[offset] == '\n' || is_printable(ring.data[offset]) ? ring.data[offset] : '?';
	}
	if (text)
		text[*size] = '\0';
	return text;
}

static void describe_step(struct recorder_last *last, const struct recorder_slot *slot, u32 swing_step)
{
	const char *step = recorder_step_text(slot->step);
	char title[sizeof(slot->title) + 4];

	printable(title, sizeof(title), slot->title, strnlen(slot->title, sizeof(slot->title)));
	if (swing_step && swing_step - 1 <= CONTROL_AT_END)
		fmt_snprintf(last->step, sizeof(last->step), "%s\"%s\"", control_step_text(swing_step - 1, slot->returns), title);
	else if (title[0])
		fmt_snprintf(last->step, sizeof(last->step), "%s, \"%s\"", step, title);
	else
		fmt_snprintf(last->step, sizeof(last->step), "%s", step);
}

/* Returns false when this is no better than what is in `last` already. */
static bool take(const struct recorder_block *block, paddr_t self, struct recorder_last *last)
{
	const struct recorder_slot *slot = recorder_newest(block, self);
	u32 swing_step = block->header.swing_step;

	if (!slot) {
		log_warn("recorder", "a record of an earlier flight at 0x%llx is damaged and refused", self);
		return false;
	}
	if (last->found && last->flight >= slot->flight)
		return false;
	free(last->text);
	*last = (struct recorder_last){ .found = true, .flight = slot->flight, .time_us = slot->time_us };
	last->end = slot->end == RECORDER_ASKED ? RECORDER_ASKED :
		    slot->end == RECORDER_HANDED_OVER && swing_step == CONTROL_ENTERING + 1 ? RECORDER_HANDED_OVER : RECORDER_FLYING;
	describe_step(last, slot, swing_step);
	last->text = copy_text(block, slot, &last->size);
	return true;
}

static void search(const struct memory *memory, const struct mem_range *range, struct recorder_last *last)
{
	paddr_t end = min_u64(min_u64(range->end, GIB(4)), arch_phys_limit());
	paddr_t at = align_up(max_u64(range->start, MIB(1)), RECORDER_ALIGN);

	for (; at < end && end - at >= RECORDER_SIZE; at += RECORDER_ALIGN) {
		struct recorder_block *block = arch_phys(at, RECORDER_SIZE);

		if (!block || !is_marked(block, at) || memory_find_claim(memory, at, at + RECORDER_SIZE))
			continue;
		(void)take(block, at, last);
		memset(&block->header, 0, sizeof(block->header));
	}
}

u32 recorder_read(const struct memory *memory, struct recorder_last *last)
{
	*last = (struct recorder_last){ 0 };
	for (u32 i = 0; i < memory->map.count; i++)
		if (memory->map.ranges[i].type == MEM_USABLE)
			search(memory, &memory->map.ranges[i], last);
	return last->found ? last->flight : 0;
}

/* The start of the last `lines` lines. */
static const char *tail(const struct recorder_last *last, u32 lines)
{
	const char *at = last->text + last->size;

	while (at > last->text && (at[-1] != '\n' || lines--))
		at--;
	return at;
}

static void tell_lines(const struct recorder_last *last)
{
	for (const char *at = tail(last, LINES_TOLD); *at;) {
		size_t length = strcspn(at, "\n");

		log_info("recorder", "| %.*s", (int)length, at);
		at += length + (at[length] == '\n');
	}
}

void recorder_tell(const struct recorder_last *last)
{
	u32 micros;
	u64 seconds = div_u64_u32(last->time_us, 1000000, &micros);

	if (!last->found)
		return;
	if (last->end == RECORDER_ASKED) {
		log_debug("recorder", "flight %u ended as it was asked to", last->flight);
	} else if (last->end == RECORDER_HANDED_OVER) {
		log_info("recorder", "flight %u handed over after %llu.%06u s: %s; l has its log", last->flight, seconds, micros,
			 last->step);
	} else {
		log_warn("recorder", "flight %u ended without a word after %llu.%06u s, at this step: %s", last->flight, seconds,
			 micros, last->step);
		if (last->text)
			tell_lines(last);
	}
	if (!last->text)
		log_warn("recorder", "the log of flight %u is damaged and refused", last->flight);
}
