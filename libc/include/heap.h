/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The heap behind malloc: first fit over address-ordered free blocks, neighbours joined when freed, everything 16-byte
 * aligned. Memory comes in regions; none is ever given back. Damaged bookkeeping is found when it is next touched.
 */
#ifndef LIBC_HEAP_H
#define LIBC_HEAP_H

#include <stdbool.h>
#include <stddef.h>

struct heap_stats {
	size_t total;			/* bytes of all regions that can be handed out, headers included */
	size_t available;		/* of these, free now, headers included */
	size_t largest;			/* the largest malloc that would succeed without growing */
	size_t free_blocks;
};

/* From now on [start, start + size) belongs to the heap. Regions do not overlap; too small a one is ignored. */
#define HEAP_REGION_MIN 128
void heap_add_region(void *start, size_t size);

/*
 * When nothing fits, grow is asked once per request for a region of at least that many bytes; it adds one with
 * heap_add_region and returns true, or returns false. It may call malloc once: that request can come back to grow in
 * turn, which must then do without malloc. NULL: nobody is asked.
 */
void heap_set_grow(bool (*grow)(size_t size));

void heap_get_stats(struct heap_stats *stats);

/* Provided by the program: a double free, a pointer that malloc never gave, or overwritten bookkeeping. */
_Noreturn void heap_panic(const char *why);

#endif
