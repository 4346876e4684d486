/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Where the control pages of a swing come from, and where they go afterwards. */
#include "swing_build.h"

#include <stdlib.h>

#include "arch.h"
#include "log.h"
#include "real16_build.h"
#include "watchdog.h"

#define CONTROL_CUTS 6			/* code, data, stack, and three for a UART far above all memory */
#define IMAGE_STACK_PAGES 1
#define SPARE_SYMBOLS (4 * PAGE_SIZE)	/* the names of some hundred functions */

static bool clear_of_plan(const void *plan, paddr_t start, paddr_t end)
{
	return !plan || plan_range_is_clear(plan, start, end);
}

static enum err allocate(struct arch_swing *a, const struct swing *swing, struct memory *memory)
{
	const struct control_header *header = blob_header();
	const struct memory_where where = {
		.min = MIB(1), .max = GIB(4), .is_clear = clear_of_plan, .ctx = swing ? swing->plan : NULL
	};
	u64 tables = paging_pages_needed(swing_map_limit(memory), CONTROL_CUTS) * PAGE_SIZE;
	u64 symbols = swing ? align_up(swing->symbols.size, PAGE_SIZE) : SPARE_SYMBOLS;
	u64 long_tables = !BUILD_IS_64 && arch_features.can_long_mode ? 2 * PAGE_SIZE : 0;
	u64 sums = !swing || swing->returns ? PAGE_SIZE : 0;
	u64 size = header->total_size + IMAGE_STACK_PAGES * PAGE_SIZE + tables + symbols + sums + long_tables;
	enum err err = memory_alloc(memory, size, &where, OWNER_CONTROL, "control pages", &a->code);

	if (err) {
		log_line(swing ? LOG_ERR : LOG_DEBUG, "prepare", "no room for control pages outside the image bytes=%llu below=0x%llx",
			 size, where.max);
		return err;
	}
	a->data = a->code + header->text_size;
	a->stack = a->code + header->total_size;
	a->tables = a->stack + IMAGE_STACK_PAGES * PAGE_SIZE;
	a->symbols = a->tables + tables;
	a->sums_page = sums ? a->symbols + symbols : 0;
	a->long_tables = long_tables ? a->symbols + symbols + sums : 0;
	a->end = a->code + size;
	a->symbols_room = symbols;
	return ERR_OK;
}

/* Real mode reaches conventional memory only. */
static enum err allocate_real16(struct arch_swing *a, const struct swing *swing, struct memory *memory)
{
	const struct memory_where where = {
		.min = PAGE_SIZE, .max = REAL16_MEMORY_END, .is_clear = clear_of_plan, .ctx = swing->plan
	};
	enum err err;

	if (swing->plan->entry.mode != ENTRY_REAL)
		return ERR_OK;
	err = memory_alloc(memory, REAL16_SIZE, &where, OWNER_CONTROL, "real-mode pages", &a->real16);
	if (err)
		log_err("prepare", "no room for the real-mode pages outside the image bytes=%u below=0x%x", REAL16_SIZE,
			REAL16_MEMORY_END);
	return err;
}

static void release_sums(struct arch_swing *a, struct memory *memory)
{
	if (a->sums && a->sums != a->sums_page)
		memory_release(memory, a->sums);
	a->sums = 0;
}

static void delete(struct arch_swing *a, struct memory *memory)
{
	release_sums(a, memory);
	if (a->real16)
		memory_release(memory, a->real16);
	if (a->code)
		memory_release(memory, a->code);
	free(a->template);
	free(a);
}

/*
 * Control pages for the next call: those of the last one that returned, or what arch_swing_keep_ready has made. Not of one that had to
 * be ended: they might be what it damaged.
 */
static struct arch_swing *spare;

void arch_swing_forget(struct memory *memory)
{
	if (spare)
		delete(spare, memory);
	spare = NULL;
}

void arch_swing_make_way(const struct plan *plan, struct memory *memory)
{
	if (spare && !plan_range_is_clear(plan, spare->code, spare->end))
		arch_swing_forget(memory);
}

enum err swing_pages_make(struct arch_swing **out, const struct swing *swing, struct memory *memory)
{
	struct arch_swing *a;
	enum err err;

	arch_swing_forget(memory);
	a = calloc(1, sizeof(*a));
	if (!a) {
		log_err("prepare", "heap is full");
		return ERR_MEMORY;
	}
	err = allocate(a, swing, memory);
	if (!err && swing)
		err = allocate_real16(a, swing, memory);
	if (!err)
		err = swing_build(a, memory);
	if (err) {
		delete(a, memory);
		return err;
	}
	if (!swing || (swing->returns && !a->real16))
		swing_template_save(a);
	a->made_at = swing_flights();
	*out = a;
	return ERR_OK;
}

void arch_swing_keep_ready(struct memory *memory)
{
	if (!spare && swing_pages_make(&spare, NULL, memory))
		log_debug("prepare", "no control pages are ready ahead of the first call");
	watchdog_keep_ready();
}

struct arch_swing *swing_spare_take(const struct swing *swing)
{
	struct arch_swing *a = spare;

	if (!a || !swing->returns || swing->plan->entry.mode == ENTRY_REAL || swing->symbols.size > a->symbols_room ||
	    !plan_range_is_clear(swing->plan, a->code, a->end))
		return NULL;
	if (a->made_at == swing_flights())
		swing_set_uart(a->control);
	else if (!swing_template_restore(a))
		return NULL;
	spare = NULL;
	return a;
}

void swing_pages_give_back(struct arch_swing *a, struct memory *memory, bool is_sound)
{
	if (!is_sound || a->real16 || spare) {
		delete(a, memory);
		return;
	}
	release_sums(a, memory);
	spare = a;
}

enum err swing_pages_take_sums(struct arch_swing *a, const struct swing *swing, struct memory *memory)
{
	const struct memory_where where = { .is_clear = clear_of_plan, .ctx = swing->plan };
	u64 size = swing->checksum_count * sizeof(struct control_sum);
	enum err err;

	a->sums = a->sums_page;
	if (!size || (a->sums && size <= SWING_SUMS_SIZE))
		return ERR_OK;
	err = memory_alloc(memory, size, &where, OWNER_STAGE, "checksums", &a->sums);
	if (err) {
		a->sums = 0;
		log_err("prepare", "no room for checksums count=%u", swing->checksum_count);
	}
	return err;
}
