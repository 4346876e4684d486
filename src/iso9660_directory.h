/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#ifndef TRAPEZE_ISO9660_DIRECTORY_H
#define TRAPEZE_ISO9660_DIRECTORY_H

#include "rock_ridge.h"
#include "volume.h"

#define ISO9660_BLOCK_SHIFT 11
#define ISO9660_BLOCK (1u << ISO9660_BLOCK_SHIFT)
#define ISO9660_RECORD_MIN 34

enum { ISO9660_DIRECTORY = 0x02, ISO9660_ASSOCIATED = 0x04, ISO9660_CONTINUES = 0x80 };

/* A directory record (ECMA-119, 9.1), copied: following it moves the volume's window. */
struct iso9660_record {
	u8 data[256];
	u8 size, flags, unit, id_size;
	u32 block;			/* where its bytes begin, behind an extended attribute record */
	u32 bytes;
	const u8 *id, *area;		/* in data; the system use area */
	u32 area_size;
};

struct iso9660_walk {
	u32 block, size, at;
};

/* A directory's records one by one. Size 0: its own "." tells. */
enum err iso9660_open_directory(struct volume *volume, u32 block, u32 size, struct iso9660_walk *walk) MUST_CHECK;
/* ERR_NOT_FOUND at the end, without a log line. */
enum err iso9660_next(struct volume *volume, struct iso9660_walk *walk, struct iso9660_record *record) MUST_CHECK;

/* struct filesystem's find. */
enum err iso9660_find(struct volume *volume, const char *path, struct file *file) MUST_CHECK;

#endif
