/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The words of a command line by which Linux takes memory for other than it is: what it will not see as memory is no place
 * for its ramdisk (Documentation/admin-guide/kernel-parameters.txt, mem= and memmap=).
 */
#include <stdlib.h>
#include <string.h>

#include "handover.h"
#include "log.h"
#include "number.h"

struct view {
	struct memmap map;		/* with the words' ranges marked */
	bool has_ranges;
	paddr_t max;			/* what the kernel cuts off is above */
};

/* Linux takes no notice of what it does not understand, and has other words behind mem= (nopentium). */
static void limit(struct view *view, u64 size)
{
	if (size)
		view->max = min_u64(view->max, size);
}

/* SIZE@START: memory; SIZE#START, SIZE$START, SIZE!START: something else. */
static enum err mark(struct view *view, char kind, u64 size, u64 start)
{
	paddr_t end;

	if (start >= PADDR_LIMIT || !size)
		return ERR_OK;
	if (__builtin_add_overflow(start, size, &end) || end > PADDR_LIMIT)
		end = PADDR_LIMIT;
	view->has_ranges = true;
	return memmap_mark(&view->map, start, end, kind == '@' ? MEM_USABLE : MEM_RESERVED);
}

static enum err read_memmap(struct view *view, const char *value)
{
	static const char exact[] = "exactmap";
	u64 size, start;
	const char *rest;
	enum err err = ERR_OK;

	for (; value && !err; value = strchr(value, ',') ? strchr(value, ',') + 1 : NULL) {
		if (!strncmp(value, exact, strlen(exact))) {
			err = mark(view, '$', PADDR_LIMIT, 0);
			continue;
		}
		rest = number_size_prefix(value, &size);
		if (!rest)
			continue;
		if (!*rest || *rest == ',')
			limit(view, size);
		else if (strchr("@#$!", *rest) && number_size_prefix(rest + 1, &start))
			err = mark(view, *rest, size, start);
	}
	return err;
}

static enum err read_word(struct view *view, const char *word)
{
	u64 size;

	if (!strncmp(word, "memmap=", 7))
		return read_memmap(view, word + 7);
	if (!strncmp(word, "mem=", 4) && number_size(word + 4, &size))
		limit(view, size);
	return ERR_OK;
}

static enum err read_words(struct view *view, const char *bootargs)
{
	enum err err = ERR_OK;
	char *word;

	while (!err && (word = cmdline_word(&bootargs))) {
		err = read_word(view, word);
		free(word);
	}
	return err;
}

/* The largest piece of what is still memory for the kernel. */
static void find_window(const struct view *view, paddr_t *min, paddr_t *max)
{
	paddr_t low = *min, high = *max;

	*max = *min;
	for (u32 i = 0; i < view->map.count; i++) {
		const struct mem_range *range = &view->map.ranges[i];
		paddr_t start = max_u64(range->start, low), end = min_u64(range->end, high);

		if (range->type != MEM_USABLE || start >= end || end - start <= *max - *min)
			continue;
		*min = start;
		*max = end;
	}
}

/* The last page of memory stays free: kernels have looked one byte behind a ramdisk, and counted memory by its last page. */
static void leave_last_page(const struct view *view, paddr_t min, paddr_t *max)
{
	paddr_t top = 0;

	for (u32 i = 0; i < view->map.count; i++)
		if (view->map.ranges[i].type == MEM_USABLE && view->map.ranges[i].start < view->max)
			top = min_u64(view->map.ranges[i].end, view->max);
	if (top <= *max && top > min + PAGE_SIZE)
		*max = align_down(top, PAGE_SIZE) - PAGE_SIZE;
}

enum err handover_ramdisk_window(const struct load_request *request, paddr_t *min, paddr_t *max)
{
	const char *name = request->kernel.blob.name;
	struct view view = { .max = PADDR_LIMIT };
	enum err err;

	memmap_init(&view.map);
	err = memmap_copy(&view.map, &request->memory->map);
	if (!err)
		err = read_words(&view, request->bootargs);
	if (!err && view.max < PADDR_LIMIT)
		log_info("plan", "%s: mem= or memmap= bounds the place of the ramdisk end=0x%llx", name, view.max);
	*max = min_u64(*max, view.max);
	if (!err && view.has_ranges) {
		find_window(&view, min, max);
		log_info("plan", "%s: memmap= leaves 0x%llx..0x%llx for the ramdisk", name, *min, *max);
	}
	leave_last_page(&view, *min, max);
	memmap_free(&view.map);
	/* Of a limit of the kernel's own that leaves nothing the plan complains. */
	if (err || *min < *max || (!view.has_ranges && view.max == PADDR_LIMIT))
		return err;
	log_err("plan", "%s: mem= and memmap= leave the kernel no memory for its ramdisk", name);
	return ERR_NO_ROOM;
}
