/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * FAT12, FAT16 and FAT32 with long names, read only. Source: Microsoft Extensible Firmware Initiative FAT32 File System
 * Specification 1.03.
 */
#ifndef TRAPEZE_FAT_H
#define TRAPEZE_FAT_H

#include "types.h"

/* What the boot sector says, checked. Offsets in bytes. */
struct fat {
	u8 bits;			/* of an entry of the table: 12, 16, 32 */
	u8 cluster_shift;
	u64 table;
	u64 root;			/* FAT12, FAT16: a fixed place */
	u32 root_size;
	u32 root_cluster;		/* FAT32: a chain */
	u64 data;			/* of cluster 2 */
	u32 cluster_end;		/* one past the highest number */
};

#endif
