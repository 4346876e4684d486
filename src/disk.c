/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "disk.h"

#include "arch.h"
#include "log.h"

static enum err transfer(struct disk *disk, u64 lba, u32 count, void *buffer)
{
	u64 start = arch_time_us();
	enum err err = disk->transfer(disk, lba, count, buffer);

	disk->cost.us += arch_time_us() - start;
	disk->cost.calls++;
	if (!err)
		disk->cost.sectors += count;
	else if (disk->reset)
		disk->reset(disk);
	return err;
}

static enum err read_sector(struct disk *disk, u64 lba, void *buffer)
{
	u32 attempts = 1;

	while (transfer(disk, lba, 1, buffer)) {
		if (attempts++ == DISK_ATTEMPTS) {
			log_err("disk", "%s: cannot be read: %s lba=%llu status=0x%x attempts=%u", disk->name,
				disk->why, lba, disk->status, DISK_ATTEMPTS);
			return ERR_DEVICE;
		}
	}
	if (attempts > 1)
		log_warn("disk", "%s: read at last: %s lba=%llu status=0x%x attempts=%u", disk->name, disk->why, lba,
			 disk->status, attempts);
	return ERR_OK;
}

/* After a transfer of many has failed: all that can be read is, and what cannot is known by its number. */
static enum err read_singly(struct disk *disk, u64 lba, u32 count, u8 *buffer)
{
	enum err err = ERR_OK;

	log_warn("disk", "%s: transfer failed: %s lba=%llu sectors=%u status=0x%x; now one by one", disk->name,
		 disk->why, lba, count, disk->status);
	for (u32 i = 0; i < count && !err; i++)
		err = read_sector(disk, lba + i, buffer + ((size_t)i << disk->sector_shift));
	return err;
}

enum err disk_read(struct disk *disk, u64 lba, u64 count, void *buffer)
{
	u8 *to = buffer;
	enum err err = ERR_OK;

	if (lba > disk->sectors || count > disk->sectors - lba) {
		log_err("disk", "%s: behind the end: lba=%llu sectors=%llu, the disk has %llu", disk->name, lba, count,
			disk->sectors);
		return ERR_TRUNCATED;
	}
	while (count && !err) {
		u32 step = (u32)min_u64(count, disk->transfer_limit);

		if (transfer(disk, lba, step, to))
			err = read_singly(disk, lba, step, to);
		lba += step;
		count -= step;
		to += (size_t)step << disk->sector_shift;
	}
	return err;
}
