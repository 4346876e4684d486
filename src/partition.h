/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Partitions of a disk: MBR with the chain of an extended partition, and GPT (UEFI 2.9, chapter 5) with its checksums,
 * from the copy at the disk's end where the first is damaged.
 */
#ifndef TRAPEZE_PARTITION_H
#define TRAPEZE_PARTITION_H

#include "disk.h"
#include "error.h"
#include "types.h"

struct partition {
	u32 number;			/* from 1, as Linux and GRUB count */
	u64 start, sectors;		/* within the disk, not empty */
};

struct partition_table {
	struct partition *partitions;	/* malloc'd */
	u32 count, capacity;
};

/*
 * ERR_FORMAT without a log line: no table there. What is damaged is logged; partitions that leave the disk are left
 * out.
 */
enum err partition_read(struct partition_table *table, struct disk *disk) MUST_CHECK;
void partition_free(struct partition_table *table);

/* For the readers of each kind of table. ERR_OK for one that is left out, too. */
enum err partition_add(struct partition_table *table, const struct disk *disk, u32 number, u64 start, u64 sectors) MUST_CHECK;
enum err partition_read_gpt(struct partition_table *table, struct disk *disk) MUST_CHECK;

#endif
