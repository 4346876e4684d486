/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "layout.h"

#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "memory.h"
#include "model.h"
#include "plan.h"

#define RAM_PAGES 64u
#define RAM ((u64)RAM_PAGES * PAGE_SIZE)

struct layout {
	const u8 *data;
	size_t left;
	struct memory memory;
	struct plan plan;
};

/* --- numbers out of bytes; zeros when there are none left --- */

static u64 take(struct layout *l, u32 bytes)
{
	u64 value = 0;

	for (u32 i = 0; i < bytes && l->left; i++, l->left--)
		value |= (u64)*l->data++ << (8 * i);
	return value;
}

/* Mostly an address in memory, on a page or not; now and then any number at all. */
static u64 take_address(struct layout *l)
{
	u64 kind = take(l, 1);

	if (kind == 0xff)
		return take(l, 8);
	if (kind >= 0xf0)
		return 0;
	if (kind & 1)
		return take(l, 1) % (RAM_PAGES + 1) * PAGE_SIZE;
	return take(l, 3) % (RAM + 1);
}

static u64 take_size(struct layout *l)
{
	u64 kind = take(l, 1);

	if (kind == 0xff)
		return take(l, 8);
	if (kind >= 0xc0)
		return 0;
	return take(l, 1) % 12 * PAGE_SIZE + (kind & 1 ? take(l, 2) % PAGE_SIZE : 0);
}

/* --- making the layout --- */

static bool make_memory(struct layout *l)
{
	static const u32 types[] = { MEM_RESERVED, MEM_ACPI, MEM_NVS, MEM_BAD, 12 };
	static const enum mem_owner owners[] = { OWNER_CONTROL, OWNER_LOW, OWNER_SHIM, OWNER_MODULE, OWNER_STAGE };
	enum err err = memmap_add(&l->memory.map, 0, RAM, MEM_USABLE);

	for (u64 i = take(l, 1) % 4; i && !err; i--) {
		paddr_t at = take_address(l);

		err = memmap_add(&l->memory.map, at, take(l, 2), types[take(l, 1) % ARRAY_COUNT(types)]);
	}
	if (!err)
		err = memmap_sanitise(&l->memory.map);
	for (u64 i = take(l, 1) % 5; i && !err; i--) {
		u64 page = take(l, 1) % RAM_PAGES, pages = take(l, 1) % 8;

		err = memory_claim(&l->memory, page * PAGE_SIZE, (page + pages) * PAGE_SIZE,
				   owners[take(l, 1) % ARRAY_COUNT(owners)], "claim");
	}
	fake_phys_limit = take(l, 1) % 8 ? RAM : RAM - take(l, 2);
	return !err;
}

static void make_segment(struct layout *l, struct plan_segment *s)
{
	u64 kind = take(l, 1);

	*s = (struct plan_segment){ .name = "part", .where = kind & 3, .align = PAGE_SIZE };
	s->source = take_address(l);
	s->file_size = take_size(l);
	s->zero_size = kind & 4 ? take_size(l) : 0;
	s->mem_size = s->file_size + s->zero_size + (kind & 8 ? take_size(l) : 0);
	s->dest = kind & 16 ? s->source : take_address(l);
	if (kind & 32)
		s->align = (u64)PAGE_SIZE << take(l, 1) % 4;
	if (kind & 64)
		s->preferred = take_address(l);
	if (kind & 128) {
		s->min = take_address(l);
		s->max = take_address(l);
	}
}

/* --- what the headers promise --- */

static bool meets_claim(const struct memory *memory, enum mem_owner owner, paddr_t start, paddr_t end)
{
	for (u32 i = 0; i < memory->claim_count; i++) {
		const struct mem_claim *claim = &memory->claims[i];

		if (claim->owner == owner && ranges_overlap(start, end, claim->start, claim->end))
			return true;
	}
	return false;
}

static paddr_t pages_end(const struct plan_segment *s)
{
	return align_up(s->dest + s->mem_size, PAGE_SIZE);
}

/* May the segment lie at `dest`, as far as it alone is concerned? */
static bool is_allowed(const struct memory *memory, const struct plan_segment *s, paddr_t dest, bool open)
{
	paddr_t end = dest + s->mem_size, written = dest + s->file_size + s->zero_size;

	if (dest < s->min || end > min_u64(plan_segment_max(s), arch_phys_limit()) || end < dest)
		return false;
	if (!memory_is_usable(memory, dest, end) || meets_claim(memory, OWNER_CONTROL, dest, end))
		return false;
	if (written > dest && !memory_is_usable(memory, align_down(dest, PAGE_SIZE), align_up(written, PAGE_SIZE)))
		return false;
	return !open || (dest >= PAGE_SIZE && !(dest & (s->align - 1)) && !meets_claim(memory, OWNER_LOW, dest, end));
}

static const char *check_places(const struct layout *l)
{
	const struct plan *plan = &l->plan;
	bool open = false;

	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *s = &plan->segments[i];

		if (s->where != PLAN_FOLLOW)
			open = s->where != PLAN_FIXED;
		if (!is_allowed(&l->memory, s, s->dest, open))
			return "a segment lies where it must not";
		if (s->where == PLAN_FOLLOW && s->dest != pages_end(s - 1))
			return "a segment does not follow";
		for (u32 k = 0; k < i; k++) {
			const struct plan_segment *other = &plan->segments[k];

			if (ranges_overlap(s->dest, s->dest + s->mem_size, other->dest, other->dest + other->mem_size))
				return "two segments overlap";
		}
	}
	return NULL;
}

/* A single open segment for which there was no room: is there a page at which it would have fit? */
static const char *check_no_room(struct layout *l)
{
	const struct plan_segment *open = NULL;
	struct plan_segment copy;

	for (u32 i = 0; i < l->plan.segment_count; i++) {
		const struct plan_segment *s = &l->plan.segments[i];

		if (s->where == PLAN_FOLLOW || (s->where != PLAN_FIXED && i + 1 < l->plan.segment_count))
			return NULL;
		if (s->where != PLAN_FIXED)
			open = s;
	}
	if (!open)
		return NULL;
	copy = *open;
	l->plan.segment_count--;
	if (plan_place(&l->plan, &l->memory))
		return NULL;
	for (paddr_t at = PAGE_SIZE; at < RAM; at += PAGE_SIZE) {
		paddr_t end = align_up(at + copy.mem_size, PAGE_SIZE);

		if (is_allowed(&l->memory, &copy, at, true) && memory_is_usable(&l->memory, at, end) &&
		    end <= fake_phys_limit && plan_range_is_clear(&l->plan, at, end))
			return "there was room for an open segment";
	}
	return NULL;
}

static const char *place_and_move(struct layout *l, struct layout_tally *tally)
{
	struct pagelist list;
	const char *what = NULL;
	enum err err;

	fake_log_reset();
	err = plan_place(&l->plan, &l->memory);
	if (fake_log_errors() != (err != ERR_OK) || l->plan.placed != !err)
		return "placing failed without one line, or the other way round";
	if (err) {
		tally->unplaced++;
		return err == ERR_NO_ROOM ? check_no_room(l) : NULL;
	}
	tally->placed++;
	what = check_places(l);
	if (what)
		return what;
	fake_log_reset();
	err = model_run(&l->plan, &l->memory, &list, &what);
	if (!what && err && fake_log_errors() != 1)
		return "building the list failed without one line";
	tally->moved += !err && list.moved_pages;
	return what;
}

static const char *add_and_go_on(struct layout *l, struct layout_tally *tally)
{
	for (u64 i = take(l, 1) % 9; i; i--) {
		struct plan_segment s;
		enum err err;

		make_segment(l, &s);
		fake_log_reset();
		err = plan_add(&l->plan, &s, NULL);
		if (fake_log_errors() != (err != ERR_OK))
			return "adding failed without one line, or the other way round";
		tally->refused += err != ERR_OK;
	}
	return place_and_move(l, tally);
}

/* Every word another one. */
static void fill_memory(void)
{
	static u32 words[RAM / sizeof(u32)];
	static bool filled;

	for (u32 i = 0; !filled && i < ARRAY_COUNT(words); i++)
		words[i] = i * 2654435761u;
	filled = true;
	if (fake_ram_size != RAM)
		fake_ram_init(RAM);
	memcpy(fake_ram, words, sizeof(words));
}

const char *layout_try(const u8 *data, size_t size, struct layout_tally *tally)
{
	struct layout l = { .data = data, .left = size };
	const char *what = NULL;

	fill_memory();
	memory_init(&l.memory);
	plan_init(&l.plan);
	if (make_memory(&l))
		what = add_and_go_on(&l, tally);
	plan_free(&l.plan);
	memory_free(&l.memory);
	return what;
}
