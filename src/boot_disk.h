/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Boot sectors straight from the BIOS's disks (trapeze,disk): a disk's first sectors, a partition's with its entry of
 * the partition table, the default entry of a CD's boot catalog.
 */
#ifndef TRAPEZE_BOOT_DISK_H
#define TRAPEZE_BOOT_DISK_H

#include "disk.h"
#include "error.h"
#include "manifest.h"
#include "memory.h"
#include "source.h"
#include "types.h"

#define BOOT_DISK_SECTOR 512u		/* what is loaded counts in these, whatever the disk's sectors are */
#define BOOT_DISK_ENTRY_SIZE 16u

struct boot_disk {
	struct memory *memory;
	u8 drive;			/* the BIOS's number */
	u32 partition;			/* 0: the disk itself */
	bool is_cd;			/* by its boot catalog */
	u32 sectors;			/* to be loaded; 0: what the catalog says */
	paddr_t table;			/* a partition's: the sector with its entry, known once it was read */
	u32 entry_at;
	paddr_t load;			/* by the catalog; 0: the usual place */
};

/*
 * "hd0", "fd0", "cd0" or "boot" (the drive that GRUB was loaded from, as info tells), "hd0,2" for a partition. False:
 * not understood; *drive is untouched where the name is "boot" and info NULL.
 */
bool boot_disk_parse(const char *name, const struct bootinfo *info, u8 *drive, u32 *partition);
/* A blob for an image that has `disk`; its bytes are read by source_load. Errors are logged. */
enum err boot_disk_find(struct memory *memory, const struct bootinfo *info, const struct manifest_image *image,
			struct blob *out) MUST_CHECK;
/* What is known about a blob's disk; NULL: it comes from elsewhere. */
const struct boot_disk *boot_disk_of(const struct blob *blob);

/*
 * Read what b asks for from a disk, into memory taken for it: *data and *size; b->table and b->load as described. On an
 * error, which is logged under `name`, nothing is taken.
 */
enum err boot_disk_read(struct boot_disk *b, struct disk *disk, const char *name, paddr_t *data, u64 *size) MUST_CHECK;

#endif
