/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Arbitrary bytes as a partitioned disk. Nothing crashes or hangs; every partition lies on the disk. */
#include "media_disk.h"
#include "partition.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_disk f = { data, 0, size, 0 };
	struct disk disk = fuzz_disk(&f, 9);
	struct partition_table table;

	if (partition_read(&table, &disk) == ERR_FORMAT)
		fuzz_require(!table.count);
	for (u32 i = 0; i < table.count; i++) {
		const struct partition *p = &table.partitions[i];

		fuzz_require(p->number && p->sectors && p->start < disk.sectors && p->sectors <= disk.sectors - p->start);
	}
	partition_free(&table);
	return 0;
}
