/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Is the first heap large enough for the memory map, of however many entries? The shim's own heap, as large as it asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "libc_rename.h"
#include "../../libc/heap.c"
#include "libc_restore.h"
#define malloc shim_malloc
#define calloc shim_calloc
#define free shim_free
#include "../../src/memmap.c"
#undef FIRST_CAPACITY
#include "../../src/bootinfo_map.c"
#undef malloc
#undef calloc
#undef free

#define ENTRIES_MAX 6000u
#define CONSTANT KIB(4)			/* the heap's own bookkeeping, and a map of a few entries */

void *shim_memcpy(void *restrict to, const void *restrict from, size_t size)
{
	return memcpy(to, from, size);
}

void *shim_memset(void *to, int byte, size_t size)
{
	return memset(to, byte, size);
}

_Noreturn void heap_panic(const char *why)
{
	fail_msg("%s", why);
	abort();
}

struct mmap_entry {
	u64 start, size;
	u32 type, zero;
};

struct efi_entry {
	u32 type, pad;
	u64 start, virtual, pages, attribute;
};

static struct mmap_entry mmap_entries[ENTRIES_MAX];
static struct efi_entry efi_entries[ENTRIES_MAX];
static u8 arena[2 * ENTRIES_MAX * 512 + CONSTANT] __attribute__((aligned(16)));

typedef struct raw_entry shape(u32 number, u32 count);

/* Every second page is bad, as with GRUB's badram; nothing can be joined. */
static struct raw_entry chequered(u32 number, u32 count)
{
	(void)count;
	return (struct raw_entry){ (u64)number * PAGE_SIZE, PAGE_SIZE, number % 2 ? MEM_BAD : MEM_USABLE };
}

/* Each within the one before and stricter, so that both ends of each are seen. */
static struct raw_entry nested(u32 number, u32 count)
{
	static const u32 types[] = { MEM_USABLE, MEM_ACPI, MEM_NVS, MEM_RESERVED, MEM_BAD };
	u32 ring = number * (u32)ARRAY_COUNT(types) / count;

	return (struct raw_entry){ (u64)(number + 1) * PAGE_SIZE, (u64)(2 * (count - number) + 1) * PAGE_SIZE, types[ring] };
}

/* Stripes across a background. */
static struct raw_entry stripes(u32 number, u32 count)
{
	if (!number)
		return (struct raw_entry){ 0, (u64)count * 3 * PAGE_SIZE, MEM_USABLE };
	return (struct raw_entry){ (u64)number * 3 * PAGE_SIZE, PAGE_SIZE, number % 2 ? MEM_RESERVED : MEM_NVS };
}

static struct raw_entry random_places(u32 number, u32 count)
{
	(void)number;
	return (struct raw_entry){ ((u64)random() % (4 * count)) * PAGE_SIZE, (1 + (u64)random() % 64) * PAGE_SIZE,
				   1 + (u32)random() % 5 };
}

static shape *const shapes[] = { chequered, nested, stripes, random_places };

static u32 efi_type(u32 type)
{
	static const u32 types[] = { [MEM_USABLE] = 7, [MEM_RESERVED] = 0, [MEM_ACPI] = 9, [MEM_NVS] = 10, [MEM_BAD] = 8 };

	return types[type];
}

static void check(u32 mmap_count, shape *mmap_shape, u32 efi_count, shape *efi_shape)
{
	struct bootinfo info = {
		.mmap = { mmap_entries, mmap_count * (u32)sizeof(*mmap_entries) },
		.mmap_entry_size = sizeof(*mmap_entries),
		.efi_map = { efi_entries, efi_count * (u32)sizeof(*efi_entries) },
		.efi_desc_size = sizeof(*efi_entries),
	};
	struct memmap map;
	u64 size = bootinfo_map_heap(&info) + CONSTANT;

	for (u32 i = 0; i < mmap_count; i++) {
		struct raw_entry e = mmap_shape(i, mmap_count);

		mmap_entries[i] = (struct mmap_entry){ e.start, e.size, e.type, 0 };
	}
	for (u32 i = 0; i < efi_count; i++) {
		struct raw_entry e = efi_shape(i, efi_count);

		efi_entries[i] = (struct efi_entry){ .type = efi_type(e.type), .start = e.start, .pages = e.size / PAGE_SIZE };
	}
	assert_true(size <= sizeof(arena));
	first_free = NULL;
	heap_add_region(arena, (size_t)size);
	if (bootinfo_memory_map(&info, &map))
		fail_msg("mmap=%u efi=%u: %llu bytes are not enough", mmap_count, efi_count, size);
	memmap_free(&map);
}

static void test_every_shape(void **state)
{
	static const u32 counts[] = { 0, 1, 31, 32, 33, 1000, 2047, 4096, ENTRIES_MAX };

	(void)state;
	for (u32 a = 0; a < ARRAY_COUNT(counts); a++) {
		for (u32 b = 0; b < ARRAY_COUNT(counts); b++) {
			for (u32 s = 0; s < ARRAY_COUNT(shapes) * ARRAY_COUNT(shapes) && counts[a] + counts[b]; s++)
				check(counts[a], shapes[s % ARRAY_COUNT(shapes)], counts[b], shapes[s / ARRAY_COUNT(shapes)]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
