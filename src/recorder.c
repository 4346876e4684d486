/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "recorder_private.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "div.h"
#include "fmt.h"
#include "log.h"

static struct recorder_block *block;	/* NULL: none */
static struct recorder_slot now;	/* what the next slot says */
static struct recorder_last last;

struct sum {
	u32 a, b;
};

static struct sum sum_on(struct sum sum, const struct recorder_slot *slot, size_t from, size_t to)
{
	const u32 *words = (const u32 *)slot;

#pragma GCC unroll 4
	for (size_t i = from / sizeof(u32); i < to / sizeof(u32); i++) {
		sum.a += words[i];
		sum.b += sum.a;
	}
	return sum;
}

#define TAIL offsetof(struct recorder_slot, sequence)
#define TAIL_END offsetof(struct recorder_slot, sum)

/* What log lines leave alone in `now`, in parts: one that has not changed is in the sum, and in the slot, as it is. */
enum { PART_BEGINNING, PART_TITLE, PART_COUNT };
static const size_t part_ends[] = { 0, offsetof(struct recorder_slot, title), TAIL };
#define SLOTS 2u
static struct sum part_sums[PART_COUNT];	/* each as if it came first, with a = 0: as head_sum has it */
static struct sum head_sum = { 1, TAIL / sizeof(u32) };
static u32 unsummed_parts;		/* a bit each */
static u32 stale_parts[SLOTS];		/* of a slot: a bit each */

/* Nothing is known of what the slots say. */
static void forget_slots(void)
{
	for (u32 i = 0; i < SLOTS; i++)
		stale_parts[i] = (1u << PART_COUNT) - 1;
}

static void note_change(u32 part)
{
	unsummed_parts |= 1u << part;
	for (u32 i = 0; i < SLOTS; i++)
		stale_parts[i] |= 1u << part;
}

/* A part's `a` is added to `b` once more for each word behind it. */
static void sum_part(u32 part, size_t from, size_t to)
{
	struct sum was = part_sums[part], is = sum_on((struct sum){ 0, 0 }, &now, from, to);

	head_sum.a += is.a - was.a;
	head_sum.b += is.b - was.b + (is.a - was.a) * (u32)((TAIL - to) / sizeof(u32));
	part_sums[part] = is;
}

static u32 folded(struct sum sum)
{
	return sum.a ^ sum.b << 7 ^ sum.b >> 25;
}

u32 recorder_slot_sum(const struct recorder_slot *slot)
{
	return folded(sum_on((struct sum){ 1, 0 }, slot, 0, TAIL_END));
}

static void write_parts(struct recorder_slot *slot, u32 stale)
{
	for (; stale; stale &= stale - 1) {
		u32 part = (u32)__builtin_ctz(stale);
		size_t from = part_ends[part], to = part_ends[part + 1];

		if (unsummed_parts >> part & 1)
			sum_part(part, from, to);
		memcpy((u8 *)slot + from, (u8 *)&now + from, to - from);
	}
	unsummed_parts = 0;
}

/* What each line changes, and the sum. */
static void write_tail(struct recorder_slot *slot)
{
	const u32 *from = &now.sequence;
	struct sum sum = head_sum;
	u32 *to = &slot->sequence;

#pragma GCC unroll 16
	for (size_t i = 0; i < (TAIL_END - TAIL) / sizeof(u32); i++) {
		to[i] = from[i];
		sum.a += from[i];
		sum.b += sum.a;
	}
	slot->sum = folded(sum);
}

/* Into the slot that is older: a reset while it is written leaves the other. */
static void write_slot(u64 time_us)
{
	struct recorder_slot *slot;
	u32 turn;

	if (!block)
		return;
	turn = ++now.sequence % SLOTS;
	slot = turn ? &block->header.slots[1] : &block->header.slots[0];
	now.time_us = time_us;
	if (stale_parts[turn]) {
		write_parts(slot, stale_parts[turn]);
		stale_parts[turn] = 0;
	}
	write_tail(slot);
}

/* In every state of these three words Linux finds text that is there. */
static void write_zone(const struct log_ring *ring)
{
	struct ramoops_zone *zone = &block->zone;
	u32 at = (u32)ring->total;
	bool is_full = ring->total >= ring->size;

	if (is_full)
		div_u64_u32(ring->total, ring->size, &at);
	zone->start = at;
	zone->size = is_full ? ring->size : at;
	zone->signature = RAMOOPS_SIGNATURE;
}

static void log_changed(const struct log_ring *ring, u64 time_us)
{
	if (!block || ring->data != block->zone.text)
		return;
	now.total = ring->total;
	now.first = ring->first;
	if (now.ring_size != ring->size)
		note_change(PART_BEGINNING);
	now.ring_size = ring->size;
	now.text_sum = ring->sum;
	write_zone(ring);
	write_slot(time_us);
}

static bool clear_of_plan(const void *plan, paddr_t start, paddr_t end)
{
	return plan_range_is_clear(plan, start, end);
}

/*
 * In the middle of the largest usable range: firmware and GRUB, which come first after a reset, take the upper end for
 * themselves (GRUB on UEFI a quarter of all memory), and files are loaded from the lower end on.
 */
static paddr_t middle(const struct memory *memory)
{
	paddr_t start = 0, end = 0;

	for (u32 i = 0; i < memory->map.count; i++) {
		const struct mem_range *r = &memory->map.ranges[i];
		paddr_t low = max_u64(r->start, MIB(1)), high = min_u64(min_u64(r->end, GIB(4)), arch_phys_limit());

		if (r->type == MEM_USABLE && low < high && high - low > end - start)
			start = low, end = high;
	}
	return start + (end - start) / 2 + RECORDER_SIZE;
}

/* `plan` NULL: anywhere. */
static enum err allocate(struct memory *memory, const struct plan *plan, paddr_t *start)
{
	struct memory_where where = {
		.min = MIB(1), .max = middle(memory), .align = RECORDER_ALIGN, .is_clear = plan ? clear_of_plan : NULL, .ctx = plan,
		.ctx_step = RECORDER_ALIGN,
	};
	enum err err = memory_alloc(memory, RECORDER_SIZE, &where, OWNER_LOG, "flight recorder", start);

	where.max = GIB(4);
	return err ? memory_alloc(memory, RECORDER_SIZE, &where, OWNER_LOG, "flight recorder", start) : ERR_OK;
}

/* The ring moves to the block at `start`; what was the block until now is no record any more. */
static void move_to(paddr_t start)
{
	struct recorder_block *before = block;

	block = arch_phys(start, RECORDER_SIZE);
	memset(block, 0, RECORDER_SIZE);
	now.self = start;
	note_change(PART_BEGINNING);
	forget_slots();
	log_set_ring(block->zone.text, RECORDER_TEXT_SIZE);
	if (before)
		memset(&before->header, 0, sizeof(before->header));
}

void recorder_start(struct memory *memory)
{
	paddr_t start;

	block = NULL;
	now = (struct recorder_slot){ .magic = RECORDER_MAGIC };
	for (u32 i = 0; i < PART_COUNT; i++)
		note_change(i);
	free(last.text);
	now.flight = recorder_read(memory, &last) + 1;
	log_set_watch(log_changed);
	if (allocate(memory, NULL, &start))
		log_warn("log", "no room for the flight recorder bytes=%llu: only the newest lines are kept", (u64)RECORDER_SIZE);
	else
		move_to(start);
	recorder_tell(&last);
}

const struct recorder_last *recorder_last(void)
{
	return &last;
}

const char *recorder_step_text(u32 step)
{
	static const char *const texts[FLIGHT_STEP_COUNT] = {
		[FLIGHT_START] = "start",
		[FLIGHT_MEMORY_MAP] = "memory map",
		[FLIGHT_MANIFEST] = "manifest",
		[FLIGHT_MENU] = "menu",
		[FLIGHT_SHELL] = "shell",
		[FLIGHT_SHELL_LINES] = "trapeze,shell",
		[FLIGHT_READ] = "read",
		[FLIGHT_VERIFY] = "verify",
		[FLIGHT_PLAN] = "plan",
		[FLIGHT_PREPARE] = "prepare",
		[FLIGHT_QUIET] = "quiet devices",
		[FLIGHT_EXECUTE] = "execute",
		[FLIGHT_ON_FAULT] = "trapeze,on-fault",
		[FLIGHT_BIOS_CALLS] = "BIOS calls",
	};

	return step < FLIGHT_STEP_COUNT ? texts[step] : "unknown";
}

void recorder_step(enum flight_step step)
{
	arch_set_step(recorder_step_text(step));
	now.step = step;
	if (block)
		block->header.swing_step = 0;
	write_slot(arch_time_us());
}

void recorder_title(const char *title, bool returns)
{
	fmt_text(now.title, sizeof(now.title), title);
	now.returns = returns;
	note_change(PART_BEGINNING);
	note_change(PART_TITLE);
}

void recorder_end(enum recorder_end end)
{
	now.end = end;
	note_change(PART_BEGINNING);
	/* What was called may have written there. */
	forget_slots();
	write_slot(arch_time_us());
}

void recorder_range(paddr_t *start, paddr_t *end)
{
	*start = block ? now.self : 0;
	*end = block ? now.self + RECORDER_SIZE : 0;
}

paddr_t recorder_zone(void)
{
	return block ? now.self + offsetof(struct recorder_block, zone) : 0;
}

paddr_t recorder_swing_word(const struct plan *plan)
{
	if (!block || !plan_range_is_clear(plan, now.self, now.self + PAGE_SIZE))
		return 0;
	return now.self + offsetof(struct recorder_header, swing_step);
}

enum err recorder_make_way(struct memory *memory, const struct plan *plan)
{
	paddr_t before = now.self, start;

	if (!block) {
		log_err("recorder", "trapeze,recorder: there was no memory for the flight recorder");
		return ERR_NO_ROOM;
	}
	if (plan_range_is_clear(plan, before, before + RECORDER_SIZE))
		return ERR_OK;
	if (allocate(memory, plan, &start)) {
		log_err("recorder", "trapeze,recorder: no room outside the image bytes=%llu below=0x%llx", (u64)RECORDER_SIZE, GIB(4));
		return ERR_NO_ROOM;
	}
	move_to(start);
	memory_release(memory, before);
	return ERR_OK;
}
