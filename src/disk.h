/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A disk: numbered sectors, whatever brings them. Read only. */
#ifndef TRAPEZE_DISK_H
#define TRAPEZE_DISK_H

#include "error.h"
#include "types.h"

/* What the transfers of a disk have cost so far. */
struct disk_cost {
	u64 calls, sectors, us;
};

struct disk {
	char name[16];			/* for log and messages */
	u8 sector_shift;		/* sectors of 512 (9) to 4096 (12) bytes */
	u64 sectors;
	u32 transfer_limit;		/* sectors of one transfer at most, not 0 */
	/* One attempt. ERR_DEVICE without a log line, status and why set. */
	enum err (*transfer)(struct disk *disk, u64 lba, u32 count, void *buffer);
	void (*reset)(struct disk *disk);	/* after an attempt that failed; may be NULL */
	u32 status;			/* of what went wrong last: the device's own number, and in words (static text) */
	const char *why;
	struct disk_cost cost;
	void *ctx;
};

/* Times that a sector is asked for before the disk counts as damaged there. */
#define DISK_ATTEMPTS 3

static inline u32 disk_sector_size(const struct disk *disk)
{
	return 1u << disk->sector_shift;
}

/*
 * Read `count` sectors from `lba` on, by as few transfers as the limit allows. Where one fails its sectors are asked
 * for one by one, and several times. What stays unreadable is logged with its LBA: ERR_DEVICE. Sectors behind the end:
 * ERR_TRUNCATED, logged.
 */
enum err disk_read(struct disk *disk, u64 lba, u64 count, void *buffer) MUST_CHECK;

#endif
