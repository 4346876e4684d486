/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Arbitrary bytes as the net's symbol table, as an image may leave it, with the checksum made right: no search reads
 * outside of it.
 */
#include <stdlib.h>
#include <string.h>

#include "plan_check.h"
#include "symbols.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void search(const char *table, u64 address)
{
	struct symbol_hit hit;

	if (symbols_find(table, address, &hit))
		fuzz_require(hit.name >= table && strlen(hit.name) < SIZE_MAX);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct symbols *header;

	if (size < sizeof(*header) || size > 65536)
		return 0;
	header = malloc(size);
	memcpy(header, data, size);
	header->magic = SYMBOLS_MAGIC;
	header->size = (u32)size;
	header->sum = symbols_sum(header, header->size);
	if (symbols_are_whole(header, header->size)) {
		const struct symbol *entries = (const struct symbol *)(header + 1);

		for (u32 i = 0; i < header->count; i++) {
			search((const char *)header, header->base + entries[i].start);
			search((const char *)header, header->base + entries[i].start + entries[i].size - 1);
			search((const char *)header, header->base + header->alias + entries[i].start);
		}
		search((const char *)header, header->base - 1);
	}
	free(header);
	return 0;
}
